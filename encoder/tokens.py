"""A field's distinct values -> its distinct tokens and where they set bits, as flat arrays (a C++ kernel's shape)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from encoder.clkhash_spec import FieldRecipe
from encoder.distinct import Distinct
from encoder.errors import UnfitValue


@dataclass(frozen=True, eq=False)
class FieldTokens:
    """The tokens of one field.

    Attributes:
        codes: int32 (n,); which distinct value each row has.
        first: int64 (d+1,); the tokens of value v are token[first[v]:first[v+1]].
        token: int32 (t,); which distinct token stands there, in the value's order, repeats kept.
        count: int32 (t,); how many bits it sets there.
        place: int64 (u+1,); the positions of distinct token w are positions[place[w]:place[w+1]], as many as the
            largest count it has anywhere: those for a smaller count are the first of them.
        positions: uint32 (p,); bit positions in the unfolded filter.
    """

    codes: NDArray[np.int32]
    first: NDArray[np.int64]
    token: NDArray[np.int32]
    count: NDArray[np.int32]
    place: NDArray[np.int64]
    positions: NDArray[np.uint32]


def tokens_of(column: Distinct, recipe: FieldRecipe, *, validate: bool = True) -> FieldTokens:
    """Tokenise each distinct value once and hash each distinct token once.

    Raises:
        UnfitValue: a value breaks its feature's format; names the first row with it (counted from 0) and the column.
    """
    index: dict[str, int] = {}
    token: list[int] = []
    count: list[int] = []
    lengths: list[int] = []
    for number, value in enumerate(column.texts):
        found = _tokens(column, number, value, recipe, validate=validate)
        token.extend(index.setdefault(text, len(index)) for text in found)
        count.extend(recipe.bits_per_token(len(found)) if found else ())
        lengths.append(len(found))
    most = np.zeros(len(index), np.int32)
    np.maximum.at(most, token, np.asarray(count, np.int32))
    hashed = [recipe.positions(text, k) for text, k in zip(index, most.tolist(), strict=True)]
    return FieldTokens(
        codes=column.codes,
        first=_starts(lengths),
        token=np.asarray(token, np.int32),
        count=np.asarray(count, np.int32),
        place=_starts(most.tolist()),
        positions=np.concatenate(hashed) if hashed else np.empty(0, np.uint32),
    )


def _tokens(column: Distinct, number: int, value: str, recipe: FieldRecipe, *, validate: bool) -> list[str]:
    try:
        return list(recipe.tokens(value, validate=validate))
    except UnfitValue as fault:
        where = f"row {column.first_row(number)} (counted from 0), column '{recipe.name}'"
        raise UnfitValue(fault.what, where=where, fix="correct the cell, or empty it") from None


def _starts(lengths: list[int]) -> NDArray[np.int64]:
    return np.fromiter(accumulate(lengths, initial=0), np.int64, len(lengths) + 1)
