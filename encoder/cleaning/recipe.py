"""The recipe: which cleaner is for which kind of field. A change of output is a new version.

Version 2: names and streets in Latin letters without accents, small, without signs; titles, suffixes, nicknames in
brackets and units of addresses dropped; words of names run together; of a middle name the first letter; sex as m, f or
x; dates as YYYYMMDD, in part where they are known in part; house numbers' digits; placeholders and missing codes empty.
A field that waylink does not know is NFKC and stripped. Then the value is written as the schema's format asks.
(Version 1 kept scripts and accents, spaces between the words of names, and placeholders.)
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from encoder.cleaning.address import HOUSE_NUMBER, STREET
from encoder.cleaning.contact import MAIL, PHONE, POSTCODE, TOWN
from encoder.cleaning.dates import FORMATS, date_cleaner
from encoder.cleaning.names import FIRST_NAME, LAST_NAME, MIDDLE_NAME
from encoder.cleaning.sex import EITHER, Codes, sex_cleaner
from encoder.cleaning.ssn import SSN, SSN_LAST_FOUR
from encoder.cleaning.steps import READ, CleanCell, Cleaner, Step
from encoder.fields import Kind

CLEANING_VERSION = "2"

Writer = Callable[[str], str]
"""A cleaned value as a linkage schema's format takes it; "" where the format cannot hold it."""

_DAY = "%Y%m%d"
_DAY_DIGITS = 8

_TEXT = Cleaner(
    (Step("letters as one sign each (NFKC)", lambda text: unicodedata.normalize("NFKC", text).strip()),),
    lambda text: (text, READ),
)

_CLEANERS: Mapping[Kind, Cleaner] = {
    Kind.FIRST_NAME: FIRST_NAME,
    Kind.LAST_NAME: LAST_NAME,
    Kind.INITIAL: MIDDLE_NAME,
    Kind.NUMBER: HOUSE_NUMBER,
    Kind.STREET: STREET,
    Kind.SSN: SSN,
    Kind.SSN_LAST_FOUR: SSN_LAST_FOUR,
    Kind.POSTCODE: POSTCODE,
    Kind.PHONE: PHONE,
    Kind.MAIL: MAIL,
    Kind.TOWN: TOWN,
    Kind.TEXT: _TEXT,
}


@dataclass(frozen=True)
class Conventions:
    """What was decided for a whole column, by its values or by the mapping file.

    Attributes:
        date_format: strptime's; for dates.
        codes: what number codes mean; for sexes.
    """

    date_format: str = FORMATS[0]
    codes: Codes = field(default_factory=lambda: EITHER)


NO_CONVENTIONS = Conventions()
"""For the kinds that need none."""


def cleaner_of(kind: Kind, conventions: Conventions = NO_CONVENTIONS) -> Cleaner:
    """The cleaner for a kind of field, by its column's conventions."""
    if kind is Kind.DATE:
        return date_cleaner(conventions.date_format)
    if kind is Kind.SEX:
        return sex_cleaner(conventions.codes)
    return _CLEANERS[kind]


def writer_of(kind: Kind, form: Mapping[str, Any], clean: Callable[[str], CleanCell]) -> Writer:
    """How cleaned values of a kind are written so that a feature takes them.

    Args:
        kind: what the field holds.
        form: the feature's `format` in the linkage schema.
        clean: the field's cleaner, by which an enumeration's own values are known.
    """
    if kind is Kind.TEXT:
        return str
    if form.get("type") == "date" and kind is Kind.DATE:
        return lambda text: _written_date(text, str(form["format"]))
    if form.get("type") == "enum":
        allowed = {clean(str(value))[0]: str(value) for value in form["values"]}
        return lambda text: allowed.get(text, text)
    return {"upper": str.upper, "lower": str.lower}.get(str(form.get("case")), str)


def _written_date(text: str, form: str) -> str:
    """A date as clkhash's date format asks; it has no room for a part of one."""
    return datetime.strptime(text, _DAY).strftime(form) if len(text) == _DAY_DIGITS else ""
