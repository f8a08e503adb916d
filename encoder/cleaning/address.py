"""Addresses: a house number and a street from whatever column holds them, with the usual words in their short form."""

from __future__ import annotations

import re

from encoder.cleaning import placeholders
from encoder.cleaning.letters import LATIN, MEND, WORDS
from encoder.cleaning.lists import pairs_in
from encoder.cleaning.placeholders import is_placeholder
from encoder.cleaning.steps import PLACEHOLDER, READ, UNREADABLE, CleanCell, Cleaner, Step

_KINDS = (
    "street=st str=st strt=st avenue=ave av=ave aven=ave avn=ave road=rd drive=dr drv=dr driv=dr lane=ln la=ln "
    "court=ct crt=ct place=pl boulevard=blvd blv=blvd boul=blvd circle=cir circ=cir crcl=cir terrace=ter terr=ter "
    "trail=trl parkway=pkwy parkwy=pkwy pky=pkwy highway=hwy hiway=hwy square=sq alley=aly plaza=plz crescent=cres "
    "cove=cv crossing=xing route=rte freeway=fwy expressway=expy turnpike=tpke heights=hts point=pt ridge=rdg "
    "center=ctr centre=ctr gardens=gdns extension=ext causeway=cswy loop=loop way=way walk=walk run=run pike=pike "
    "path=path"
)
_DIRECTIONS = "north=n south=s east=e west=w northeast=ne northwest=nw southeast=se southwest=sw"
_NUMBERED = (
    "first=1st second=2nd third=3rd fourth=4th fifth=5th sixth=6th seventh=7th eighth=8th ninth=9th tenth=10th "
    "eleventh=11th twelfth=12th"
)


_ANYWHERE = pairs_in(f"{_DIRECTIONS} {_NUMBERED} saint=st mount=mt fort=ft")
_AFTER_A_NAME = pairs_in(_KINDS) | _ANYWHERE
"""Words of streets in the short form of the US Postal Service (Publication 28, C1 and B), and common ways to write
them. A kind of street is one only after the street's name: Court Street is court st."""
_KIND_WORDS = frozenset(pairs_in(_KINDS).values())

_UNIT = re.compile(
    r"(?<=\w) (apt|apartment|apmt|unit|ste|suite|rm|room|floor|lot|trlr|trailer|bldg|building|spc|apt no|no)"
    r" ?\w{0,5}( \w{1,2})?$"
)
_HASH = re.compile(r"#\s*[\w-]+")
_BESIDE = re.compile(
    r"^\s*((c/o|care of|attn:?)\b|(apt|unit|ste|suite|room|rm|floor)\b\.?\s*\w{1,5}\s*$)", re.IGNORECASE
)
_NUMBER = re.compile(r"\d+(?:\s*-\s*\d+)?")
_FLOAT = re.compile(r"(\d+)\.0+")


def street_line(text: str) -> str:
    """Of an address on one line, the part with the street: not the unit before it, not the town after it."""
    parts = [part for part in _HASH.sub(" ", text).split(",") if any(map(str.isalnum, part))]
    lettered = [part for part in parts if any(map(str.isalpha, part)) and not _BESIDE.match(part)]
    return (lettered or parts or [text])[0]


def _without_unit(text: str) -> str:
    return _UNIT.sub("", text)


def _without_number(text: str) -> str:
    """A street without the house number before it; a number that is the street's name stays (220 St)."""
    number, space, rest = text.partition(" ")
    if not space or not number[0].isdigit() or not (number.isdigit() or number[:-1].isdigit()):
        return text
    named = any(word not in _KIND_WORDS and word not in _AFTER_A_NAME and len(word) > 2 for word in rest.split())
    return rest if named else text


def _shortened(text: str) -> str:
    first, *others = text.split() or [""]
    return " ".join([_ANYWHERE.get(first, first), *(_AFTER_A_NAME.get(word, word) for word in others)])


def _as_whole_number(text: str) -> str:
    whole = _FLOAT.fullmatch(text)
    return whole[1] if whole else text


def _judge_street(text: str) -> CleanCell:
    if not text:
        return "", PLACEHOLDER
    return (text, READ) if text.isalpha() or any(map(str.isalpha, text)) else ("", UNREADABLE)


def _judge_number(text: str) -> CleanCell:
    """The number's digits, so that 12-14, 12 B and 012 are as near to each other as their digits are."""
    found = _NUMBER.search(text)
    if not found:
        return "", PLACEHOLDER if not any(map(str.isalnum, text)) or _says_nothing(text) else UNREADABLE
    digits = "".join(filter(str.isdigit, found[0])).lstrip("0")
    return (digits, READ) if digits else ("", PLACEHOLDER)


def _says_nothing(text: str) -> bool:
    cleaned = WORDS.do(text)
    return bool(cleaned) and is_placeholder(cleaned, text, placeholders.FOR_STREETS)


_LINE = Step("unit, town and 'care of' around the street dropped", street_line)
_UNITS = Step("apartment or unit dropped", _without_unit)
_NUMBERS = Step("house number before the street dropped", _without_number)
_WORDS = Step("words of streets shortened (Street: st, North: n)", _shortened)
_WHOLE = Step("'.0' of a spreadsheet's number dropped", _as_whole_number)

STREET = Cleaner((MEND, _LINE, LATIN, WORDS, _UNITS, _NUMBERS, _WORDS), _judge_street, placeholders.FOR_STREETS)
HOUSE_NUMBER = Cleaner((_WHOLE, LATIN), _judge_number)


def is_street(text: str) -> bool:
    """Whether a text says that it is a street: two words or more, and one of street, avenue, ..."""
    found = _shortened(WORDS.do(LATIN.do(text))).split()
    return len(found) > 1 and not _KIND_WORDS.isdisjoint(found[1:])
