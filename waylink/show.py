"""A released table at the terminal, as its CSV file has it."""

from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.table import Table

from schemas.tables import SHOWN_TO_PEOPLE, Status

_STATUS = "_status"  # the column beside each measure's


def show_table(release: Path, name: str) -> str:
    """One table of a release as text, with `[c]` where a number is hidden."""
    with (release / "tables" / f"{name}.csv").open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        rows, header = list(reader), list(reader.fieldnames or [])
    columns = [column for column in header if not column.endswith(_STATUS)]
    listed = json.loads((release / "manifest.json").read_text("utf-8"))["tables"]
    table = Table(title=next(entry["title"] for entry in listed if entry["name"] == name), title_justify="left")
    for column in columns:
        table.add_column(column.replace("_", " "), justify="right" if column + _STATUS in header else "left")
    for row in rows:
        table.add_row(*(_cell(row, column) for column in columns))
    text = StringIO()
    Console(file=text, width=100, markup=False).print(table)
    return text.getvalue()


def _cell(row: dict[str, str], column: str) -> str:
    status = Status(row.get(column + _STATUS) or Status.OK)
    return row[column] if status is Status.OK else SHOWN_TO_PEOPLE[status]
