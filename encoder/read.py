"""A CSV file -> a table of text, with the row numbers that Excel shows.

Reads UTF-8 with or without a byte order mark; commas, semicolons, tabs or pipes (found from the header); quoted
delimiters and newlines; any line end. Every cell stays text, as it is written.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from encoder import problems as rules
from encoder.cleaning.dates import looks_like_a_date
from encoder.errors import InputMissing
from encoder.fields import known_field
from encoder.problems import Problems

_DELIMITERS = ",;\t|"
_HEADER_ROW = 1  # Excel's number of the first row
_LONGEST_HEADER = 1 << 16  # characters looked at to find the delimiter
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_MOST_IN_A_CELL = 1 << 30  # csv's own limit of 131,072 characters would stop at a long note in a column that stays


@dataclass(frozen=True, eq=False)
class Table:
    """A file as text.

    Attributes:
        name: the file's name, without its folder.
        columns: each column's cells, n of them, under its own header (stripped), in the file's order. Lists and no data
            frame: a command that encodes has no other use for pandas, and importing it takes as long as encoding.
        rows: int64 (n,); the number of each record as Excel shows it (header 1, next record 2), counted by record.
    """

    name: str
    columns: Mapping[str, list[str]]
    rows: NDArray[np.int64]

    @property
    def headers(self) -> list[str]:
        """The columns' names, in the file's order."""
        return list(self.columns)

    def column(self, header: str) -> list[str]:
        """One column's cells."""
        return self.columns[header]


def read_table(path: Path, problems: Problems) -> Table | None:
    """Read a CSV file; None where nothing of it can be used.

    Rows without any text are passed over, though counted. Ragged rows are noted as problems and left out of the table,
    so that the rest of the file is looked at in the same pass.

    Raises:
        InputMissing: the file cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputMissing(f"cannot be read ({error.strerror})", where=str(path)) from None
    text = _decode(content, path.name, problems)
    if text is None:
        return None
    records = _records(text, path.name, problems)
    if not records:
        return None
    header = [cell.strip() for cell in records[0]]
    if not _header_is_sound(header, path.name, problems):
        return None
    return _table(path.name, header, records, problems)


def _decode(content: bytes, name: str, problems: Problems) -> str | None:
    if not content.strip():
        problems.add(rules.EMPTY_FILE, name)
        return None
    if b"\0" in content:
        problems.add(rules.NUL_BYTE, name)
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        problems.add(rules.NOT_UTF8, name)
        return None


def _records(text: str, name: str, problems: Problems) -> list[list[str]]:
    records: list[list[str]] = []
    csv.field_size_limit(_MOST_IN_A_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        records.extend(reader)
    except csv.Error:
        problems.add(rules.BROKEN_QUOTES, name, rows=[len(records) + _HEADER_ROW])
    return records


def _delimiter(text: str) -> str:
    """The delimiter that the header has most of, outside quotes; a comma where it has none."""
    header = _QUOTED.sub("", text[:_LONGEST_HEADER]).lstrip("\r\n").splitlines()
    first = header[0] if header else ""
    return max(_DELIMITERS, key=first.count)


def _header_is_sound(header: list[str], name: str, problems: Problems) -> bool:
    """Note the header's faults. A header that is a person's record is named by its columns' numbers only."""
    before = problems.errors
    is_header = any(map(known_field, header))
    for number, cell in enumerate(header, start=1):
        if not is_header and (cell.isdigit() or looks_like_a_date(cell)):
            problems.add(rules.NO_HEADER, name, rows=[_HEADER_ROW], detail=f"column {number} of {len(header)}")
            return False
        if not cell:
            problems.add(rules.BLANK_HEADER, name, rows=[_HEADER_ROW], detail=f"column {number} of {len(header)}")
    for cell in sorted({cell for cell in header if cell and header.count(cell) > 1}):
        problems.add(rules.TWICE_HEADER, name, rows=[_HEADER_ROW], column=cell)
    return problems.errors == before


def _table(name: str, header: list[str], records: list[list[str]], problems: Problems) -> Table | None:
    numbered = [(row, record) for row, record in enumerate(records, start=_HEADER_ROW) if any(map(str.strip, record))]
    body = [(row, record) for row, record in numbered[1:] if len(record) == len(header)]
    for row, record in numbered[1:]:
        if len(record) != len(header):
            problems.add(rules.RAGGED_ROW, name, rows=[row], detail=f"{len(record)}, and not {len(header)}")
    if len(numbered) == 1:
        problems.add(rules.NO_RECORDS, name)
    if not body:
        return None
    cells = zip(*(record for _, record in body), strict=True)
    columns = {title: list(column) for title, column in zip(header, cells, strict=True)}
    return Table(name, columns, np.array([row for row, _ in body], np.int64))
