"""Dates as members write them: one format for a whole column, declared or decided, never guessed row by row."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, datetime
from enum import Enum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from encoder.cleaning import placeholders
from encoder.cleaning.letters import words
from encoder.cleaning.lists import words_in
from encoder.cleaning.placeholders import is_placeholder
from encoder.cleaning.steps import PARTIAL, PLACEHOLDER, READ, UNREADABLE, CleanCell, Cleaner, Step

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
    "%d %b %Y",
    "%b %d %Y",
)
"""The formats that are tried where none is declared. A month's name may be long or short, and be parted by any sign."""

ENOUGH = 4 / 5
"""The share of a column's cells that its format has to read, and of the cells that tell day from month first: a lower
one would let a wrong format through in a column with many typing errors, a higher one stop at coop-dev's."""

DateReader = Callable[[str], date | None]
"""A cell's date, or None where it has none in the format."""

_Parts = tuple[str, str, str]  # year, month, day as they stand; "" for what is not there
_PartReader = Callable[[str], _Parts | None]

_SAMPLE_DAY = date(2001, 2, 3)  # year, month and day differ, so a format that lacks one of them shows
_TIME = re.compile(
    r"[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[ap]\.?m\.?)?\s?(?:Z|UTC|[+-]\d{2}:?\d{2})?$", re.IGNORECASE
)
_MONTH_NAMES = "january february march april may june july august september october november december"
_UNKNOWN_PART = r"[xX?*_]{1,2}|-{1,2}"
_YEAR_ONLY = re.compile(r"(?P<Y>\d{4})(?:[-/.](?P<m>\d{1,2}))?|(?P<m2>\d{1,2})[-/.](?P<Y2>\d{4})", re.ASCII)
_SHORT_YEARS = re.compile(r"\d{1,2}([-/. ])(?:\d{1,2}|[^\W\d_]{3,9})\1\d{2}")
_SERIAL = re.compile(r"\d{5}(?:\.0+)?", re.ASCII)
_FIRST_SERIAL, _LAST_SERIAL = 3_000, 60_000  # Excel's days from 1908 to 2064

NO_DAYS = words_in(
    "19000101 19010101 18991230 18991231 18000101 17530101 16010101 11111111 99991231 99990101 29991231 30000101 "
    "00010101"
)
"""Days that programs and people write for "not known", as YYYYMMDD: nobody alive was born on one of them."""


class Undecided(Enum):
    """Why no format could be decided on."""

    NOTHING_READS = "no format reads four fifths of the cells"
    DAY_OR_MONTH = "the cells do not tell whether the day or the month comes first"
    SHORT_YEARS = "its years have two digits, which do not say the century"
    SERIAL_DAYS = "its dates are a spreadsheet's day numbers"


@lru_cache(maxsize=64)  # formats, not values
def date_reader(format_: str) -> DateReader:
    """Read cells in one strptime format; day and month may lack their leading zero where something separates them."""
    read_parts = _part_reader(format_, lenient=False)
    if read_parts is None:
        return _strptime_reader(format_)

    def read(cell: str) -> date | None:
        parts = read_parts(cell)
        return _day(*parts) if parts else None

    return read


