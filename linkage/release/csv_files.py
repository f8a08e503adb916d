"""Released tables as CSV, and back: RFC 4180, UTF-8, one header, empty where there is no number.

A text that a spreadsheet would run as a formula gets an apostrophe in front, and so does one that only looks like such
a text with apostrophes, so that reading takes away exactly what writing put there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from schemas import Cell, ReleaseTable, Status
from schemas.errors import BrokenFile
from schemas.table_columns import HIGH, LOW, STATUS, TABLE_COLUMNS, FileColumn, Kind, file_columns

BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # by it Excel knows that a CSV file is UTF-8
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run such a cell (OWASP, CSV injection)
_MARK = "'"

Value = str | int | float | None


def csv_bytes(table: ReleaseTable, *, excel: bool = False) -> bytes:
    """A table as CSV: its keys, then for each measure the columns of `columns_of`.

    Args:
        table: as released.
        excel: put the byte order mark in front.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(column.name for column in columns_of(table))
    writer.writerows(["" if value is None else value for value in row] for row in values_of(table))
    return (BYTE_ORDER_MARK if excel else b"") + text.getvalue().encode("utf-8")


def columns_of(table: ReleaseTable) -> list[FileColumn]:
    """The columns of a table's files, in order."""
    return list(file_columns(table.name, frozenset(table.measures)))


def values_of(table: ReleaseTable) -> Iterator[list[Value]]:
    """The rows of a table's files: text, int or float as the columns say, None where there is no number."""
    contract = TABLE_COLUMNS[table.name]
    kinds = [contract.column(name).kind for name in table.measures]
    whole = [key.kind is Kind.WHOLE for key in contract.keys]
    for keys, cells in table.rows:
        row: list[Value] = [_key(key, whole=number) for key, number in zip(keys, whole, strict=True)]
        for cell, kind in zip(cells, kinds, strict=True):
            row += _measure(cell, kind)
        yield row


def _key(text: str, *, whole: bool) -> Value:
    if whole:
        return int(text) if text else None
    return defused(text)


def defused(text: str) -> str:
    """A text that no spreadsheet runs."""
    return _MARK + text if text.lstrip(_MARK).startswith(_FORMULA) else text


def _measure(cell: Cell, kind: Kind) -> list[Value]:
    if kind is Kind.COUNT:
        return [cell.value if cell.value is None else int(cell.value), cell.status.value, cell.low, cell.high]
    return [cell.value if cell.value is None else float(cell.value), cell.status.value]


def read_csv(name: str, data: bytes, where: str) -> ReleaseTable:
    """The released table that `csv_bytes` wrote.

    Args:
        name: of the table.
        data: the file.
        where: what to call it in an error.

    Raises:
        BrokenFile: columns or cells that are not of this table; with the line.
    """
    contract = TABLE_COLUMNS.get(name)
    reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig", errors="replace"), newline=""))
    header = list(reader.fieldnames or [])
    measures = [one for one in contract.measures if one.name in header] if contract else []
    names = frozenset(one.name for one in measures)
    if contract is None or header != [column.name for column in file_columns(name, names)]:
        raise BrokenFile("has not the columns of the released table of that name", where=where)
    rows = []
    for line in reader:
        try:
            if len(line) != len(header) or None in line.values():  # DictReader lets longer and shorter lines pass
                raise ValueError
            cells = tuple(_cell(line, one.name, one.kind) for one in measures)
            rows.append((tuple(fused(line[key.name]) for key in contract.keys), cells))
        except (ValueError, TypeError, AttributeError, KeyError):
            raise BrokenFile(f"line {reader.line_num} is not one of a released table", where=where) from None
    counts = frozenset(one.name for one in measures if one.kind is Kind.COUNT)
    keys = tuple(key.name for key in contract.keys)
    return ReleaseTable(name, contract.title, keys, tuple(one.name for one in measures), rows, counts)


def fused(text: str) -> str:
    """The text that was `defused`."""
    return text[1:] if text.startswith(_MARK) and text.lstrip(_MARK).startswith(_FORMULA) else text


def _cell(line: Mapping[str, str], name: str, kind: Kind) -> Cell:
    number = int if kind is Kind.COUNT else float
    value, status = line[name], Status(line[name + STATUS])
    low, high = ((line[name + part] or None) if kind is Kind.COUNT else None for part in (LOW, HIGH))
    return Cell(number(value) if value else None, status, low and int(low), high and int(high))
