"""A release is read back only when every file of it is what its manifest says."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from linkage import read_release
from linkage.release.release_files import Formats, write_release
from schemas.errors import BrokenFile, FileMissing
from tests.linkage.release.examples import CHECKS, FACTS, agreement, every_table


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tables = {name: every_table()[name] for name in ("set_pathway", "contains_path", "dwell")}
    write_release(tmp_path, tables, agreement(), FACTS, Formats(excel=True), checks=CHECKS)
    return tmp_path


def test_tables_come_as_frames_with_types(folder: Path) -> None:
    release = read_release(folder)
    assert list(release.tables) == ["set_pathway", "contains_path", "dwell"]
    paths = release.tables["contains_path"]
    assert paths["within_days"].dtype == "Int64"
    assert paths["people"].tolist()[0] == 214
    assert pd.isna(paths["people"].iloc[1])
    assert paths["people_status"].tolist() == ["ok", "suppressed"]
    assert paths["share"].dtype == "Float64"
    assert release.manifest["agreement"]["digest"] == agreement().digest


def test_a_hidden_number_stays_hidden_in_sums(folder: Path) -> None:
    sets = read_release(folder).tables["set_pathway"]
    shown = [cells[0].value for _, cells in every_table()["set_pathway"].rows if cells[0].value is not None]
    assert sets["people"].sum() == sum(shown)
    assert sets["people"].isna().sum() == len(sets) - len(shown) > 0


@pytest.mark.parametrize("name", ["tables/dwell.csv", "report.html", "charts/dwell.svg"])
def test_a_changed_file_is_found(folder: Path, name: str) -> None:
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    with pytest.raises(BrokenFile, match="not as its manifest says"):
        read_release(folder)


def test_a_missing_file_is_found(folder: Path) -> None:
    (folder / "report.html").unlink()
    with pytest.raises(FileMissing):
        read_release(folder)


def test_a_folder_that_is_no_release_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileMissing, match=r"manifest\.json"):
        read_release(tmp_path)


def change(folder: Path, **changed: object) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    (folder / "manifest.json").write_text(json.dumps(manifest | changed), "utf-8")


def test_a_manifest_of_another_form_is_refused(folder: Path) -> None:
    change(folder, format_version="1")
    with pytest.raises(BrokenFile, match="this waylink reads"):
        read_release(folder)


@pytest.mark.parametrize("name", ["../outside", "/etc/hostname", "a/../../b", "..\\outside"])
def test_no_file_outside_the_folder_is_read(folder: Path, name: str) -> None:
    change(folder, files={name: {"sha256": "0" * 64, "bytes": 1}})
    with pytest.raises(BrokenFile, match="outside"):
        read_release(folder)


def test_a_table_that_no_digest_covers_is_refused(folder: Path) -> None:
    files = json.loads((folder / "manifest.json").read_text("utf-8"))["files"]
    del files["tables/dwell.csv"]
    change(folder, files=files)
    with pytest.raises(BrokenFile, match="does not list"):
        read_release(folder)


def test_files_that_somebody_put_beside_it_do_not_matter(folder: Path) -> None:
    (folder / "notes.txt").write_text("mine")
    assert len(read_release(folder).tables) == 3
