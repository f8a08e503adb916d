"""Columns that hold more than one field: a whole name, a whole address, a whole number whose end is a field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace

from encoder.cleaning.address import HOUSE_NUMBER, STREET, street_line
from encoder.cleaning.letters import words
from encoder.cleaning.lists import words_in
from encoder.cleaning.names import FIRST_NAME, LAST_NAME, MIDDLE_NAME, SUFFIXES, TITLES, without_asides
from encoder.cleaning.ssn import SSN_LAST_FOUR
from encoder.cleaning.steps import Cleaner, Step
from encoder.fields import ADDRESS, FULL_NAME

_Name = tuple[str, str, str]  # first, middle, last

_PARTICLES = words_in(
    "de da do dos das del della di du des le la las los van von der den ter ten zu zur af av al el bin ibn ben bat "
    "abu st san santa "
    "mac mc y e"
)
_DOUBLE_SURNAMES = words_in("欧阳 歐陽 司马 司馬 诸葛 諸葛 上官 皇甫 慕容 남궁 황보 제갈 선우 독고")
_RUN_TOGETHER = ("CJK", "HANGUL")  # scripts that write the family name first, without a space
_LEADING = re.compile(r"\s*(\d+(?:\s?-\s?\d+)?)[a-zA-Z]?(?:\s+1/2)?\s+(?=\S)")
_TRAILING = re.compile(r"[^\d,]+?\s(\d+)\s?[a-zA-Z]?\s*")


def split_name(text: str) -> _Name:
    """First, middle and last name of a whole one: "Last, First Middle", "First Middle Last" or 王芳."""
    plain = without_asides(text).strip()
    last, comma, rest = plain.partition(",")
    if comma and words(rest) not in SUFFIXES and any(map(str.isalpha, rest)):
        first, _, middle = " ".join(_bare_words(rest)).partition(" ")
        return first, middle, last
    parts = _bare_words(plain)
    if len(parts) == 1 and _is_run_together(parts[0]):
        cut = 2 if parts[0][:2] in _DOUBLE_SURNAMES else 1
        return parts[0][cut:], "", parts[0][:cut]
    if len(parts) < 2:  # one name: nobody knows which
        return "", "", " ".join(parts)
    start = next((place for place in range(1, len(parts) - 1) if words(parts[place]) in _PARTICLES), len(parts) - 1)
    return parts[0], " ".join(parts[1:start]), " ".join(parts[start:])


def split_address(text: str) -> tuple[str, str]:
    """House number and street of an address on one line, the number first (12 Main St) or last (Hauptstrasse 12)."""
    line = street_line(text)
    leading = _LEADING.match(line)
    if leading:
        return leading[1], line[leading.end() :]
    trailing = _TRAILING.fullmatch(line)
    return (trailing[1], line[: trailing.start(1)]) if trailing else ("", line)


def cleaner_of_part(source: str, field: str) -> Cleaner:
    """The cleaner of a field that is part of another column.

    Args:
        source: what the column holds (full_name, address, ssn).
        field: the part, by waylink's own name.
    """
    cleaner, part = _PARTS[source, field]
    return replace(cleaner, part=part)


def _bare_words(text: str) -> list[str]:
    """The words of a name without its titles and suffixes."""
    parts = text.replace(",", " ").split()
    while len(parts) > 1 and words(parts[0]) in TITLES:
        parts = parts[1:]
    while len(parts) > 1 and words(parts[-1]) in SUFFIXES:
        parts = parts[:-1]
    return parts


def _is_run_together(word: str) -> bool:
    return 1 < len(word) <= 4 and all(unicodedata.name(sign, "").startswith(_RUN_TOGETHER) for sign in word)


def _part_of_name(what: str, place: int) -> Step:
    return Step(f"{what} taken out of the whole", lambda text: split_name(text)[place])


def _part_of_address(what: str, place: int) -> Step:
    return Step(f"{what} taken out of the address", lambda text: split_address(text)[place])


_PARTS: Mapping[tuple[str, str], tuple[Cleaner, Step | None]] = {
    (FULL_NAME, "first_name"): (FIRST_NAME, _part_of_name("first name", 0)),
    (FULL_NAME, "middle_initial"): (MIDDLE_NAME, _part_of_name("middle name", 1)),
    (FULL_NAME, "last_name"): (LAST_NAME, _part_of_name("last name", 2)),
    (ADDRESS, "street_number"): (HOUSE_NUMBER, _part_of_address("house number", 0)),
    (ADDRESS, "street_name"): (STREET, _part_of_address("street", 1)),
    ("ssn", "ssn_last4"): (SSN_LAST_FOUR, None),
}
