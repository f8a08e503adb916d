"""Cleaning: each distinct value to the one form that all members hash. A change of output is a new version.

The recipe, version 1: names and streets NFKC, case folded, apostrophes dropped, other signs to a space, white space
collapsed; of a middle name the first letter; sex as m, f or x; dates as YYYYMMDD; house numbers as names. A field that
waylink does not know is NFKC and stripped. Then the value is written as the linkage schema's format asks.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from encoder.cleaning.dates import DateReader
from encoder.fields import Kind

CLEANING_VERSION = "1"

Cleaner = Callable[[str], str | None]
"""A cell's cleaned text; "" where the cell is empty, None where it cannot be read."""


_SEX_WORDS = {
    "m": "m male man boy 1",  # 1 and 2: ISO/IEC 5218
    "f": "f female woman girl w 2",
    "x": "x nonbinary other diverse intersex",
    "": "u unknown unk na notknown refused",  # said to be missing: nothing to hash, nothing to warn of
}
_SEX_OF = {word: code for code, words in _SEX_WORDS.items() for word in words.split()}
_APOSTROPHES = "'`´‘’‛ʼʻʹ′＇"  # noqa: RUF001 (the signs people type for an apostrophe)
_DATE_FORM = "%Y%m%d"


def cleaner(kind: Kind, form: Mapping[str, Any], read_date: DateReader) -> Cleaner:
    """How cells of one column are cleaned.

    Args:
        kind: what the column holds.
        form: the feature's `format` in the linkage schema.
        read_date: reads the column's dates (not called for other kinds).
    """
    clean = _CLEANERS.get(kind, _clean_text) if kind is not Kind.DATE else _date_cleaner(read_date)
    write = _writer(kind, form, clean)

    def cell_cleaner(cell: str) -> str | None:
        if not cell.strip():
            return ""
        cleaned = clean(cell)
        return write(cleaned) if cleaned else cleaned

    return cell_cleaner


def clean_name(text: str) -> str:
    """NFKC, case folded, apostrophes dropped, other signs to a space, white space collapsed; letters of any script."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = "".join(map(_kept, folded)).split()
    return unicodedata.normalize("NFKC", " ".join(words))


def _clean_text(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _clean_lettered(text: str) -> str | None:
    """A name or street: None without a letter."""
    name = clean_name(text)
    return name if any(map(str.isalpha, name)) else None


def _clean_initial(text: str) -> str | None:
    return next(filter(str.isalpha, clean_name(text)), None)


def _clean_sex(text: str) -> str | None:
    return _SEX_OF.get(clean_name(text).replace(" ", ""))


def _clean_number(text: str) -> str | None:
    number = clean_name(text)
    return number if any(map(str.isdigit, number)) else None


_CLEANERS: Mapping[Kind, Cleaner] = {
    Kind.NAME: _clean_lettered,
    Kind.INITIAL: _clean_initial,
    Kind.SEX: _clean_sex,
    Kind.NUMBER: _clean_number,
    Kind.STREET: _clean_lettered,
}


def _date_cleaner(read_date: DateReader) -> Cleaner:
    def clean(text: str) -> str | None:
        day = read_date(text)
        return f"{day.year:04d}{day.month:02d}{day.day:02d}" if day else None

    return clean


def _writer(kind: Kind, form: Mapping[str, Any], clean: Cleaner) -> Callable[[str], str]:
    """How a cleaned value is written so that the feature's format takes it."""
    if kind is Kind.TEXT:
        return str
    if form.get("type") == "date" and kind is Kind.DATE:
        return lambda text: _written_date(text, str(form["format"]))
    if form.get("type") == "enum":
        allowed = {clean(str(value)): str(value) for value in form["values"]}
        return lambda text: allowed.get(text, text)
    return {"upper": str.upper, "lower": str.lower}.get(str(form.get("case")), str)


def _written_date(text: str, form: str) -> str:
    day: date = datetime.strptime(text, _DATE_FORM).date()
    return day.strftime(form)


@lru_cache(maxsize=1 << 12)  # signs, not values: a few thousand cover every script a member has
def _kept(sign: str) -> str:
    """A letter, mark or digit stays; an apostrophe or an invisible sign goes; anything else is a space."""
    category = unicodedata.category(sign)
    if sign in _APOSTROPHES or category == "Cf":
        return ""
    return sign if category[0] in "LMN" else " "
