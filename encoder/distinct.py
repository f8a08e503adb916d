"""The distinct values of a column: names, dates and streets repeat, and work is done once a value, not once a row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MANY = 16  # values a row from which on sorting the rows' values is faster than marking them among all


@dataclass(frozen=True, eq=False)
class Distinct:
    """A column as its distinct values and, for each row, which of them it has.

    Attributes:
        texts: the distinct values, each once.
        codes: int32 (n,); row i has texts[codes[i]].
    """

    texts: list[str]
    codes: NDArray[np.int32]

    def cells(self) -> NDArray[np.int64]:
        """How many rows have each value, int64 (d,)."""
        return np.bincount(self.codes, minlength=len(self.texts))

    def values(self) -> Iterator[str]:
        """Each row's value."""
        return map(self.texts.__getitem__, self.codes.tolist())

    def mapped(self, texts: Sequence[str]) -> Distinct:
        """The same rows with `texts[i]` in place of value i; what is equal then becomes one value."""
        if texts == self.texts:
            return self
        column = distinct(texts)
        return Distinct(column.texts, column.codes[self.codes])

    def stripped(self) -> Distinct:
        """The same rows without white space around their values."""
        return self.mapped([text.strip() for text in self.texts])

    def only(self, keep: NDArray[np.bool_]) -> Distinct:
        """The rows that are to be kept, bool (n,), and the values that these have."""
        values, codes = np.unique(self.codes[keep], return_inverse=True)
        return Distinct([self.texts[value] for value in values.tolist()], codes.astype(np.int32))

    def where(self, holds: Sequence[bool]) -> NDArray[np.bool_]:
        """The rows of which it holds, bool (n,), given for which values it does."""
        return np.array(holds, np.bool_)[self.codes]

    def part(self, rows: slice) -> Distinct:
        """Some of the rows with the values that these have, in this column's order."""
        codes = self.codes[rows]
        if len(codes) == len(self.codes):
            return self
        values, number = _values_in(codes, len(self.texts))
        return Distinct([self.texts[value] for value in values.tolist()], number)

    def first_row(self, value: int) -> int:
        """The first row that has the value of that index."""
        return int(np.flatnonzero(self.codes == value)[0])


def _values_in(codes: NDArray[np.int32], values: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The values that there are among the codes, in order, and which of these each code is."""
    if values > _MANY * len(codes):
        there, number = np.unique(codes, return_inverse=True)
        return there.astype(np.int64), number.astype(np.int32)
    marked = np.zeros(values, np.bool_)
    marked[codes] = True
    return np.flatnonzero(marked), (np.cumsum(marked, dtype=np.int32) - np.int32(1))[codes]


class DistinctBuilder:
    """Finds a column's distinct values while its cells come in, part by part; the cells themselves are not kept.

    With a dictionary: pandas' hash table takes strings for C strings, so "a\\0b" and "a\\0c" would be one value to it.
    """

    def __init__(self) -> None:
        self._place: defaultdict[str, int] = defaultdict()
        self._place.default_factory = self._place.__len__  # a new value's place is after those that are there
        self._codes: list[NDArray[np.int32]] = []

    def add(self, cells: Sequence[str]) -> None:
        """Take the cells of the next rows."""
        self._codes.append(np.fromiter(map(self._place.__getitem__, cells), np.int32, len(cells)))

    def column(self) -> Distinct:
        """The column of all cells that were added."""
        return Distinct(list(self._place), np.concatenate([np.empty(0, np.int32), *self._codes]))


def distinct(column: Sequence[str]) -> Distinct:
    """Find a column's distinct values."""
    builder = DistinctBuilder()
    builder.add(column)
    return builder.column()
