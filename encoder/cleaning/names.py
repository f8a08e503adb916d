"""Names of people: first, middle and last, from whatever a list holds of them."""

from __future__ import annotations

import re

from encoder.cleaning import placeholders
from encoder.cleaning.letters import LATIN, MEND, WORDS, latin_letters, words
from encoder.cleaning.lists import words_in
from encoder.cleaning.placeholders import is_unnamed_baby
from encoder.cleaning.steps import PLACEHOLDER, READ, UNREADABLE, CleanCell, Cleaner, Step

_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\"[^\"]*\"|“[^”]*”|«[^»]*»")
TITLES = words_in(
    "mr mrs ms miss mx mister dr dra doctor prof professor rev reverend fr father sister br brother pastor rabbi imam "
    "hon sir dame lady sra srta senor senora herr frau mme mlle monsieur madame sgt lt capt cpt col maj cpl pvt gen"
)
SUFFIXES = words_in("jr sr junior senior ii iii iv 2nd 3rd 4th esq esquire phd md dds rn")
_U, _I = re.compile("o[ou]+"), re.compile("e[ei]+|i[ei]+")
_SR = "sr"  # at the start a sister's or a señor's title, at the end a suffix


def without_asides(text: str) -> str:
    """A name without what stands in brackets or quotes, unless that is all there is."""
    left = _ASIDE.sub(" ", text)
    return left if any(map(str.isalpha, left)) else text


def _after_comma(text: str) -> str:
    """Of "Last, First" the first name; of "First, Jr." what stands before the comma."""
    before, comma, after = text.partition(",")
    if not comma or not any(map(str.isalpha, after)):
        return before or text
    return before if words(after) in SUFFIXES else after


def _before_comma(text: str) -> str:
    before = text.partition(",")[0]
    return before if any(map(str.isalnum, before)) else text


def _without_title(text: str) -> str:
    first, space, rest = text.partition(" ")
    while space and (first in TITLES or first == _SR):
        text = rest
        first, space, rest = text.partition(" ")
    return text


def _without_suffix(text: str) -> str:
    rest, space, last = text.rpartition(" ")
    while space and last in SUFFIXES:
        text = rest
        rest, space, last = text.rpartition(" ")
    return text


def _without_initials(text: str) -> str:
    """A first name without the middle initial after it."""
    rest, space, last = text.rpartition(" ")
    while space and len(last) == 1 and len(rest) > 1 and last.isascii():
        text = rest
        rest, space, last = text.rpartition(" ")
    return text


_ASIDES = Step("what stands in brackets or quotes dropped", without_asides)
_TITLE = Step("title dropped (Mr, Dr, Rev)", _without_title)
_SUFFIX = Step("suffix dropped (Jr, III, MD)", _without_suffix)
_INITIALS = Step("initial after the first name dropped", _without_initials)
_FIRST_OF_BOTH = Step('of "Last, First" the first name', _after_comma)
_LAST_OF_BOTH = Step('of "Last, First" the last name', _before_comma)


def _judge_first_name(text: str) -> CleanCell:
    return ("", PLACEHOLDER) if is_unnamed_baby(text) else _joined(text)


def _judge_middle_name(text: str) -> CleanCell:
    if not text:
        return "", PLACEHOLDER
    letter = next(filter(str.isalpha, text), "")
    return (letter, READ) if letter else ("", UNREADABLE)


def spelled_alike(name: str) -> str:
    """A name with the usual spellings of a long u, a long i and a y written in one way.

    Yusuf and Youssef, Lee and Li, Andrey and Andrei: the same name in the same letters' sound, by different rules of
    writing it. (Measured on lists of ASCII names, it neither gains nor loses; decision 27.)
    """
    return _I.sub("i", _U.sub("u", name.replace("y", "i")))


def _joined(text: str) -> CleanCell:
    """The words run together, so that Mary Ann, Mary-Ann and Maryann are one name, and Zhi Ming is Zhiming."""
    if not text:
        return "", PLACEHOLDER  # nothing but signs: "-", "?"
    name = text.replace(" ", "")
    return (name, READ) if name.isalpha() or any(map(str.isalpha, name)) else ("", UNREADABLE)


_ALIKE = Step("spellings of one sound written alike (oo, ou: u; ee, ie, ei, y: i)", spelled_alike)

FIRST_NAME = Cleaner(
    (MEND, _ASIDES, _FIRST_OF_BOTH, LATIN, WORDS, _TITLE, _SUFFIX, _INITIALS),
    _judge_first_name,
    placeholders.FOR_FIRST_NAMES,
    _ALIKE,
    plain=True,
)
LAST_NAME = Cleaner(
    (MEND, _ASIDES, _LAST_OF_BOTH, LATIN, WORDS, _TITLE, _SUFFIX),
    _joined,
    placeholders.FOR_LAST_NAMES,
    _ALIKE,
    plain=True,
)
MIDDLE_NAME = Cleaner((MEND, LATIN, WORDS), _judge_middle_name, placeholders.FOR_MIDDLE_NAMES, plain=True)


def name_words(text: str) -> list[str]:
    """The words of somebody's name, or of anything else that is held against names, as the cleaners write them."""
    return words(latin_letters(mended_and_plain(text))).split()


def mended_and_plain(text: str) -> str:
    """A text after the steps that come before its letters are looked at."""
    return without_asides(MEND.do(text))
