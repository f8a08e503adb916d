"""What values look like, without showing them: their shape, and which fields a column of such values may be."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from itertools import groupby

import numpy as np

from encoder.cleaning.address import is_street
from encoder.cleaning.dates import looks_like_a_date
from encoder.cleaning.placeholders import FOR_TEXTS, is_placeholder
from encoder.cleaning.sex import is_sex
from encoder.cleaning.steps import NOTHING
from encoder.distinct import Distinct
from encoder.fields import ADDRESS, CLIENT_ID, END, FULL_NAME, SERVICE, START, Kind, kind_of, known_field

_LOOKED_AT = 400  # of a column's distinct values the most frequent: enough to tell what it holds
_MOST_SHAPES = 3  # shown
_LONGEST_SHAPE = 40  # of a note nobody reads the rest
_FEW_SEXES = 12  # words and codes for sex that one list has
_FEW_SERVICES = 60
_TELLING_NAMES = 8  # distinct words from which on a column may be one of names
_NAMED_STREETS = 0.3  # share of a column's streets that say street, avenue, ...: "Broadway" does not
_FEW_WORDS = 4  # of a name

_WORD_SHAPES = {"upper": "A", "lower": "a", "digit": "9"}
_OTHER_SIGN = "?"
_ONE_NAME = re.compile(r"[^\W\d_]+(?:[ '’\-.][^\W\d_]+){0,3}\.?")  # noqa: RUF001 (an apostrophe)
_HOUSE_NUMBER = re.compile(r"\d{1,5}(?:\s?[A-Za-z]|\s?-\s?\d{1,4}|\.0)?")
_INITIAL = re.compile(r"[^\W\d_]\.?")
_SSN = re.compile(r"\d{3}-?\d{2}-?\d{4}|[xX*]{3}-?[xX*]{2}-?\d{4}")
_POSTCODE = re.compile(r"\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d")
_PHONE = re.compile(r"\+?1?[\s.\-(]*\d{3}[\s.\-)]*\d{3}[\s.\-]*\d{4}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.\w+")
_ADDRESS = re.compile(r"\d+[A-Za-z]?(?:-\d+)?\s+\S*[^\W\d_].*")


def shape_of(value: str) -> str:
    """What a value looks like: Aaaa for a word, 9 for each digit, ASCII's signs as they are, spaces single."""
    parts = ("".join(run) for _, run in groupby(" ".join(value.split()), key=_family))
    shape = "".join(map(_shape_of_run, parts))
    return shape if len(shape) <= _LONGEST_SHAPE else f"{shape[:_LONGEST_SHAPE]}…"


def shapes_of(column: Distinct) -> list[tuple[str, float]]:
    """A column's most frequent shapes, each with its share of the cells that are not empty."""
    counts: Counter[str] = Counter()
    for text, cells in _frequent(column, len(column.texts)):
        counts[shape_of(text)] += cells
    return [(shape, cells / counts.total()) for shape, cells in counts.most_common(_MOST_SHAPES)]


def fit(field: str, column: Distinct) -> float:
    """How far a column's values look like a field's: 0 (not at all) to 1.

    Names are hard to tell from towns and notes by their look; theirs is at most 0.3. Cells that say nothing do not
    count.

    Args:
        field: by waylink's own name or the linkage schema's.
        column: the cells as they stand.
    """
    looked_at = [(text, cells) for text, cells in _frequent(column, _LOOKED_AT) if not _says_nothing(text)]
    if not looked_at:
        return 0.0
    name = known_field(field) or field
    looks = _LOOKS.get(name) or _LOOKS_OF_KIND.get(kind_of(field))
    if name in _BY_COLUMN and not _BY_COLUMN[name](column):
        return 0.0
    if looks is None:
        return 1.0 if name in _BY_COLUMN else 0.0
    share = sum(cells for text, cells in looked_at if looks(text)) / sum(cells for _, cells in looked_at)
    return share * _WEIGHT.get(kind_of(field), 1.0) if share >= _LEAST_SHARE.get(name, 0.8) else 0.0


