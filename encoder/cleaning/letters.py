"""Letters: any text to lower-case words of a-z and 0-9, and never to nothing."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from encoder.cleaning.latin import latin
from encoder.cleaning.steps import Step

_APOSTROPHES = "'`´‘’‛ʼʻʹʾʿ′＇"  # noqa: RUF001 (the signs people type for an apostrophe)
_ASCII_WORDS = {
    code: None if chr(code) in "'`" else chr(code).lower() if chr(code).isalnum() else " " for code in range(128)
}
_GARBLED = re.compile(
    "[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
)
"""UTF-8 that was read as cp1252: a lead byte, then one or more bytes of 0x80 to 0xBF, as cp1252 shows them."""


def words(text: str) -> str:
    """Lower-case words of a-z and 0-9, one space between them; apostrophes and invisible signs leave no gap.

    Letters that no transliteration knows stay as they are, case folded, so that no text with a letter becomes empty.
    """
    if text.isascii():
        return " ".join(text.translate(_ASCII_WORDS).split())
    folded = unicodedata.normalize("NFKC", text).casefold()
    cleaned = " ".join("".join(map(_kept, folded)).split())
    return unicodedata.normalize("NFKC", cleaned)


def latin_letters(text: str) -> str:
    """Text in Latin letters without accents; the text itself where that would leave nothing of its letters."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKC", "".join(sign for sign in text if not _invisible(sign)))
    written = latin(plain)
    return plain if any(map(str.isalpha, plain)) and not any(map(str.isalpha, written)) else written


def mended(text: str) -> str:
    """Text whose UTF-8 was once read as cp1252 (JosÃ© for José), as it was before."""
    if text.isascii() or not _GARBLED.search(text):
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text


MEND = Step("letters mended that were saved in the wrong encoding", mended)
LATIN = Step("accents dropped and other scripts written in Latin letters", latin_letters)
WORDS = Step("small letters, signs dropped", words)


@lru_cache(maxsize=1 << 12)  # signs, not values: a few thousand cover every script a member has
def _kept(sign: str) -> str:
    """A letter, mark or digit stays; an apostrophe or an invisible sign goes; anything else is a space."""
    category = unicodedata.category(sign)
    if sign in _APOSTROPHES or category == "Cf":
        return ""
    return sign if category[0] in "LMN" else " "


@lru_cache(maxsize=1 << 12)
def _invisible(sign: str) -> bool:
    """Whether a sign is one of those that people do not see: soft hyphens, joiners, marks of direction."""
    return unicodedata.category(sign) == "Cf"
