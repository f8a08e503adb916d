"""Postcodes, telephone numbers, e-mail addresses and towns."""

from __future__ import annotations

import re

from encoder.cleaning import placeholders
from encoder.cleaning.letters import LATIN, MEND, WORDS
from encoder.cleaning.placeholders import is_placeholder
from encoder.cleaning.steps import PLACEHOLDER, READ, UNREADABLE, CleanCell, Cleaner, Fate, Step

ZIP_DIGITS = 5
_ZIP_PLUS_FOUR = 9
_SHORTEST_ZIP = 3  # 00501 without its zeros, as a spreadsheet shows it
_NO_ZIPS = frozenset({"00000", "99999"})
_FLOAT = re.compile(r"(\d+)\.0+")
_EXTENSION = re.compile(r"\s*(?:ext\.?|extension|x)\s*\d+$", re.IGNORECASE)
_PHONE_DIGITS = range(7, 16)  # a local number; ITU-T E.164: at most 15
_US_DIGITS = 10
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z0-9-]+")
_NO_MAIL = re.compile(r"(no|none|na|n/a|noemail|no-email|unknown|test|none1|no\.email|donotreply|noreply)@")


def _whole(text: str) -> str:
    found = _FLOAT.fullmatch(text)
    return found[1] if found else text


def _judge_postcode(text: str) -> CleanCell:
    """Of a ZIP code five digits, lost zeros restored; of another country's postcode letters and digits."""
    code = text.replace(" ", "")
    if not code:
        return "", PLACEHOLDER
    if not code.isdigit():
        return (code, READ) if any(map(str.isdigit, code)) else ("", UNREADABLE)
    if not _SHORTEST_ZIP <= len(code) <= _ZIP_PLUS_FOUR:
        return "", PLACEHOLDER if set(code) == {"0"} else UNREADABLE
    length = ZIP_DIGITS if len(code) <= ZIP_DIGITS else _ZIP_PLUS_FOUR
    zip_code = code.zfill(length)[:ZIP_DIGITS]
    return ("", PLACEHOLDER) if zip_code in _NO_ZIPS else (zip_code, READ)


def _judge_phone(text: str) -> CleanCell:
    """The digits, without the country code of the US."""
    digits = "".join(sign for sign in text if sign.isascii() and sign.isdigit())
    if len(digits) > _US_DIGITS and digits.startswith("1"):
        digits = digits[1:]
    if digits and len(set(digits[-7:])) == 1:
        return "", PLACEHOLDER
    return (digits, READ) if len(digits) in _PHONE_DIGITS else ("", _nothing_or_unreadable(text))


def _judge_mail(text: str) -> CleanCell:
    if _NO_MAIL.match(text):
        return "", PLACEHOLDER
    return (text, READ) if _MAIL.fullmatch(text) else ("", _nothing_or_unreadable(text))


def _judge_town(text: str) -> CleanCell:
    if not text:
        return "", PLACEHOLDER
    return (text.replace(" ", ""), READ) if any(map(str.isalpha, text)) else ("", UNREADABLE)


def _nothing_or_unreadable(text: str) -> Fate:
    cleaned = WORDS.do(text)
    return PLACEHOLDER if not cleaned or is_placeholder(cleaned, text, placeholders.FOR_TEXTS) else UNREADABLE


_WHOLE = Step("'.0' of a spreadsheet's number dropped", _whole)

POSTCODE = Cleaner((_WHOLE, WORDS), _judge_postcode, placeholders.FOR_TEXTS)
PHONE = Cleaner((_WHOLE, Step("extension dropped", lambda text: _EXTENSION.sub("", text))), _judge_phone)
MAIL = Cleaner((Step("small letters", str.casefold),), _judge_mail)
TOWN = Cleaner((MEND, LATIN, WORDS), _judge_town, placeholders.FOR_STREETS, plain=True)
