"""Sex and gender: words of many lists, and number codes by the column's one code list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from encoder.cleaning.letters import LATIN, WORDS
from encoder.cleaning.steps import READ, SAID_MISSING, UNREADABLE, CleanCell, Cleaner, Step

Codes = Mapping[str, str]
"""A member's code -> m, f, x, or "" for not known."""

_WORDS = {
    "m": "m male man boy masculino masc hombre homme masculin mannlich cisgendermale cisman transgendermale "
    "transmale transman transmasculine femaletomale ftm",
    "f": "f female woman girl w fem femenino femenina mujer femme feminin weiblich cisgenderfemale ciswoman "
    "transgenderfemale transfemale transwoman transfeminine maletofemale mtf",
    "x": "x nonbinary nb enby other diverse divers intersex genderqueer genderfluid agender twospirit questioning "
    "gendernonconforming gendernonconformingienotexclusivelymaleorfemale",
    "": "u unknown unk na notknown refused none notcollected datanotcollected clientdoesntknow doesntknow "
    "clientrefused clientprefersnottoanswer prefersnottoanswer prefernottosay declined transgender trans",
}
"""What is said, without spaces. "Transgender" alone says neither, and would match nobody who is m or f."""
_CODE_OF_WORD = {word: code for code, listed in _WORDS.items() for word in listed.split()}

MISSING_CODES: Codes = MappingProxyType({"8": "", "9": "", "99": ""})
"""HMIS: client does not know, prefers not to answer, not collected. ISO/IEC 5218 has 9 for "not applicable"."""

HMIS: Codes = MappingProxyType({"0": "f", "1": "m", **MISSING_CODES})
"""HMIS data standards: 0 female, 1 male."""

ISO: Codes = MappingProxyType({"0": "", "1": "m", "2": "f", **MISSING_CODES})
"""ISO/IEC 5218: 0 not known, 1 male, 2 female."""

EITHER: Codes = MappingProxyType({"1": "m", **MISSING_CODES})
"""What both lists say alike."""


def decide_codes(values: Iterable[str]) -> Codes | None:
    """The code list of a column; None where its codes may be of either list and they do not agree.

    Args:
        values: the column's distinct cells.
    """
    found = {_code(value) for value in values}
    if "0" in found and "2" in found:
        return None
    return HMIS if "0" in found else ISO if "2" in found else EITHER


def sex_cleaner(codes: Codes) -> Cleaner:
    """Clean the cells of a column of sexes to m, f or x.

    Args:
        codes: what number codes (or a member's own words) mean, looked up before the known words.
    """
    own = {WORDS.do(code).replace(" ", ""): meaning for code, meaning in codes.items()}

    def judge(text: str) -> CleanCell:
        word = text.replace(" ", "")
        code = own[word] if word in own else _CODE_OF_WORD.get(word)
        if code is None:
            return ("", UNREADABLE) if word else ("", SAID_MISSING)
        return (code, READ) if code else ("", SAID_MISSING)

    return Cleaner((Step("'.0' of a spreadsheet's number dropped", _code), LATIN, WORDS), judge)


def _code(cell: str) -> str:
    return cell.strip().removesuffix(".0")


def is_sex(text: str) -> bool:
    """Whether a text is a word or a code for a sex."""
    word = WORDS.do(LATIN.do(_code(text))).replace(" ", "")
    return word in _CODE_OF_WORD or word in ISO
