"""A workbook (.xlsx, .xls, .xlsb, .ods) -> a table of one of its sheets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, islice

import numpy as np
from python_calamine import CalamineSheet, CalamineWorkbook

from encoder import problems as rules
from encoder.distinct import Distinct, DistinctBuilder
from encoder.fields import END, START, Kind, kind_of, known_field
from encoder.problems import Problems, Rule
from encoder.reading.body import Body, table_of
from encoder.reading.cells import serial_day
from encoder.reading.header import HEAD_ROWS, Choice, Header, Row, filled, find_header
from encoder.reading.sheets import UnreadableWorkbook, choose_sheet, open_workbook, rows_of
from encoder.reading.source import Source
from encoder.reading.table import Mark, Table
from encoder.reading.xlsx import SheetFacts, XlsxFacts, xlsx_facts
from schemas.console import Progress

_ZIP = b"PK"
_PART_ROWS = 1 << 12  # turned into text at a time: what they take stays in the cache
_MOSTLY = 4 / 5  # of a column's full cells; what reading by dates asks for, too
_ISO = re.compile(r"\d{4}-\d\d-\d\d")


def read_workbook(source: Source, choice: Choice, problems: Problems, progress: Progress) -> Table | None:
    """Read one sheet of a workbook; None, with a problem noted, where nothing of it can be used.

    Each cell is the text that Excel would write into a CSV, save for dates: date cells are ISO 8601. Rows that are
    hidden or filtered out are read, and told.
    """
    facts = xlsx_facts(source) if source.head()[:2] == _ZIP else XlsxFacts({}, from_1904=False)
    if isinstance(facts, Rule):
        problems.add(facts, source.name)
        return None
    with progress.stage(f"reading {source.name}", source.size) as advance:
        try:
            return _read_book(open_workbook(source), source.name, facts, choice, problems)
        except UnreadableWorkbook as fault:
            problems.add(fault.rule, source.name)
            return None
        finally:
            advance(source.size)


def _read_book(book: CalamineWorkbook, name: str, facts: XlsxFacts, choice: Choice, problems: Problems) -> Table | None:
    sheet = choose_sheet(book, name, choice, problems)
    if sheet is None:
        return None
    told = name if len(book.sheet_names) == 1 else f"{name}, sheet '{sheet.name}'"
    seen = facts.sheets.get(sheet.name, SheetFacts())
    rows = rows_of(sheet)
    head = [(row, cells) for row, cells in enumerate(islice(rows, HEAD_ROWS), start=1)]
    header = find_header([(row, cells) for row, cells in head if filled(cells)], told, choice, problems)
    if header is None:
        return None
    under = chain((entry for entry in head if entry[0] > header.row), enumerate(rows, start=HEAD_ROWS + 1))
    body = _body(under, sheet, header, seen, from_1904=facts.from_1904)
    hidden = sorted(seen.hidden.intersection(body.rows.tolist()))
    if hidden:
        problems.add(rules.HIDDEN_ROWS, told, detail=f"{len(hidden):,}, the first of them row {hidden[0]}")
    return table_of(header, body, told, choice, problems)


def _body(rows: Iterator[Row], sheet: CalamineSheet, header: Header, seen: SheetFacts, *, from_1904: bool) -> Body:
    numbers: list[int] = []
    builders = [DistinctBuilder() for _ in header.titles]
    while part := [(row, cells) for row, cells in islice(rows, _PART_ROWS)]:
        there = [(row, cells) for row, cells in part if filled(cells)]
        numbers += [row for row, _ in there]
        for builder, cells in zip(builders, zip(*(cells for _, cells in there), strict=True), strict=False):
            builder.add(cells)
    first = sheet.start[1] if sheet.start else 0
    columns, marks = [], []
    for place, (title, builder) in enumerate(zip(header.titles, builders, strict=True), start=first):
        column, seen_of_dates = _dated(title, builder.column(), from_1904=from_1904)
        columns.append(column)
        marks.append((*_marks(seen, place), *seen_of_dates))
    return Body(np.array(numbers, np.int64), columns, marks=marks)


def _marks(seen: SheetFacts, place: int) -> Iterator[Mark]:
    for rule, cells in seen.odd.items():
        rows = sorted(row for row, column in cells if column == place)
        if rows:
            yield Mark(rule, tuple(rows))


def _dated(title: str, column: Distinct, *, from_1904: bool) -> tuple[Distinct, tuple[Mark, ...]]:
    """A column of dates in which some or all are day numbers, for want of a date's format, with the days instead."""
    if kind_of(title) is not Kind.DATE and known_field(title) not in (START, END):
        return column, ()
    days = [serial_day(text, from_1904=from_1904) for text in column.texts]
    cells, full = column.cells(), np.array([bool(text.strip()) for text in column.texts], np.bool_)
    dates = np.array([bool(day or _ISO.match(text)) for day, text in zip(days, column.texts, strict=True)], np.bool_)
    if not any(days) or cells[dates].sum() < _MOSTLY * cells[full].sum():
        return column, ()
    texts = [day.isoformat() if day else text for day, text in zip(days, column.texts, strict=True)]
    return column.mapped(texts), (Mark(rules.DAY_NUMBERS, (0,)),)
