"""US social security numbers: which are ever issued, and what a masked one still says.

Rules: Social Security Administration, "Social Security Number Randomization" (2011): no area 000, 666 or 900 to 999, no
group 00, no serial 0000. HMIS data standards: fewer than nine digits are not a number but a part of one.
"""

from __future__ import annotations

import re

from encoder.cleaning.steps import PARTIAL, PLACEHOLDER, READ, UNREADABLE, CleanCell, Cleaner, Step

DIGITS = 9
LAST = 4

_SEPARATORS = re.compile(r"[\s.\-\u2010-\u2015/]+")
_FLOAT = re.compile(r"(\d+)\.0+")
_MASK = re.compile(r"[xX*#?•_]+")
_NEVER_ISSUED = frozenset({"078051120", "219099999", "457555462"})  # printed on wallets' cards and in advertisements
_MADE_UP = frozenset({"123456789", "987654321", "012345678", "123121234", "111223333", "123456780", "111111112"})


def _bare(text: str) -> str:
    whole = _FLOAT.fullmatch(text)
    return _SEPARATORS.sub("", whole[1] if whole else text)


def _judge_whole(text: str) -> CleanCell:
    if _is_made_up(text):
        return "", PLACEHOLDER
    if len(text) == DIGITS and text.isascii() and text.isdigit():
        return (text, READ) if is_issued(text) else ("", UNREADABLE)
    return "", PARTIAL if _last_four(text) else UNREADABLE


def _judge_last_four(text: str) -> CleanCell:
    if _is_made_up(text):
        return "", PLACEHOLDER
    if len(text) == DIGITS and text.isascii() and text.isdigit() and not is_issued(text):
        return "", UNREADABLE
    last = _last_four(text)
    return (last, READ) if last else ("", UNREADABLE)


def is_issued(digits: str) -> bool:
    """Whether nine digits can be somebody's number."""
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    never = area in {"000", "666"} or area[0] == "9" or group == "00" or serial == "0000"
    return not never and digits not in _NEVER_ISSUED


def _is_made_up(text: str) -> bool:
    """Whether it is one digit (or a mask) over and over, or a number that people make up; or no digit at all."""
    digits = _MASK.sub("", text)
    return not digits or text in _MADE_UP or len(set(text)) == 1 or set(digits) == {"0"}


def _last_four(text: str) -> str:
    """The last four digits of a number that is whole, masked before them, or shorter ("" where they are not there)."""
    digits = text[-LAST:]
    sound = len(digits) == LAST and digits.isascii() and digits.isdigit() and digits != "0" * LAST
    before = _MASK.sub("", text[:-LAST])
    return digits if sound and len(text) <= DIGITS and (not before or before.isdigit()) else ""


_BARE = Step("hyphens, points and spaces dropped", _bare)

SSN = Cleaner((_BARE,), _judge_whole)
SSN_LAST_FOUR = Cleaner((_BARE,), _judge_last_four)