def full_share(column: Distinct) -> float:
    """The share of a column's cells that are not empty."""
    full = column.cells()[[bool(text.strip()) for text in column.texts]]
    return float(full.sum() / max(len(column.codes), 1))


def _frequent(column: Distinct, most: int) -> list[tuple[str, int]]:
    """The most frequent values that are not empty, with their numbers of cells."""
    cells = column.cells()
    order = np.argsort(-cells, kind="stable")
    return [
        (column.texts[place].strip(), int(cells[place])) for place in order[: most + 1] if column.texts[place].strip()
    ]


def _family(sign: str) -> str:
    """Letters with the marks of their script are of one family, as are digits, and signs that ASCII does not have."""
    if sign.isdigit():
        return "digit"
    if sign.isalpha() or unicodedata.category(sign).startswith("M"):
        return "letter"
    return sign if sign.isascii() else _OTHER_SIGN


def _shape_of_run(run: str) -> str:
    """Letters as A, a, AAAA, aaaa or Aaaa, whatever their number; each digit as 9; of a repeated sign one."""
    if run[0].isdigit():
        return "9" * len(run)
    if _family(run[0]) != "letter":
        return _family(run[0])
    if len(run) == 1:
        return "A" if run.isupper() else "a"
    return "Aaaa" if run[0].isupper() and not run.isupper() else "AAAA" if run.isupper() else "aaaa"


def _says_nothing(text: str) -> bool:
    return text in NOTHING or (text.isascii() and is_placeholder(text.lower(), text, FOR_TEXTS))


def _unique(column: Distinct) -> bool:
    """Whether nearly every row has a value of its own."""
    return len(column.texts) >= 0.95 * len(column.codes) and not any(
        " " in text.strip() for text in column.texts[:_LOOKED_AT]
    )


def _repeating(column: Distinct) -> bool:
    return len(column.texts) <= min(_FEW_SERVICES, len(column.codes) / 2)


def _few(column: Distinct) -> bool:
    return len(column.texts) <= _FEW_SEXES


def _many(column: Distinct) -> bool:
    return len(column.texts) >= min(_TELLING_NAMES, len(column.codes) / 2)


def _is_full_name(text: str) -> bool:
    words = text.replace(",", " ").split()
    return 2 <= len(words) <= _FEW_WORDS + 1 and all(_ONE_NAME.fullmatch(word) for word in words)


_Look = Callable[[str], object]
_LOOKS: Mapping[str, _Look] = {
    FULL_NAME: _is_full_name,
    ADDRESS: _ADDRESS.fullmatch,
    START: looks_like_a_date,
    END: looks_like_a_date,
}
_LOOKS_OF_KIND: Mapping[Kind, _Look] = {
    Kind.FIRST_NAME: _ONE_NAME.fullmatch,
    Kind.LAST_NAME: _ONE_NAME.fullmatch,
    Kind.INITIAL: _INITIAL.fullmatch,
    Kind.DATE: looks_like_a_date,
    Kind.SEX: is_sex,
    Kind.NUMBER: _HOUSE_NUMBER.fullmatch,
    Kind.STREET: is_street,
    Kind.SSN: _SSN.fullmatch,
    Kind.SSN_LAST_FOUR: re.compile(r"\d{4}").fullmatch,
    Kind.POSTCODE: _POSTCODE.fullmatch,
    Kind.PHONE: _PHONE.fullmatch,
    Kind.MAIL: _MAIL.fullmatch,
}
_BY_COLUMN: Mapping[str, Callable[[Distinct], bool]] = {
    CLIENT_ID: _unique,
    SERVICE: _repeating,
    "sex": _few,
    "first_name": _many,
    "last_name": _many,
}
_LEAST_SHARE = {"street_name": _NAMED_STREETS, END: 0.5}
_WEIGHT: Mapping[Kind, float] = {Kind.FIRST_NAME: 0.3, Kind.LAST_NAME: 0.3, Kind.NUMBER: 0.5}
