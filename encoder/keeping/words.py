"""A secret as 26 words, to be read over the phone: 24 words of BIP-39 and two check words.

The 24 words hold the secret's 256 bits and the first 8 of its SHA-256, 11 bits a word: BIP-39 for 256 bits
(https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki). These 8 bits miss one slip in 256, so two words of a
Reed-Solomon code over GF(2^11) follow (Reed and Solomon 1960; narrow-sense, roots 1 and x, the polynomial
x^11 + x^2 + 1): any one or two wrong words are found for certain, two words in each other's place among them, and of
one wrong word it is told which it is. No word is ever mended silently.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import NewType

from encoder.errors import BadSecret
from encoder.keeping.strength import looks_random
from encoder.secret import SECRET_BYTES, Secret

Word = NewType("Word", int)
"""A word by its place in the list, 0-2047: an element of GF(2^11)."""

WORDS = 26
"""Words of a secret, the two check words included."""

_DATA_WORDS = 24
_BITS = 11
_POLYNOMIAL = (1 << 11) | (1 << 2) | 1  # primitive, so that x has 2,047 different powers
_ORDER = (1 << _BITS) - 1
_ENOUGH_LETTERS = 4  # no two words of the list begin with the same four
_WHERE = "the secret's words"


def words_of(secret: Secret) -> list[str]:
    """The secret's 26 words, in order."""
    value = secret.reveal()
    whole = int.from_bytes(value + hashlib.sha256(value).digest()[:1], "big")
    data = [Word(whole >> _BITS * (_DATA_WORDS - 1 - place) & _ORDER) for place in range(_DATA_WORDS)]
    return [_word_list()[word] for word in _with_check_words(data)]


def secret_of_words(words: Sequence[str]) -> Secret:
    """The secret of 26 words; their first four letters are enough, and case does not count.

    Raises:
        BadSecret: other than 26, a word that is not on the list, or words that do not belong together. Says which word
            is wrong by its number, never what it is.
    """
    if len(words) != WORDS:
        raise BadSecret(f"are {len(words)}, not {WORDS}", where=_WHERE, fix="have them read to you again")
    unknown = [place for place, word in enumerate(words, start=1) if find_word(word) is None]
    if unknown:
        numbers = ", ".join(map(str, unknown))
        raise BadSecret(f"not on the list: word {numbers}", where=_WHERE, fix="have these read to you again")
    found = [word for word in map(find_word, words) if word is not None]
    _require_checked(found)
    whole = 0
    for word in found[:_DATA_WORDS]:
        whole = whole << _BITS | word
    data = whole.to_bytes(SECRET_BYTES + 1, "big")
    value = data[:SECRET_BYTES]
    if hashlib.sha256(value).digest()[:1] != data[SECRET_BYTES:] or not looks_random(value):
        raise BadSecret("are not those of a secret", where=_WHERE, fix="have them all read to you again")
    return Secret(value)


def find_word(text: str) -> Word | None:
    """The word that is meant: itself, or its first four letters; None where it is not on the list."""
    return _places().get(text.strip().lower()[:_ENOUGH_LETTERS]) if _is_meant(text.strip().lower()) else None


def _is_meant(text: str) -> bool:
    place = _places().get(text[:_ENOUGH_LETTERS])
    return place is not None and _word_list()[place].startswith(text)


def _require_checked(words: Sequence[Word]) -> None:
    """Raise BadSecret where the check words do not go with the others."""
    plain, weighted = _syndromes(words)
    if not plain and not weighted:
        return
    fault, fix = "do not belong together", "have them all read to you again"
    if plain and weighted:
        place = (_logs()[weighted] - _logs()[plain]) % _ORDER
        if place < WORDS:
            fault, fix = f"do not belong together; word {place + 1} may be the wrong one", "have it read to you again"
    elif weighted:
        fault = "do not belong together; two may be in each other's place"
    raise BadSecret(fault, where=_WHERE, fix=fix)


def _with_check_words(data: Sequence[Word]) -> list[Word]:
    """The words and two more, with which the sum of all, and the sum of all times x to their place, are nought."""
    plain, weighted = _syndromes(data)
    one, other = _powers()[_DATA_WORDS], _powers()[_DATA_WORDS + 1]
    last = _divided(weighted ^ _times(one, plain), one ^ other)
    return [*data, Word(plain ^ last), Word(last)]


def _syndromes(words: Sequence[Word]) -> tuple[int, int]:
    plain = weighted = 0
    for place, word in enumerate(words):
        plain ^= word
        weighted ^= _times(_powers()[place], word)
    return plain, weighted


def _times(one: int, other: int) -> int:
    return _powers()[(_logs()[one] + _logs()[other]) % _ORDER] if one and other else 0


def _divided(one: int, other: int) -> int:
    return _powers()[(_logs()[one] - _logs()[other]) % _ORDER] if one else 0


@cache
def _powers() -> list[int]:
    """x to the power of 0, 1, ... 2,046 in GF(2^11)."""
    powers = [1]
    while len(powers) < _ORDER:
        doubled = powers[-1] << 1
        powers.append(doubled ^ _POLYNOMIAL if doubled > _ORDER else doubled)
    return powers


@cache
def _logs() -> dict[int, int]:
    return {power: exponent for exponent, power in enumerate(_powers())}


@cache
def _word_list() -> list[str]:
    return (files("encoder.keeping") / "words.txt").read_text(encoding="ascii").split()


@cache
def _places() -> dict[str, Word]:
    """The place of each word, by its first four letters."""
    return {word[:_ENOUGH_LETTERS]: Word(place) for place, word in enumerate(_word_list())}
