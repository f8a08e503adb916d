"""What stands under a header -> a table: headers that come again, totals at the end and empty columns are no data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from encoder import problems as rules
from encoder.distinct import Distinct
from encoder.fields import Kind, kind_of
from encoder.problems import Problems
from encoder.reading.header import Choice, Header, filled
from encoder.reading.table import Mark, Table

_FOOTERS = 5  # rows at the end that are looked at: totals, a blank row, a date of printing, a page number
_FOOTER = re.compile(
    r"(?:grand |sub)?-?totals?\b|sum\b|count\b|records?\b|number of\b|rows?\b|gesamt|summe\b|suma\b|end of\b|page \d"
    r"|(?:report )?(?:generated|printed|exported|created|run)\b|\(?\d[\d,.]* (?:rows?|records?)\b",
    re.IGNORECASE,
)
"""How a row of totals or the foot of a report begins."""

_ERRORS = frozenset(("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"))
"""Excel's error values, as it writes them into a CSV."""

_HASH = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})", re.IGNORECASE | re.ASCII)
"""MD5, SHA-1, SHA-256 and SHA-512 in hexadecimal."""

_FLOAT = re.compile(r"-?\d+\.0+", re.ASCII)


@dataclass(frozen=True)
class Ragged:
    """A row that has not the header's number of cells.

    Attributes:
        row: as Excel counts.
        cells: how many it has.
        first: the first that has text.
    """

    row: int
    cells: int
    first: str


@dataclass(frozen=True, eq=False)
class Body:
    """The records under a header, before anything is taken out.

    Attributes:
        rows: int64 (n,); each record's row as Excel counts.
        columns: one for each of the header's titles, all of n rows.
        ragged: rows that are not among the n, in the file's order.
        marks: by column, what was seen of its cells.
    """

    rows: NDArray[np.int64]
    columns: Sequence[Distinct]
    ragged: Sequence[Ragged] = ()
    marks: Sequence[tuple[Mark, ...]] = ()


def table_of(header: Header, body: Body, name: str, choice: Choice, problems: Problems) -> Table | None:
    """The table; None, with a problem noted, where nothing is left of it."""
    titles, errors = header.titles, problems.errors
    again, feet = _headers_again(titles, body), _feet(body)
    problems.add(rules.HEADER_AGAIN, name, rows=body.rows[again].tolist())
    problems.add(rules.FOOTER, name, rows=[*body.rows[feet].tolist(), *_ragged_feet(body)])
    _note_ragged(body, len(titles), name, problems)
    keep = ~(again | feet)
    columns = _named_columns(header, body, keep, name, problems)
    if columns is None:
        return None
    empty = not keep.any() and not choice.may_be_empty
    if empty and problems.errors == errors:
        problems.add(rules.NO_RECORDS, name)
    if empty or not columns:
        return None
    seen = [_seen(title, column, body.rows[keep]) for title, column in columns.items()]
    marks = dict(zip(titles, body.marks or [()] * len(titles), strict=True))
    return Table(
        name,
        {title: column for title, column, _ in seen},
        body.rows[keep],
        header.row,
        {title: (*_left(marks[title], again | feet, body), *more) for title, _, more in seen},
    )


def _headers_again(titles: Sequence[str], body: Body) -> NDArray[np.bool_]:
    """The rows in which every column has its own title: the header of the next page."""
    again = np.ones(len(body.rows), np.bool_)
    for title, column in zip(titles, body.columns, strict=True):
        if not title or not again.any():
            continue
        again &= column.where([text.strip() == title for text in column.texts])
    return again & any(titles)


def _feet(body: Body) -> NDArray[np.bool_]:
    """The rows at the end that begin as totals or the foot of a report do, and are at most half full."""
    feet = np.zeros(len(body.rows), np.bool_)
    for place in range(len(body.rows) - 1, max(-1, len(body.rows) - 1 - _FOOTERS), -1):
        cells = [column.texts[column.codes[place]].strip() for column in body.columns]
        first = next(filter(None, cells), "")
        if not _FOOTER.match(first) or filled(cells) * 2 > len(cells):
            break
        feet[place] = True
    return feet


def _ragged_feet(body: Body) -> list[int]:
    last = int(body.rows[-1]) if body.rows.size else 0
    return [ragged.row for ragged in body.ragged[-_FOOTERS:] if ragged.row > last and _FOOTER.match(ragged.first)]


def _note_ragged(body: Body, width: int, name: str, problems: Problems) -> None:
    feet = _ragged_feet(body)
    for ragged in body.ragged:
        if ragged.row not in feet:
            problems.add(rules.RAGGED_ROW, name, rows=[ragged.row], detail=f"{ragged.cells}, and not {width}")


def _named_columns(
    header: Header, body: Body, keep: NDArray[np.bool_], name: str, problems: Problems
) -> dict[str, Distinct] | None:
    """The columns by their names; None, with problems noted, where one has none or two have the same.

    A column without a name and without text is none.
    """
    twice = sorted({title for title in header.titles if title and header.titles.count(title) > 1})
    for title in twice:
        problems.add(rules.TWICE_HEADER, name, rows=[header.row], column=title)
    named, whole = {}, not twice
    for number, (title, column) in enumerate(zip(header.titles, body.columns, strict=True), start=1):
        kept = column if keep.all() else column.only(keep)
        if title:
            named[title] = kept
        elif any(map(str.strip, kept.texts)):
            detail = f"column {number} of {len(header.titles)}"
            problems.add(rules.BLANK_HEADER, name, rows=[header.row], detail=detail)
            whole = False
    return named if whole else None


def _seen(title: str, column: Distinct, rows: NDArray[np.int64]) -> tuple[str, Distinct, tuple[Mark, ...]]:
    """A column without what a spreadsheet left in it: error values, and whole numbers written as 12345.0."""
    marks: list[Mark] = []
    if errors := _ERRORS.intersection(column.texts):
        where = rows[column.where([text in errors for text in column.texts])]
        marks.append(Mark(rules.CELL_ERROR, tuple(where.tolist())))
        column = column.mapped(["" if text in errors else text for text in column.texts])
    if _all(_FLOAT, column.texts):
        marks.append(Mark(rules.WHOLE_NUMBERS, (0,)))
        column = column.mapped([text.strip().partition(".")[0] for text in column.texts])
    if kind_of(title) is not Kind.TEXT and _all(_HASH, column.texts):
        marks.append(Mark(rules.HASHED_ALREADY, (0,)))
    return title, column, tuple(marks)


def _all(pattern: re.Pattern[str], texts: Sequence[str]) -> bool:
    """Whether every text that is not blank is of a pattern, and there is one."""
    full = (text.strip() for text in texts if text.strip())
    first = next(full, "")
    return bool(first) and all(pattern.fullmatch(text) for text in chain([first], full))


def _left(marks: Sequence[Mark], gone: NDArray[np.bool_], body: Body) -> tuple[Mark, ...]:
    """The marks of rows that are still there."""
    rows = set(body.rows[gone].tolist())
    kept = [Mark(mark.rule, tuple(row for row in mark.rows if row not in rows)) for mark in marks]
    return tuple(mark for mark in kept if mark.rows)
