"""The comparison on broken files: what an ending is called, and that its figures are of today's fixtures."""

import json
from pathlib import Path

import pytest

from benchmarks.broken_files import Did, Ending, judge, lists_of_clients, table

ROOT = Path(__file__).parents[2]
FIGURES = json.loads((ROOT / "benchmarks/results/broken_files.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("ending", "did"),
    [
        (Ending(None, "", None), Did.HUNG),
        (Ending(1, "Traceback (most recent call last):\n  File", None), Did.BROKE),
        (Ending(0, "Encoding failed.", None), Did.NOTHING),
        (Ending(0, "", 6), Did.ENCODED),
        (Ending(3, "clients.csv, row 8: the row has not as many cells", None), Did.PLACED),
        (Ending(3, "column 'sex' is not there", None), Did.PLACED),
        (Ending(3, "this is no text", None), Did.REFUSED),
    ],
)
def test_an_ending_is_called_by_one_rule(ending, did):
    assert judge(ending).did is did


def test_a_person_s_value_is_seen():
    assert judge(Ending(1, "bad date for quillfeather", None)).shows_people
    assert not judge(Ending(1, "bad date in row 2", None)).shows_people


def test_the_figures_are_of_today_s_fixtures_and_the_page_of_the_figures():
    assert [one["file"] for one in FIGURES["files"]] == [case.what for case in lists_of_clients()]
    assert (ROOT / "docs/broken-files.md").read_text(encoding="utf-8") == table(FIGURES)


def test_waylink_encodes_no_broken_file_and_every_odd_one():
    for one in FIGURES["files"]:
        ours = one["waylink"]
        assert (ours["did"] == Did.ENCODED) is not one["broken"], one["file"]
        assert not ours["shows_people"], one["file"]
