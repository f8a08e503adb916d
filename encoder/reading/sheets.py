"""The sheets of a workbook: opened, and one of them chosen."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from encoder import problems as rules
from encoder.fields import CLIENT_ID, known_field
from encoder.problems import Problems, Rule
from encoder.reading.cells import text_of
from encoder.reading.header import HEAD_ROWS, Choice
from encoder.reading.source import Source

_ENOUGH_KNOWN = 2
"""Known columns, besides the client id, that a sheet of clients or services has at least."""

_Made = TypeVar("_Made")


class UnreadableWorkbook(Exception):
    """The library does not read the workbook.

    Attributes:
        rule: why, for the list of problems.
    """

    def __init__(self, rule: Rule) -> None:
        super().__init__(rule.what)
        self.rule = rule


def open_workbook(source: Source) -> CalamineWorkbook:
    """Open a workbook.

    Raises:
        UnreadableWorkbook: it is damaged, or needs a password.
        OSError: the file cannot be read.
    """
    with source.open() as file:
        content = io.BytesIO(file.read())
    return _by_the_library(lambda: CalamineWorkbook.from_filelike(content))


def rows_of(sheet: CalamineSheet) -> Iterator[list[str]]:
    """A sheet's rows from its first on, as text, from its first column on that has anything."""
    return ([text_of(cell) for cell in row] for row in sheet.iter_rows())


def choose_sheet(book: CalamineWorkbook, name: str, choice: Choice, problems: Problems) -> CalamineSheet | None:
    """The sheet that was chosen or, of those with text, the only one or the only one with known columns.

    Visible sheets come before hidden ones. What was found among several is told; None, with a problem noted, where the
    choice names no sheet, none has text, or more than one may be meant.

    Raises:
        UnreadableWorkbook: a sheet is damaged.
    """
    if choice.sheet:
        return _named(book, name, choice.sheet, problems)
    tables = [entry for entry in book.sheets_metadata if entry.typ == SheetTypeEnum.WorkSheet]
    sheets = [(entry, _sheet(book, entry.name)) for entry in tables]
    there = [(entry, sheet) for entry, sheet in sheets if sheet.start is not None]
    shown = [sheet for entry, sheet in there if entry.visible == SheetVisibleEnum.Visible]
    candidates = shown or [sheet for _, sheet in there]
    if not candidates:
        problems.add(rules.EMPTY_FILE, name)
        return None
    if len(candidates) == 1:
        return candidates[0]
    known = [sheet for sheet in candidates if _known_columns(sheet, choice) >= _ENOUGH_KNOWN]
    if len(known) == 1:
        problems.add(rules.SHEET_FOUND, name, detail=f"'{known[0].name}'")
        return known[0]
    problems.add(rules.WHICH_SHEET, name, detail=_listed(sheet.name for sheet in known or candidates))
    return None


def _named(book: CalamineWorkbook, name: str, wanted: str, problems: Problems) -> CalamineSheet | None:
    same = [sheet for sheet in book.sheet_names if sheet == wanted]
    alike = [sheet for sheet in book.sheet_names if sheet.strip().casefold() == wanted.strip().casefold()]
    counted = book.sheet_names[int(wanted) - 1 : int(wanted)] if wanted.isascii() and wanted.isdigit() else []
    found = next(iter([*same, *alike, *counted]), None)
    if found is None:
        problems.add(rules.NO_SUCH_SHEET, name, detail=_listed(book.sheet_names))
        return None
    sheet = _sheet(book, found)
    if sheet.start is None:
        problems.add(rules.EMPTY_FILE, f"{name}, sheet '{found}'")
        return None
    return sheet


def _known_columns(sheet: CalamineSheet, choice: Choice) -> int:
    """The most known columns that one of a sheet's first rows has."""
    wanted = choice.fields

    def known(title: str) -> bool:
        field = known_field(title)
        return title in choice.headers or (bool(field) and field != CLIENT_ID and (not wanted or field in wanted))

    head = (row for row, _ in zip(rows_of(sheet), range(HEAD_ROWS), strict=False))
    return max((sum(map(known, map(str.strip, row))) for row in head), default=0)


def _sheet(book: CalamineWorkbook, name: str) -> CalamineSheet:
    return _by_the_library(lambda: book.get_sheet_by_name(name))


def _by_the_library(make: Callable[[], _Made]) -> _Made:
    """What the library makes; a panic in it is a damaged file, too, and no `Exception`."""
    try:
        return make()
    except PasswordError:
        raise UnreadableWorkbook(rules.LOCKED) from None
    except CalamineError:
        raise UnreadableWorkbook(rules.DAMAGED) from None
    except BaseException as fault:
        if type(fault).__name__ != "PanicException":
            raise
        raise UnreadableWorkbook(rules.DAMAGED) from None


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
