"""The files of a release: whole, harmless, equal for equal inputs, and with nothing in them that was hidden."""

from __future__ import annotations

import csv
import io
import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from linkage.disclosure.protect import NOT_CHECKED, protect
from linkage.errors import BadInput
from linkage.release.release_files import csv_bytes, write_release
from schemas import Agreement, Cell, ReleaseTable
from schemas.agreement import parse_agreement
from schemas.digest import sha256_of_file
from schemas.tables import HIDDEN, TABLE_LEVELS
from tests.linkage.disclosure.made import counted

FACTS = {"waylink_version": "1.2.3", "run_digest": "ab" * 32, "warnings": ["Few records of b have a birth date."]}


def agreement(project: str = "p") -> Agreement:
    return parse_agreement(
        f'project = {json.dumps(project)}\npurpose = "q"\nmembers = ["a", "b"]\ndata_level = "period"\n'
        f'period = "month"\nwindow_start = 2023-01-01\ntables = {json.dumps(list(TABLE_LEVELS))}'
    )


def tables() -> dict[str, ReleaseTable]:
    raw = counted({"a": 50, "a>b": 77, "b>a": 8, "b": 60}, tuple(TABLE_LEVELS), members=2, doubled=15)
    return dict(protect(raw, agreement()).tables)


def release(folder: Path, **facts: object) -> dict[str, Any]:
    folder.mkdir(exist_ok=True)
    write_release(folder, tables(), agreement(), {**FACTS, **facts})
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def table(text: str) -> ReleaseTable:
    return ReleaseTable("set_pathway", "t", ("states",), ("people", "share"), [((text,), (HIDDEN, Cell(0.5)))])


def test_the_manifest_lists_every_other_file_with_its_digest_and_size(tmp_path: Path) -> None:
    listed = release(tmp_path)["files"]
    there = {path.relative_to(tmp_path).as_posix(): path for path in tmp_path.rglob("*.*")}
    assert set(listed) == set(there) - {"manifest.json"}
    for name, entry in listed.items():
        assert entry == {"sha256": sha256_of_file(there[name]), "bytes": there[name].stat().st_size}


def test_the_manifest_is_as_its_schema_says(tmp_path: Path) -> None:
    schema = json.loads((resources.files("schemas") / "json" / "manifest.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(release(tmp_path))


def test_the_manifest_says_what_was_not_checked(tmp_path: Path) -> None:
    assert release(tmp_path)["not_checked"] == list(NOT_CHECKED)


def test_the_manifest_says_under_which_agreement_and_run(tmp_path: Path) -> None:
    manifest = release(tmp_path)
    assert manifest["agreement"]["digest"] == agreement().digest
    assert manifest["facts"]["run_digest"] == FACTS["run_digest"]


def test_facts_of_the_caller_are_repeated(tmp_path: Path) -> None:
    assert release(tmp_path, released="2025-01-01")["facts"]["released"] == "2025-01-01"


def test_equal_inputs_give_equal_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    release(first), release(second)
    for path in first.rglob("*.*"):
        assert path.read_bytes() == (second / path.relative_to(first)).read_bytes()


def test_a_release_needs_to_know_its_run(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="run_digest"):
        write_release(tmp_path, tables(), agreement(), {"waylink_version": "1"})


def test_a_table_is_read_back_as_it_was_released(tmp_path: Path) -> None:
    columns = release(tmp_path)["tables"][2]["columns"]
    with (tmp_path / "tables" / "overlap_pairs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == columns
    assert (rows[0]["a"], rows[0]["b"], rows[0]["people"], rows[0]["people_status"]) == ("a", "b", "85", "ok")


def test_a_hidden_cell_is_empty_and_its_status_says_so() -> None:
    assert (
        csv_bytes(table("x")).decode() == "states,people,people_status,share,share_status\r\nx,,suppressed,0.5,ok\r\n"
    )


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_a_spreadsheet_would_run_is_defused(start: str) -> None:
    rows = list(csv.reader(io.StringIO(csv_bytes(table(f"{start}1+1")).decode(), newline="")))
    assert rows[1][0] == f"'{start}1+1"


def test_a_comma_or_a_quote_in_a_name_stays_in_its_cell() -> None:
    rows = list(csv.reader(io.StringIO(csv_bytes(table('a,"b"\nc')).decode(), newline="")))
    assert rows[1][0] == 'a,"b"\nc'


def test_a_pathway_that_was_rolled_up_is_named_nowhere(tmp_path: Path) -> None:
    release(tmp_path)
    for path in tmp_path.rglob("*.*"):
        assert "b>a" not in path.read_text(encoding="utf-8").replace("&gt;", ">")


def test_the_report_has_every_published_number(tmp_path: Path) -> None:
    release(tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for shown in tables().values():
        for _, cells in shown.rows:
            assert all(f">{cell.value:,}<" in page for cell in cells if isinstance(cell.value, int))


def test_the_report_runs_nothing_and_loads_nothing(tmp_path: Path) -> None:
    release(tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not [
        mark for mark in ("<script", "http:", "https:", "<link", "<img", "@import", " on") if f"{mark}=" in page
    ]
    assert "<script" not in page
    assert "//" not in page


def test_a_project_that_looks_like_markup_stays_text(tmp_path: Path) -> None:
    write_release(tmp_path, tables(), agreement("<script>alert(1)</script>"), FACTS)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_report_says_what_is_not_promised(tmp_path: Path) -> None:
    release(tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert all(sentence in page for sentence in NOT_CHECKED)


def test_without_sets_there_is_no_chart(tmp_path: Path) -> None:
    write_release(tmp_path, {"unduplicated": tables()["unduplicated"]}, agreement(), FACTS)
    assert not (tmp_path / "charts").exists()
