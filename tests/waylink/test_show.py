"""`waylink show`: every table at the terminal, after the release was found whole."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from linkage.errors import BadInput
from linkage.release.release_files import write_release
from schemas.errors import BrokenFile
from tests.conftest import ROOT, waylink
from tests.linkage.release.examples import CHECKS, FACTS, agreement, every_table
from waylink.show import show_tables

EXAMPLE = ROOT / "examples" / "release"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("release")
    write_release(out, every_table(), agreement(), FACTS, checks=CHECKS)
    return out


@pytest.mark.parametrize("name", every_table())
def test_every_table_is_shown_without_a_cut_name_or_number(folder: Path, name: str) -> None:
    text = show_tables(folder, [name], width=140)
    assert text.startswith(f"{name}: ")
    assert "…" not in text.replace(">…", "")
    assert max(len(line) for line in text.splitlines()) <= 140


def test_a_hidden_number_is_a_mark(folder: Path) -> None:
    assert "[c]" in show_tables(folder, ["set_pathway"])


def test_low_and_high_are_shown_when_asked_for(folder: Path) -> None:
    assert "(690–720)" in show_tables(folder, ["first_touch"], ranges=True)  # noqa: RUF001
    assert "690" not in show_tables(folder, ["first_touch"])


def test_a_table_that_is_not_there_is_named_with_those_that_are(folder: Path) -> None:
    with pytest.raises(BadInput, match="first_touch"):
        show_tables(folder, ["no_such"])


def test_a_changed_release_is_not_shown(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    path = tmp_path / "copy" / "tables" / "first_touch.csv"
    path.write_bytes(path.read_bytes().replace(b"709", b"809"))
    with pytest.raises(BrokenFile):
        show_tables(tmp_path / "copy")


def test_the_command_shows_the_example() -> None:
    shown = waylink("show", EXAMPLE, "first_touch")
    assert shown.returncode == 0, shown.stderr
    assert "shelter" in shown.stdout
    assert "1,016" in shown.stdout
