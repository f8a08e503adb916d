"""The contract of the released tables: complete, and written down as it is.

python -m tests.schemas.test_table_schemas     writes schemas/json/tables/ anew
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from schemas import Cell, ReleaseTable
from schemas.table_columns import TABLE_COLUMNS, file_columns, shape_faults
from schemas.table_schema import row_schema
from schemas.tables import HIDDEN, TABLE_LEVELS

FOLDER = Path(__file__).parents[2] / "schemas" / "json" / "tables"


def as_text(name: str) -> str:
    return json.dumps(row_schema(name), indent=2, ensure_ascii=False) + "\n"


def test_every_table_has_columns():
    assert set(TABLE_LEVELS) <= set(TABLE_COLUMNS)


@pytest.mark.parametrize("name", TABLE_COLUMNS)
def test_a_schema_is_written_down_as_it_is(name: str):
    assert (FOLDER / f"{name}.schema.json").read_text("utf-8") == as_text(name)


def test_nothing_else_is_written_down():
    assert {path.name for path in FOLDER.iterdir()} == {f"{name}.schema.json" for name in TABLE_COLUMNS}


@pytest.mark.parametrize("name", TABLE_COLUMNS)
def test_a_schema_is_one_and_names_no_column_twice(name: str):
    Draft202012Validator.check_schema(row_schema(name))
    names = [column.name for column in file_columns(name)]
    assert len(names) == len(set(names))


ROW = {"state": "a", "people": 12, "people_status": "ok", "people_low": 10, "people_high": 20}


@pytest.mark.parametrize(
    ("changed", "valid"),
    [
        ({}, True),
        ({"people_low": None, "people_high": None}, True),
        ({"people": None, "people_status": "suppressed", "people_low": None, "people_high": None}, True),
        ({"people": None}, False),
        ({"people_status": "suppressed"}, False),
        ({"people": 1.5}, False),
        ({"people": -1}, False),
        ({"state": ""}, False),
        ({"people_status": "*"}, False),
        ({"more": 1}, False),
    ],
)
def test_a_row_is_refused_where_value_and_status_do_not_agree(changed: dict[str, object], valid: bool):
    assert Draft202012Validator(row_schema("first_touch")).is_valid(ROW | changed) is valid


def table(keys: tuple[str, ...], measures: tuple[str, ...], name: str = "set_pathway") -> ReleaseTable:
    cells = tuple(Cell(20) if at == 0 else HIDDEN for at, _ in enumerate(measures))
    return ReleaseTable(name, "t", keys, measures, [(keys, cells)])


ESTIMATES = ("estimate", "estimate_low", "estimate_high")


@pytest.mark.parametrize(
    ("given", "fits"),
    [
        (table(("states",), ("people",)), True),
        (table(("states",), ("people", *ESTIMATES)), True),
        (table(("states",), (*ESTIMATES, "people")), False),
        (table(("states",), ESTIMATES), False),
        (table(("pathway",), ("people",)), False),
        (table(("states",), ("people", "women")), False),
        (table(("states",), ("people",), "no_such_table"), False),
    ],
)
def test_a_table_has_the_columns_of_its_contract_in_their_order(given: ReleaseTable, fits: bool):
    assert (shape_faults(given) == []) is fits


def test_a_share_is_no_count():
    given = ReleaseTable("set_pathway", "t", ("states",), ("people", *ESTIMATES), [], frozenset({"estimate"}))
    assert shape_faults(given) == ["estimate of set_pathway is no count"]


if __name__ == "__main__":
    for one in TABLE_COLUMNS:
        (FOLDER / f"{one}.schema.json").write_text(as_text(one), "utf-8")
