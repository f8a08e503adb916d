"""The files of a release: whole, harmless, equal for equal inputs, and with nothing in them that was hidden."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from linkage.errors import BadInput
from linkage.release.release_files import Formats, write_release
from schemas import Cell, ReleaseTable
from schemas.digest import sha256_of_file
from schemas.tables import HIDDEN
from tests.linkage.release.examples import CHECKS, FACTS, agreement, every_table, table

EVERYTHING = Formats(excel=True, workbook=True, parquet=True)


def release(folder: Path, formats: Formats = EVERYTHING, **facts: object) -> dict[str, Any]:
    folder.mkdir(exist_ok=True)
    write_release(folder, every_table(), agreement(), {**FACTS, **facts}, formats, checks=CHECKS)
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def test_the_manifest_lists_every_other_file_with_its_digest_and_size(tmp_path: Path) -> None:
    listed = release(tmp_path)["files"]
    there = {path.relative_to(tmp_path).as_posix(): path for path in tmp_path.rglob("*.*")}
    assert set(listed) == set(there) - {"manifest.json"}
    for name, entry in listed.items():
        assert entry == {"sha256": sha256_of_file(there[name]), "bytes": there[name].stat().st_size}


@pytest.mark.parametrize("formats", [EVERYTHING, Formats(parquet=False)])
def test_the_manifest_is_as_its_schema_says(tmp_path: Path, formats: Formats) -> None:
    schema = json.loads((resources.files("schemas") / "json" / "manifest.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(release(tmp_path, formats))


def test_the_manifest_says_what_was_not_checked(tmp_path: Path) -> None:
    assert release(tmp_path)["not_checked"] == CHECKS.not_checked


def test_the_manifest_says_under_which_agreement_and_run(tmp_path: Path) -> None:
    manifest = release(tmp_path)
    assert manifest["agreement"]["digest"] == agreement().digest
    assert manifest["facts"]["run_digest"] == FACTS["run_digest"]


def test_facts_of_the_caller_are_repeated(tmp_path: Path) -> None:
    assert release(tmp_path, released="2025-01-01")["facts"]["released"] == "2025-01-01"


def test_members_and_approvals_have_places_of_their_own(tmp_path: Path) -> None:
    members = [{"name": "clinic", "records": "1,000-4,999", "as_of": "2025-01-02"}]
    manifest = release(tmp_path, members=members, approvals=[{"seat": "clinic", "of": "agreement"}])
    assert manifest["members"] == members
    assert manifest["approvals"] == [{"seat": "clinic", "of": "agreement"}]
    assert not {"members", "approvals", "warnings"} & manifest["facts"].keys()


@pytest.mark.parametrize(("people", "told"), [(480, "100-499"), (498, None), (489, None), (488, "100-499")])
def test_a_band_that_ends_right_over_a_shown_number_is_not_told(tmp_path: Path, people: int, told: str | None) -> None:
    """498 people and a list of 100 to 499 records: at most one doubled record, which is a small count."""
    none = Cell(None, status=every_table()["unduplicated"].rows[0][1][3].status)
    tables = {"unduplicated": table("unduplicated", [(("clinic",), (HIDDEN, Cell(people), HIDDEN, none, none))])}
    facts = FACTS | {"members": [{"name": "clinic", "records": "100-499"}]}
    write_release(tmp_path, tables, agreement(), facts, checks=CHECKS)
    assert json.loads((tmp_path / "manifest.json").read_text())["members"][0]["records"] == told


def test_equal_inputs_give_equal_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    release(first), release(second)
    for path in first.rglob("*.*"):
        assert path.read_bytes() == (second / path.relative_to(first)).read_bytes()


def test_a_release_needs_to_know_its_run(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="run_digest"):
        write_release(tmp_path, every_table(), agreement(), {"waylink_version": "1"}, checks=CHECKS)


def test_a_table_with_other_columns_than_its_contract_is_refused(tmp_path: Path) -> None:
    other = ReleaseTable("first_touch", "t", ("state",), ("women",), [(("a",), (Cell(20),))])
    with pytest.raises(BadInput, match="women"):
        write_release(tmp_path, {"first_touch": other}, agreement(), FACTS, checks=CHECKS)
    assert list(tmp_path.iterdir()) == []


def test_every_table_has_its_schema_beside_it(tmp_path: Path) -> None:
    for entry in release(tmp_path)["tables"]:
        schema = json.loads((tmp_path / entry["schema"]["file"]).read_text(encoding="utf-8"))
        assert schema["$id"] == entry["schema"]["id"]


def test_files_that_were_not_asked_for_are_not_written(tmp_path: Path) -> None:
    manifest = release(tmp_path, Formats(parquet=False))
    assert not [name for name in manifest["files"] if name.endswith((".parquet", ".xlsx"))]
    assert all(entry["parquet"] is None for entry in manifest["tables"])


def test_only_excel_gets_a_byte_order_mark(tmp_path: Path) -> None:
    release(tmp_path / "excel"), release(tmp_path / "plain", Formats())
    for path in (tmp_path / "excel" / "tables").glob("*.csv"):
        plain = (tmp_path / "plain" / "tables" / path.name).read_bytes()
        assert path.read_bytes() == b"\xef\xbb\xbf" + plain


def test_a_table_without_rows_is_a_release_too(tmp_path: Path) -> None:
    empty = {name: ReleaseTable(one.name, one.title, one.keys, one.measures, []) for name, one in every_table().items()}
    write_release(tmp_path, empty, agreement(), FACTS, EVERYTHING, checks=CHECKS)
    assert not (tmp_path / "charts").exists()
    assert len(list((tmp_path / "tables").glob("*.parquet"))) == len(empty)


def test_a_release_without_parquet_needs_no_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linkage.release.parquet_files.find_spec", lambda _: None)
    assert not [name for name in release(tmp_path, Formats())["files"] if name.endswith(".parquet")]


def test_a_workbook_without_its_library_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linkage.release.workbook.find_spec", lambda _: None)
    with pytest.raises(BadInput, match=r"waylink\[excel\]"):
        release(tmp_path, Formats(workbook=True))
