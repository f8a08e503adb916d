"""A CSV file -> a table of text, with the row numbers that Excel shows.

Reads UTF-8 with or without a byte order mark; commas, semicolons, tabs or pipes (found from the header); quoted
delimiters and newlines; any line end. Every cell stays text, as it is written. The file is read in parts, never
held: a table has the size of its distinct values.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from encoder import problems as rules
from encoder.cleaning.dates import looks_like_a_date
from encoder.distinct import Distinct, DistinctBuilder
from encoder.errors import InputMissing
from encoder.fields import known_field
from encoder.problems import Problems

_DELIMITERS = ",;\t|"
_HEADER_ROW = 1  # Excel's number of the first row
_LONGEST_HEADER = 1 << 16  # characters looked at to find the delimiter
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_MOST_IN_A_CELL = 1 << 30  # csv's own limit of 131,072 characters would stop at a long note in a column that stays
_PART_BYTES = 1 << 20  # looked through at a time: fits a second-level cache
_PART_RECORDS = 1 << 12  # parsed at a time: enough for the work on arrays to be cheap, few enough to stay in the cache

_Record = tuple[int, list[str]]  # with its row as Excel counts


@dataclass(frozen=True, eq=False)
class Table:
    """A file as text.

    Attributes:
        name: the file's name, without its folder.
        columns: each column's distinct cells and each record's, under its own header (stripped), in the file's order.
            No data frame: a command that encodes has no other use for pandas, and importing it takes as long as
            encoding.
        rows: int64 (n,); the number of each record as Excel shows it (header 1, next record 2), counted by record.
    """

    name: str
    columns: Mapping[str, Distinct]
    rows: NDArray[np.int64]

    @property
    def headers(self) -> list[str]:
        """The columns' names, in the file's order."""
        return list(self.columns)

    def column(self, header: str) -> Distinct:
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
        if not _is_text(path, problems):
            return None
        with path.open(encoding="utf-8-sig", newline="") as text:
            delimiter = _delimiter(text.read(_LONGEST_HEADER))
            text.seek(0)
            return _table(path.name, _parts(text, delimiter, path.name, problems), problems)
    except OSError as error:
        raise InputMissing(f"cannot be read ({error.strerror})", where=str(path)) from None


def _is_text(path: Path, problems: Problems) -> bool:
    """Whether the file has text in UTF-8; notes the fault where it has not."""
    decode, blank = codecs.getincrementaldecoder("utf-8")().decode, True
    with path.open("rb") as content:
        while part := content.read(_PART_BYTES):
            blank = blank and not part.strip()
            if b"\0" in part:
                problems.add(rules.NUL_BYTE, path.name)
                return False
            try:
                decode(part, len(part) < _PART_BYTES)
            except UnicodeDecodeError:
                problems.add(rules.NOT_UTF8, path.name)
                return False
    if blank:
        problems.add(rules.EMPTY_FILE, path.name)
    return not blank


def _delimiter(text: str) -> str:
    """The delimiter that the header has most of, outside quotes; a comma where it has none."""
    header = _QUOTED.sub("", text).lstrip("\r\n").splitlines()
    first = header[0] if header else ""
    return max(_DELIMITERS, key=first.count)


def _parts(text: Iterable[str], delimiter: str, name: str, problems: Problems) -> Iterator[list[_Record]]:
    """The records that have any text, a part of the file at a time. Quotes that do not close end it."""
    csv.field_size_limit(_MOST_IN_A_CELL)
    records, row, whole = csv.reader(text, delimiter=delimiter, strict=True), _HEADER_ROW, True
    while whole:
        part: list[list[str]] = []
        try:
            part.extend(islice(records, _PART_RECORDS))
            whole = bool(part)
        except csv.Error:
            problems.add(rules.BROKEN_QUOTES, name, rows=[row + len(part)])
            whole = False
        if there := [(number, record) for number, record in enumerate(part, row) if any(map(str.strip, record))]:
            yield there
        row += len(part)


def _table(name: str, parts: Iterator[list[_Record]], problems: Problems) -> Table | None:
    first = next(parts, [])
    header = [cell.strip() for cell in first[0][1]] if first else []
    if not header or not _header_is_sound(header, name, problems):
        return None
    rows, columns, none = [np.empty(0, np.int64)], [DistinctBuilder() for _ in header], True
    for part in chain([first[1:]], parts):
        none = none and not part
        whole = [(row, record) for row, record in part if len(record) == len(header)]
        for row, record in part if len(whole) < len(part) else ():
            if len(record) != len(header):
                problems.add(rules.RAGGED_ROW, name, rows=[row], detail=f"{len(record)}, and not {len(header)}")
        rows.append(np.fromiter((row for row, _ in whole), np.int64, len(whole)))
        for column, cells in zip(columns, zip(*(record for _, record in whole), strict=True), strict=False):
            column.add(cells)
    if none:
        problems.add(rules.NO_RECORDS, name)
    numbers = np.concatenate(rows)
    if not numbers.size:
        return None
    return Table(name, {title: column.column() for title, column in zip(header, columns, strict=True)}, numbers)


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