def date_cleaner(format_: str) -> Cleaner:
    """Clean the cells of a column of births: YYYYMMDD, or YYYYMM or YYYY where no more can be read."""
    read, read_parts = date_reader(format_), _part_reader(format_, lenient=True)

    def judge(text: str) -> CleanCell:
        day = read(text)
        if day is not None:
            written = f"{day.year:04d}{day.month:02d}{day.day:02d}"
            return ("", PLACEHOLDER) if written in NO_DAYS else (written, READ)
        if _says_nothing(text):
            return "", PLACEHOLDER
        return _kept_part(text, read_parts)

    return Cleaner((_FULL_WIDTH, _NO_TIME), judge)


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

    Cells that say nothing or a year only (unknown, 00/00/0000, 1980) count for none.

    Args:
        values: the distinct values, without the empty one.
        cells: int64 (len(values),); how many cells have each.

    Returns:
        The format that reads most cells, if these are at least four fifths and, of the cells that it and the runner-up
        do not both read, at least four fifths are its own; else why not.
    """
    telling = np.array([not (_says_nothing(plain) or _YEAR_ONLY.fullmatch(plain)) for plain in map(_plain, values)])
    if not telling.any():
        return FORMATS[0]
    cells = np.where(telling, cells, 0)
    readers = [date_reader(format_) for format_ in FORMATS]
    reads = np.array([[reader(value) is not None for value in values] for reader in readers], np.bool_)
    counts = reads @ cells
    best, second = (int(place) for place in np.argsort(-counts, kind="stable")[:2])
    if counts[best] < ENOUGH * cells.sum():
        return _why_not(values, cells)
    own = int(cells[reads[best] & ~reads[second]].sum())
    others = int(cells[reads[second] & ~reads[best]].sum())
    if own == 0 or own < ENOUGH * (own + others):
        return Undecided.DAY_OR_MONTH
    return FORMATS[best]


def _why_not(values: Sequence[str], cells: NDArray[np.int64]) -> Undecided:
    """What a column that no format reads is full of."""
    for matches, reason in ((_SHORT_YEARS.fullmatch, Undecided.SHORT_YEARS), (_serial, Undecided.SERIAL_DAYS)):
        fitting = np.array([bool(matches(_plain(value))) for value in values], np.bool_)
        if cells[fitting].sum() >= ENOUGH * cells.sum():
            return reason
    return Undecided.NOTHING_READS


def _serial(cell: str) -> bool:
    return bool(_SERIAL.fullmatch(cell)) and _FIRST_SERIAL <= float(cell) <= _LAST_SERIAL


def _part_reader(format_: str, *, lenient: bool) -> _PartReader | None:
    """Find year, month and day in a cell of a format; None where only strptime knows the format.

    Args:
        format_: strptime's.
        lenient: whether a day or month that is not known (00, xx, ??) is let through.
    """
    if sorted(re.findall(r"%(.)", format_)) not in (["Y", "d", "m"], ["Y", "b", "d"]):
        return None
    between = re.sub(r"%[Ymbd]", "", format_)
    if re.search(r"[\w]", between) or (between.strip() != between and "%b" not in format_):
        return None
    digits = r"\d{1,2}" if between else r"\d{2}"
    number = f"{digits}|{_UNKNOWN_PART}" if lenient else digits
    parts = {"%Y": r"(?P<Y>\d{4})", "%m": f"(?P<m>{number})", "%d": f"(?P<d>{number})", "%b": r"(?P<b>[^\W\d_]{3,9})"}
    written = r"[\s,./-]+".join(format_.split()) if "%b" in format_ else re.escape(format_)
    for code, group in parts.items():
        written = written.replace(code, group)
    match = re.compile(written, re.ASCII).fullmatch

    def read(cell: str) -> _Parts | None:
        found = match(_plain(cell))
        if not found:
            return None
        month = found["m"] if "%m" in format_ else _month(found["b"])
        return (found["Y"], month, found["d"]) if month else None

    return read


def _month(name: str) -> str:
    """The number of a month's name, long or short ("" for no month)."""
    written = name.casefold().replace("sept", "sep") if len(name) == len("sept") else name.casefold()
    numbers = (str(number) for number, month in enumerate(_MONTH_NAMES.split(), start=1) if month.startswith(written))
    return next(numbers, "")


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None  # 31 April


def _kept_part(text: str, read_parts: _PartReader | None) -> CleanCell:
    """Of a date that is not whole, YYYYMM or YYYY. 31 April cannot be read, but its month can."""
    parts = read_parts(text) if read_parts else None
    impossible = parts is not None and all(part.isdigit() and part.strip("0") for part in parts)
    if parts is None:
        found = _YEAR_ONLY.fullmatch(text)
        if not found:
            return "", UNREADABLE
        parts = (found["Y"] or found["Y2"], found["m"] or found["m2"] or "", "")
    year, month, _ = parts
    if not year.strip("0"):
        return "", UNREADABLE
    known = month.isdigit() and _day(year, month, "1")
    return (year + month.zfill(2) if known else year), UNREADABLE if impossible else PARTIAL


def _says_nothing(text: str) -> bool:
    """Whether a date's cell has no digit but zeros (00/00/0000, xx/xx/xxxx, --) and no word but one for "unknown"."""
    if any(sign.isdigit() and sign != "0" for sign in text):
        return False
    cleaned = words(text).replace("0", "").replace("x", "").strip()
    return not cleaned or is_placeholder(words(text), text, placeholders.FOR_TEXTS)


def _strptime_reader(format_: str) -> DateReader:
    def read(cell: str) -> date | None:
        try:
            return datetime.strptime(_plain(cell), format_).date()
        except ValueError:
            return None

    return read


def _wide(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip()


def _without_time(cell: str) -> str:
    return _TIME.sub("", cell) if ":" in cell else cell


def _plain(cell: str) -> str:
    return _without_time(cell.strip() if cell.isascii() else _wide(cell))


_FULL_WIDTH = Step("full-width digits as plain ones", _wide)
_NO_TIME = Step("time of day dropped", _without_time)
