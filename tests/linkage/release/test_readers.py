"""What analysts read a release with: all see the same values, types and statuses; hidden is missing, never 0."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import duckdb
import frictionless
import pandas as pd
import polars as pl
import pytest
from jsonschema import Draft202012Validator
from pyarrow import parquet

from linkage.release.csv_files import columns_of, values_of
from linkage.release.release_files import Formats, write_release
from schemas.table_columns import TABLE_COLUMNS, Kind
from tests.linkage.release.examples import CHECKS, FACTS, agreement, every_table

NAMES = sorted(TABLE_COLUMNS)
FORMATS = ("csv", "parquet")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("release")
    write_release(out, every_table(), agreement(), FACTS, Formats(workbook=True, parquet=True), checks=CHECKS)
    return out


def released(name: str) -> list[dict[str, object]]:
    """The rows of a table as they were released."""
    columns = [column.name for column in columns_of(every_table()[name])]
    return [dict(zip(columns, row, strict=True)) for row in values_of(every_table()[name])]


def counts(name: str) -> list[str]:
    return [column.name for column in columns_of(every_table()[name]) if column.kind is Kind.COUNT]


def test_something_is_hidden_in_the_examples() -> None:
    assert any(row["people"] is None for row in released("set_pathway"))


@pytest.mark.parametrize("name", NAMES)
def test_each_row_is_as_the_table_s_schema_says(folder: Path, name: str) -> None:
    validator = Draft202012Validator(json.loads((folder / "tables" / f"{name}.schema.json").read_text("utf-8")))
    assert [error.message for row in released(name) for error in validator.iter_errors(row)] == []


@pytest.mark.parametrize("name", NAMES)
def test_parquet_has_the_columns_the_values_and_the_types_of_csv(folder: Path, name: str) -> None:
    file = parquet.read_table(folder / "tables" / f"{name}.parquet")
    assert file.to_pylist() == released(name)
    of = {Kind.TEXT: "string", Kind.COUNT: "int64", Kind.WHOLE: "int64"}
    types = {column.name: of.get(column.kind, "double") for column in columns_of(every_table()[name])}
    assert {field.name: str(field.type) for field in file.schema} == types


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", FORMATS)
def test_pandas_reads_it(folder: Path, name: str, kind: str) -> None:
    path = folder / "tables" / f"{name}.{kind}"
    frame = pd.read_csv(path, dtype_backend="numpy_nullable") if kind == "csv" else pd.read_parquet(path)
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    assert rows == released(name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", FORMATS)
def test_duckdb_reads_it(folder: Path, name: str, kind: str) -> None:
    with duckdb.connect() as database:
        found = database.execute(f"select * from '{folder}/tables/{name}.{kind}'")  # noqa: S608 (our own names)
        columns = [column[0] for column in found.description]
        types = dict(zip(columns, (str(column[1]) for column in found.description), strict=True))
        rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
    assert rows == released(name)
    with_numbers = [one for one in counts(name) if any(row[one] is not None for row in rows)]
    assert {types[one] for one in with_numbers} <= {"BIGINT", "NUMBER"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", FORMATS)
def test_polars_reads_it(folder: Path, name: str, kind: str) -> None:
    path = folder / "tables" / f"{name}.{kind}"
    frame = pl.read_csv(path, infer_schema_length=None) if kind == "csv" else pl.read_parquet(path)
    assert frame.to_dicts() == released(name)


R_SCRIPT = """
folder <- commandArgs(TRUE)[1]
for (path in list.files(folder, "[.]csv$", full.names = TRUE)) {
  table <- read.csv(path, na.strings = "", check.names = FALSE, fileEncoding = "UTF-8")
  for (name in names(table)) {
    cat(sub("[.]csv$", "", basename(path)), name, class(table[[name]]), nrow(table), sum(is.na(table[[name]])),
        if (is.numeric(table[[name]])) format(sum(table[[name]], na.rm = TRUE), digits = 15) else "", sep = "|")
    cat("\\n")
  }
}
"""


def test_base_r_reads_it(folder: Path, tmp_path: Path) -> None:
    if shutil.which("Rscript") is None and os.environ.get("CI") != "true":
        pytest.skip("R is not installed")
    (tmp_path / "read.R").write_text(R_SCRIPT)
    ran = subprocess.run(
        ["Rscript", "--vanilla", tmp_path / "read.R", folder / "tables"],
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    assert ran.returncode == 0, ran.stderr
    seen = {tuple(line.split("|")[:2]): line.split("|")[2:] for line in ran.stdout.splitlines()}
    for name in NAMES:
        for column in columns_of(every_table()[name]):
            values = [row[column.name] for row in released(name)]
            kind, rows, missing, total = seen[name, column.name]
            assert (int(rows), int(missing)) == (len(values), values.count(None))
            numbers = [value for value in values if isinstance(value, int | float)]
            if column.kind is Kind.COUNT and numbers:
                assert kind == "integer"
            if numbers:
                assert float(total) == pytest.approx(sum(numbers))
            if column.kind is Kind.TEXT:
                assert kind == "character"


def test_frictionless_finds_the_package_valid(folder: Path) -> None:
    report = frictionless.validate(folder / "datapackage.json")
    assert report.valid, report.flatten(["title", "note"])
    assert len(report.tasks) == len(NAMES)


def test_frictionless_notices_a_changed_file(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "copy")
    path = tmp_path / "copy" / "tables" / "first_touch.csv"
    path.write_bytes(path.read_bytes().replace(b",ok,", b",fine,", 1))
    assert not frictionless.validate(tmp_path / "copy" / "datapackage.json").valid


def test_a_workbook_has_a_sheet_a_table_with_marks_in_place_of_hidden_numbers(folder: Path) -> None:
    sheets = pd.read_excel(folder / "workbook.xlsx", sheet_name=None, engine="calamine", keep_default_na=False)
    assert list(sheets) == ["read me", *every_table()]
    sets = sheets["set_pathway"].set_index("states")["people"]
    for row in released("set_pathway"):
        assert sets[row["states"]] == ("[c]" if row["people"] is None else row["people"])
    assert "*" not in str(sheets)


def test_a_workbook_runs_no_name_as_a_formula(tmp_path: Path) -> None:
    from linkage.release.workbook import workbook_bytes
    from schemas import Cell
    from tests.linkage.release.examples import table

    risky = table("first_touch", [(("=1+1",), (Cell(20),)), (("http://x",), (Cell(20),))])
    (tmp_path / "book.xlsx").write_bytes(workbook_bytes({"first_touch": risky}, [("purpose", "=2+2")]))
    shutil.unpack_archive(tmp_path / "book.xlsx", tmp_path / "open", "zip")
    text = "".join(path.read_text("utf-8") for path in (tmp_path / "open").rglob("*.xml"))
    assert "<f>" not in text
    assert "hyperlink" not in text
