"""Dates as members write them: one format for a whole column, declared or decided, never guessed row by row."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, datetime
from enum import Enum

import numpy as np
from numpy.typing import NDArray

FORMATS = (
    "%Y-%m-%d",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%m.%d.%Y",
    "%Y%m%d",
    "%Y/%m/%d",
    "%d-%m-%Y",
    "%m-%d-%Y",
)
"""The formats that are tried where none is declared."""

ENOUGH = 4 / 5
"""The share of a column's cells that its format has to read, and of the cells that tell day from month first: a lower
one would let a wrong format through in a column with many typing errors, a higher one stop at coop-dev's."""

DateReader = Callable[[str], date | None]
"""A cell's date, or None where it has none in the format."""

_SAMPLE_DAY = date(2001, 2, 3)  # year, month and day differ, so a format that lacks one of them shows


class Undecided(Enum):
    """Why no format could be decided on."""

    NOTHING_READS = "no format reads four fifths of the cells"
    DAY_OR_MONTH = "the cells do not tell whether the day or the month comes first"


def date_reader(format_: str) -> DateReader:
    """Read cells in one strptime format; day and month may lack their leading zero where something separates them."""
    letters = re.sub(r"%[Ymd]", "", format_)
    if "%" in letters or re.search(r"[\w\s]", letters) or sorted(re.findall(r"%([Ymd])", format_)) != ["Y", "d", "m"]:
        return _strptime_reader(format_)
    digits = r"\d{1,2}" if letters else r"\d{2}"
    pattern = re.escape(format_).replace("%Y", r"(?P<Y>\d{4})")
    pattern = pattern.replace("%m", f"(?P<m>{digits})").replace("%d", f"(?P<d>{digits})")
    match = re.compile(pattern, re.ASCII).fullmatch

    def read(cell: str) -> date | None:
        found = match(_plain(cell))
        try:
            return date(int(found["Y"]), int(found["m"]), int(found["d"])) if found else None
        except ValueError:
            return None  # 31 April

    return read


def is_date_format(format_: str) -> bool:
    """Whether a strptime format holds a whole day: what it writes, it reads back."""
    try:
        return datetime.strptime(_SAMPLE_DAY.strftime(format_), format_).date() == _SAMPLE_DAY
    except (ValueError, re.error):
        return False


def looks_like_a_date(cell: str) -> bool:
    """Whether a cell is a date in one of the formats."""
    return any(date_reader(format_)(cell) for format_ in FORMATS)


def decide_format(values: Sequence[str], cells: NDArray[np.int64]) -> str | Undecided:
    """The one format of a column.

    Args:
        values: the distinct values, without the empty one.
        cells: int64 (len(values),); how many cells have each.

    Returns:
        The format that reads most cells, if these are at least four fifths and, of the cells that it and the runner-up
        do not both read, at least four fifths are its own; else why not.
    """
    readers = [date_reader(format_) for format_ in FORMATS]
    reads = np.array([[reader(value) is not None for value in values] for reader in readers], np.bool_)
    counts = reads @ cells
    best, second = (int(place) for place in np.argsort(-counts, kind="stable")[:2])
    if counts[best] < ENOUGH * cells.sum():
        return Undecided.NOTHING_READS
    own = int(cells[reads[best] & ~reads[second]].sum())
    others = int(cells[reads[second] & ~reads[best]].sum())
    if own == 0 or own < ENOUGH * (own + others):
        return Undecided.DAY_OR_MONTH
    return FORMATS[best]


def _strptime_reader(format_: str) -> DateReader:
    def read(cell: str) -> date | None:
        try:
            return datetime.strptime(_plain(cell), format_).date()
        except ValueError:
            return None

    return read


def _plain(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip()
