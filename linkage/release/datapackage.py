"""`datapackage.json`: the CSV files of a release in the words of Frictionless Data (Data Package 1 and 2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from linkage.release.csv_files import columns_of
from schemas import Agreement, ReleaseTable, Status
from schemas.digest import sha256_of
from schemas.table_columns import STATUS, TABLE_COLUMNS, FileColumn, Kind

_TYPES = {Kind.TEXT: "string", Kind.WHOLE: "integer", Kind.COUNT: "integer"}


def data_package(
    tables: Mapping[str, ReleaseTable], agreement: Agreement, csv_files: Mapping[str, bytes]
) -> dict[str, Any]:
    """The package as JSON values.

    Args:
        tables: by name.
        agreement: what was approved.
        csv_files: each table's CSV file by its path in the release, in the order of the tables.
    """
    return {
        "profile": "tabular-data-package",
        "name": re.sub(r"[^a-z0-9]+", "-", agreement.project.lower()).strip("-") or "release",
        "title": agreement.project,
        "description": agreement.purpose,
        "version": agreement.run,
        "resources": [
            _resource(table, path, data) for table, (path, data) in zip(tables.values(), csv_files.items(), strict=True)
        ],
    }


def _resource(table: ReleaseTable, path: str, data: bytes) -> dict[str, Any]:
    keys = [key.name for key in TABLE_COLUMNS[table.name].keys]
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "title": TABLE_COLUMNS[table.name].title,
        "path": path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(data),
        "hash": f"sha256:{sha256_of(data)}",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True},
        "schema": {
            "fields": [_field(column, keys) for column in columns_of(table)],
            "missingValues": [""],
            "primaryKey": keys,
        },
    }


def _field(column: FileColumn, keys: list[str]) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": _TYPES.get(column.kind, "number"),
        "description": column.says,
    }
    if column.part == STATUS:
        field["constraints"] = {"required": True, "enum": [status.value for status in Status]}
    elif column.name in keys and column.kind is Kind.TEXT:
        field["constraints"] = {"required": True}
    return field
