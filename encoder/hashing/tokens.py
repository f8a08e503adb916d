"""A field's distinct values -> its distinct tokens and where they set bits, as flat arrays (`native/`'s shape)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from encoder.distinct import Distinct
from encoder.errors import UnfitValue
from encoder.hashing import _native
from encoder.hashing.clkhash_spec import FieldRecipe, Ngrams, Positions
from encoder.hashing.ranges import ranges, starts

_Made = TypeVar("_Made")

_MOST_KNOWN = 1 << 16
"""Tokens whose positions are kept: bigrams of names are a few thousand; whole values (`exact`) need no memory."""


@dataclass(frozen=True, eq=False)
class CutTexts:
    """Texts as tokens.

    Attributes:
        first: int64 (d+1,); the tokens of value v are token[first[v]:first[v+1]].
        token: int32 (t,); which distinct token stands there, in the value's order, repeats kept.
        tokens: the distinct tokens, u of them, by first appearance.
    """

    first: NDArray[np.int64]
    token: NDArray[np.int32]
    tokens: list[str]


@dataclass(frozen=True, eq=False)
class FieldTokens:
    """The tokens of one field.

    Attributes:
        codes: int32 (n,); which distinct value each row has.
        cut: the distinct values' tokens.
        least, extra: int32 (d,); the first extra[v] tokens of value v set least[v] + 1 bits each, the others least[v].
        place: int64 (u+1,); the positions of distinct token w are positions[place[w]:place[w+1]], as many as the
            largest count it has anywhere: those for a smaller count are the first of them.
        positions: uint32 (p,); bit positions in the unfolded filter.
    """

    codes: NDArray[np.int32]
    cut: CutTexts
    least: NDArray[np.int32]
    extra: NDArray[np.int32]
    place: NDArray[np.int64]
    positions: Positions


class Tokeniser:
    """Tokenises one field's values, and keeps where its tokens set bits: each is hashed once. Threads may share it."""

    def __init__(self, recipe: FieldRecipe) -> None:
        self._recipe = recipe
        self._known = _KnownTokens(recipe)
        self._changing = Lock()

    def tokens_of(self, column: Distinct, *, first_row: int = 0, validate: bool = True) -> FieldTokens:
        """Tokenise each distinct value once, and hash each distinct token that is new.

        Args:
            column: some of the field's rows.
            first_row: the number of the first of them.
            validate: whether values are held to the feature's format first.

        Raises:
            UnfitValue: a value breaks its feature's format; names the first row with it (counted from 0) and the
                column.
        """
        checked = _Checked(column, first_row, self._recipe.name, validate)
        cut = self._cut(checked)
        least, extra = bits_per_value(np.diff(cut.first), self._recipe.bits_per_token)
        most = np.empty(len(cut.tokens), np.int32)
        _native.most_bits(cut.first, cut.token, least, extra, most)
        try:
            with self._changing:
                positions = self._known.positions(cut.tokens, most.astype(np.int64))
        except UnicodeEncodeError:
            checked.each(self._recipe.text)  # says which row it is
            raise
        return FieldTokens(column.codes, cut, least, extra, starts(most), positions)

    def _cut(self, checked: _Checked) -> CutTexts:
        recipe = self._recipe
        if recipe.ngrams is None:
            return number_tokens(checked.each(recipe.tokens))
        texts = checked.column.texts if recipe.takes_any_text else checked.each(recipe.text)
        return cut_ngrams(texts, recipe.ngrams)


def number_tokens(values: Iterable[Sequence[str]]) -> CutTexts:
    """Number the distinct tokens of some values, whose tokens are given."""
    index: dict[str, int] = {}
    token: list[int] = []
    lengths: list[int] = []
    for tokens in values:
        token.extend([index.setdefault(text, len(index)) for text in tokens])
        lengths.append(len(tokens))
    return CutTexts(starts(lengths), np.array(token, np.int32), list(index))


def cut_ngrams(texts: list[str], ngrams: Ngrams) -> CutTexts:
    """Cut texts into n-grams, natively; `number_tokens` of clkhash's own n-grams is the same."""
    letters = np.fromiter(map(len, texts), np.int64, len(texts))
    first = starts(np.where(letters > 0, letters + ngrams.n - 1, 0))
    token = np.empty(int(first[-1]), np.int32)
    return CutTexts(first, token, _native.cut(texts, ngrams.n, ngrams.positional, token))


def bits_per_value(
    tokens: NDArray[np.int64], strategy: Callable[[int], Sequence[int]]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """`least` and `extra` (see FieldTokens) of values with so many tokens each.

    Args:
        tokens: (d,); how many tokens each value has.
        strategy: how many bits each of that many tokens sets.
    """
    numbers, which = np.unique(tokens, return_inverse=True)
    shares = np.array([_share(strategy(number)) if number else (0, 0) for number in numbers.tolist()], np.int32)
    return shares.reshape(-1, 2)[which, 0], shares.reshape(-1, 2)[which, 1]


def _share(bits: Sequence[int]) -> tuple[int, int]:
    """The bits that every token sets, and how many of the first set one more."""
    least = bits[-1]
    extra = bits.index(least)
    if tuple(bits) != (least + 1,) * extra + (least,) * (len(bits) - extra):
        raise AssertionError("clkhash spreads bits in a way that is not known here")
    return least, extra


@dataclass(frozen=True, eq=False)
class _Checked:
    """Some rows of a field whose values are held to its format, and where they are."""

    column: Distinct
    first_row: int
    name: str
    validate: bool

    def each(self, make: Callable[..., _Made]) -> list[_Made]:
        """What is made of each distinct value; an unfit one's row and column are named."""
        made = []
        for number, value in enumerate(self.column.texts):
            try:
                made.append(make(value, validate=self.validate))
            except UnfitValue as fault:
                row = self.first_row + self.column.first_row(number)
                where = f"row {row} (counted from 0), column '{self.name}'"
                raise UnfitValue(fault.what, where=where, fix="correct the cell, or empty it") from None
        return made


class _KnownTokens:
    """Where a field's tokens set bits, as far as they have been hashed."""

    def __init__(self, recipe: FieldRecipe) -> None:
        self._hash = recipe.positions
        self._index: dict[str, int] = {}
        self._first = self._count = np.empty(0, np.int64)
        self._positions: Positions = np.empty(0, np.uint32)

    def positions(self, tokens: Sequence[str], counts: NDArray[np.int64]) -> Positions:
        """The first counts[i] positions of each token, one token's after the other's."""
        if len(self._index) > _MOST_KNOWN:
            self._forget()
        number = np.array([self._index.setdefault(token, len(self._index)) for token in tokens], np.int64)
        self._make_room()
        new = np.flatnonzero(self._count[number] < counts)
        if len(new):
            hashed = self._hash([tokens[place] for place in new.tolist()], counts[new])
            self._first[number[new]] = len(self._positions) + starts(counts[new])[:-1]
            self._count[number[new]] = counts[new]
            self._positions = np.concatenate([self._positions, hashed])
        return self._positions[ranges(self._first[number], counts)]

    def _forget(self) -> None:
        self._index.clear()
        self._first = self._count = np.empty(0, np.int64)
        self._positions = np.empty(0, np.uint32)

    def _make_room(self) -> None:
        room = np.zeros(len(self._index) - len(self._first), np.int64)
        self._first = np.concatenate([self._first, room])
        self._count = np.concatenate([self._count, room])
