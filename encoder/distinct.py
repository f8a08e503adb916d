"""The distinct values of a column: names, dates and streets repeat, and work is done once a value, not once a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Distinct:
    """A column as its distinct values and, for each row, which of them it has.

    Attributes:
        texts: the distinct values, in the order in which the column first has them.
        codes: int32 (n,); row i has texts[codes[i]].
    """

    texts: list[str]
    codes: NDArray[np.int32]

    def cells(self) -> NDArray[np.int64]:
        """How many rows have each value, int64 (d,)."""
        return np.bincount(self.codes, minlength=len(self.texts))

    def first_row(self, value: int) -> int:
        """The first row that has the value of that index."""
        return int(np.flatnonzero(self.codes == value)[0])


def distinct(column: Sequence[str]) -> Distinct:
    """Find a column's distinct values.

    With a dictionary: pandas' hash table takes strings for C strings, so "a\\0b" and "a\\0c" would be one value to it.
    """
    place = {value: index for index, value in enumerate(dict.fromkeys(column))}
    codes = np.fromiter(map(place.__getitem__, column), np.int32, len(column))
    return Distinct(list(place), codes)
