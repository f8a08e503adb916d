"""Which row is the header, and whether it can be one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from encoder import problems as rules
from encoder.cleaning.dates import looks_like_a_date
from encoder.fields import known_field
from encoder.problems import Problems

HEAD_ROWS = 40
"""Rows in which the header is looked for: a title, a date of printing and filters take a dozen at most."""

_ENOUGH_KNOWN = 2
"""Known names that make a row a header where the rows above it have fewer: one may be a word in a title."""

Row = tuple[int, Sequence[str]]
"""A row as Excel counts, and its cells."""


@dataclass(frozen=True)
class Choice:
    """What the steward chose of a file, where not all is to be found.

    Attributes:
        sheet: the sheet's name, or its number counted from 1 ("": found).
        header_row: the row of the header as Excel counts (0: found).
        headers: names that a mapping file gives to columns: they mark a header as known names do.
        fields: those by which a workbook's sheet is known (none: by any).
        may_be_empty: whether a header without records is no fault.
    """

    sheet: str = ""
    header_row: int = 0
    headers: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    may_be_empty: bool = False

    def told_of(self, columns: Mapping[str, str]) -> Choice:
        """A choice that knows the headers which a mapping file names: a header is found by them, too."""
        return replace(self, headers=self.headers | frozenset(map(str.strip, columns.values())))


NOTHING_CHOSEN = Choice()
"""Sheet and header are found."""


@dataclass(frozen=True)
class Header:
    """A header that was found.

    Attributes:
        row: as Excel counts.
        titles: the columns' names, stripped; "" where there is none.
    """

    row: int
    titles: list[str]


def find_header(head: Sequence[Row], name: str, choice: Choice, problems: Problems) -> Header | None:
    """Find the header in a file's first rows that have any text; None, with a problem noted, where there is none.

    It is the first row, unless a later one is wider than all rows above it and has more known names, or the rows above
    it are a title's: less than half as wide as the table. Cells that it leaves blank are filled from the row above it,
    as where a cell is merged over two rows.
    """
    if choice.header_row:
        place = next((place for place, (row, _) in enumerate(head) if row == choice.header_row), None)
        if place is None:
            problems.add(rules.NO_SUCH_HEADER, name, rows=[choice.header_row])
            return None
    else:
        place = _place_of_header(head, choice.headers)
    row, titles = head[place][0], _titles(head, place)
    if not _is_sound(row, titles, name, choice.headers, problems):
        return None
    if place and not choice.header_row:
        problems.add(rules.HEADER_BELOW, name, rows=[row])
    return Header(row, titles)


def filled(cells: Sequence[str]) -> int:
    """How many cells have text."""
    return sum(map(bool, map(str.strip, cells)))


def _place_of_header(head: Sequence[Row], given: Collection[str]) -> int:
    widths = [filled(cells) for _, cells in head]
    known = [sum(cell.strip() in given or bool(known_field(cell)) for cell in cells) for _, cells in head]
    wider = [place for place, width in enumerate(widths) if all(width > above for above in widths[:place])]
    best = max(wider, key=lambda place: (known[place], -place))
    if known[best] >= _ENOUGH_KNOWN or best == 0:
        return best
    return next(place for place in wider if widths[place] * 2 > max(widths))


def _titles(head: Sequence[Row], place: int) -> list[str]:
    titles = [cell.strip() for cell in head[place][1]]
    above = [cell.strip() for cell in head[place - 1][1]] if place else []
    return [title or over for title, over in zip(titles, [*above, *titles[len(above) :]], strict=False)]


def _is_sound(row: int, titles: list[str], name: str, given: Collection[str], problems: Problems) -> bool:
    """Whether it is none of the records, which is noted by the column's number only."""
    known = any(title in given or known_field(title) for title in titles)
    for number, title in enumerate(titles, start=1):
        if not known and (title.isdigit() or looks_like_a_date(title)):
            problems.add(rules.NO_HEADER, name, rows=[row], detail=f"column {number} of {len(titles)}")
            return False
    return True
