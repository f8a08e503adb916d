"""Placeholders: what people and programs write where they know nothing."""

from __future__ import annotations

import re
import unicodedata

from encoder.cleaning.lists import words_in

_UNKNOWN = (
    "unknown|unk|unkn|unkown|uknown|not known|not given|not provided|not available|not applicable|not stated|"
    "not disclosed|no answer|not collected|data not collected|client doesnt know|client does not know|doesnt know|"
    "does not know|dont know|client refused|refused|refuse|declined|declines|client prefers not to answer|"
    "prefers not to answer|prefer not to answer|prefer not to say|prefers not to say|prefer not to disclose|"
    "anonymous|anon|missing|blank|none|n a|tbd|to be determined|pending|desconocido|desconocida|inconnu|inconnue|"
    "unbekannt|xx|test|tests|tester|testing|dummy|fake|do not use|dnu|duplicate|duplicate record|delete|"
    "deleted|delete me|void|asdf|asdfg|qwerty|abc|no entry|error"
)
_NO_NAME = (
    "no name|noname|no last name|no first name|name unknown|name not known|nobody|client|patient|sin nombre|sans nom"
)
_NO_FIRST_NAME = (
    "x|baby|babies|boy|girl|baby boy|baby girl|newborn|new born|infant|unborn|unborn child|fetus|twin|twin a|twin b|"
    "male|female|child|fnu|nfn|first name unknown|no first name|first|first name"
)
_NO_LAST_NAME = "x|doe|lnu|nln|last name unknown|no last name|last name"
_NO_MIDDLE_NAME = "nmn|nmi|no middle|no middle name|no middle initial|middle|none given"
_NO_STREET = (
    "homeless|no address|no fixed address|no fixed abode|no permanent address|nfa|transient|general "
    "delivery|unhoused|unsheltered|same|same as above|street|streets|on the street|on the streets|couch surfing|in "
    "car|lives in car|address unknown"
)
_BABY = re.compile(r"(baby ?(boy|girl)|bb|bg|newborn|infant (boy|girl|male|female)|infant of|unborn)( |$)")
_OF_OTHER_SCRIPTS = (
    "неизвестно неизвестен неизвестна невідомо άγνωστο 未知 不明 不详 不詳 無名 无名 なし 없음 미상 مجهول אלמוני अज्ञात"
)
_IN_OTHER_SCRIPTS = words_in(_OF_OTHER_SCRIPTS)
_DIGITS = re.compile(r"\d+")

JOHN_AND_JANE = frozenset({"john", "jane", "jon", "johnny", "j", "baby"})
"""First names that go with the last name Doe."""


def _phrases(*lists: str) -> frozenset[str]:
    """Phrases as words, and run together where that makes no other word."""
    spaced = {phrase for part in lists for phrase in part.split("|")}
    return frozenset(spaced | {phrase.replace(" ", "") for phrase in spaced - {"n a"}})


FOR_FIRST_NAMES = _phrases(_UNKNOWN, _NO_NAME, _NO_FIRST_NAME)
FOR_LAST_NAMES = _phrases(_UNKNOWN, _NO_NAME, _NO_LAST_NAME)
FOR_MIDDLE_NAMES = _phrases(_UNKNOWN, _NO_NAME, _NO_MIDDLE_NAME)
FOR_STREETS = _phrases(_UNKNOWN, _NO_STREET)
FOR_TEXTS = _phrases(_UNKNOWN)


def is_placeholder(text: str, cell: str, phrases: frozenset[str]) -> bool:
    """Whether cleaned words say nothing: a known phrase, its words again or numbered, or one sign over and over.

    A name of another script may well sound like one of the phrases ("doe" is one in Kayah Li), and is none.

    Args:
        text: lower-case words, as `letters.words` leaves them.
        cell: what they were made of.
        phrases: one of the lists above.
    """
    if not text:
        return False
    if not cell.isascii() and not _is_latin(cell):
        return cell.strip().casefold() in _IN_OTHER_SCRIPTS
    if text in phrases:
        return True
    if text.isalnum() and text != text[0] * len(text):  # one word that is no known phrase: nearly every cell ends here
        return text[-1].isdigit() and text.rstrip("0123456789") in phrases
    plain = _DIGITS.sub("", text).split()
    if plain and all(word in phrases for word in plain):
        return True
    return _is_one_sign(text.replace(" ", ""))


def is_unnamed_baby(text: str) -> bool:
    """Whether cleaned words of a first name say only that somebody was born: "baby girl smith", "bb jones"."""
    return _BABY.match(text) is not None


def _is_latin(cell: str) -> bool:
    """Whether all letters of a cell are Latin ones, with accents or without."""
    return all(sign.isascii() or unicodedata.name(sign, "").startswith("LATIN") for sign in cell if sign.isalpha())


def _is_one_sign(text: str) -> bool:
    """Whether a text is one sign three times or more."""
    return len(set(text)) == 1 and len(text) > 2
