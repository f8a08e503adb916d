"""The JSON Schema of a released table's rows, made from its columns.

`schemas/json/tables/*.schema.json` are these, written down so that a change of the contract is seen in review;
`python -m tests.schemas.test_table_schemas` writes them anew.
"""

from __future__ import annotations

from typing import Any

from schemas.table_columns import STATUS, TABLE_COLUMNS, FileColumn, Kind, file_columns
from schemas.tables import WITH_VALUE, Status

TABLES_VERSION = "1"
"""Version of the tables' columns: in the id of every schema."""

_TYPES = {Kind.TEXT: "string", Kind.WHOLE: "integer", Kind.COUNT: "integer"}
_NEVER_NEGATIVE = frozenset({Kind.WHOLE, Kind.COUNT, Kind.DAYS, Kind.ESTIMATE})  # noise may take a share anywhere


def schema_id(name: str) -> str:
    """The id of a table's schema: a name, not an address."""
    return f"urn:waylink:table:{name}:{TABLES_VERSION}"


def row_schema(name: str) -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one row of a table, as an object by column; an empty cell is null.

    Args:
        name: of the table.
    """
    columns = list(file_columns(name))
    keys = [key.name for key in TABLE_COLUMNS[name].keys]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": schema_id(name),
        "title": TABLE_COLUMNS[name].title,
        "description": "One row. The keys together are there once; a number is null where its status says so.",
        "type": "object",
        "additionalProperties": False,
        "required": [column.name for column in columns if not column.optional],
        "properties": {column.name: _property(column, is_key=column.name in keys) for column in columns},
        "allOf": [_value_as_status_says(measure.name) for measure in TABLE_COLUMNS[name].measures],
    }


def _property(column: FileColumn, *, is_key: bool) -> dict[str, Any]:
    if column.part == STATUS:
        return {"description": column.says, "enum": [status.value for status in Status]}
    kind = _TYPES.get(column.kind, "number")
    if is_key and column.kind is Kind.TEXT:
        return {"description": column.says, "type": kind, "minLength": 1}
    least = {"minimum": 0} if column.kind in _NEVER_NEGATIVE else {}
    return {"description": column.says, "type": [kind, "null"], **least}


def _value_as_status_says(measure: str) -> dict[str, Any]:
    """A value is there exactly where the status is one that has a value."""
    shown = {"enum": sorted(status.value for status in WITH_VALUE)}
    return {
        "if": {"required": [measure], "properties": {measure: {"type": "null"}}},
        "then": {"properties": {f"{measure}{STATUS}": {"not": shown}}},
        "else": {"properties": {f"{measure}{STATUS}": shown}},
    }
