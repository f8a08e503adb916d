"""Numbers for what is equal: sorting, ranking, sequences of any length. Exact, where a hash is nearly so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]

_BITS = 63  # of an int64, without its sign
_DENSE = 4  # a table of all possible values is cheaper than sorting while it is not over this many times the values
_SMALL = 1 << 16  # nor is it ever worth sorting for fewer possible values than this


def pack(columns: Sequence[Numbers], bounds: Sequence[int]) -> Numbers:
    """One number for each row of columns, ordered as the rows are.

    Args:
        columns: int64 (n,) each, from 0 to its bound - 1.
        bounds: one more than the most of each column.

    Raises:
        OverflowError: the bounds do not fit 63 bits together.
    """
    if bound_of(bounds).bit_length() > _BITS:
        raise OverflowError("more different rows than an int64 can number")
    packed = columns[0].astype(np.int64)
    for column, bound in zip(columns[1:], bounds[1:], strict=True):
        packed *= max(bound, 1)
        packed += column
    return packed


def bound_of(bounds: Sequence[int]) -> int:
    """How many different rows there can be."""
    product = 1
    for bound in bounds:
        product *= max(bound, 1)
    return product


def order_of(columns: Sequence[Numbers], bounds: Sequence[int]) -> NDArray[np.intp]:
    """The order of the rows of columns, the first column first; equal rows stay as they were. See `pack`."""
    count, bits = len(columns[0]), len(columns[0]).bit_length()
    together = bound_of(bounds).bit_length()
    if together > _BITS:
        return np.lexsort(columns[::-1])
    packed = pack(columns, bounds)
    if (packed[1:] >= packed[:-1]).all():
        return np.arange(count)
    if together + bits > _BITS:
        return np.argsort(packed, kind="stable")
    packed <<= bits  # the row's number in the low bits: sorting numbers is three times as fast as sorting an order
    packed += np.arange(count)
    packed.sort()
    packed &= (1 << bits) - 1
    return packed


def rank(values: Numbers, bound: int) -> tuple[Numbers, Numbers]:
    """The different values in order, and for each value its place among them.

    Args:
        values: int64 (n,), from 0 to bound - 1.
    """
    if bound > max(_DENSE * len(values), _SMALL):
        order = order_of([values], [bound])
        ranked = values[order]
        is_new = np.ones(len(ranked), bool)
        np.not_equal(ranked[1:], ranked[:-1], out=is_new[1:])
        inverse = np.empty(len(values), np.int64)
        inverse[order] = np.cumsum(is_new) - 1
        return ranked[is_new], inverse
    there = np.zeros(bound, bool)
    there[values] = True
    place = np.cumsum(there, dtype=np.int64) - 1
    return np.flatnonzero(there).astype(np.int64), place[values]


def distinct(values: Numbers) -> Numbers:
    """The different values in order. By sorting: NumPy's own way is a hash table, ten times slower on many millions."""
    ranked = np.sort(values)
    return ranked[np.flatnonzero(np.diff(ranked, prepend=ranked[:1] - 1))]


def starts_of(owner: Numbers, owners: int) -> Numbers:
    """int64 (owners + 1,): where each owner's rows start, and the end; `owner` is rising, 0 to owners - 1."""
    starts = np.zeros(owners + 1, np.int64)
    np.cumsum(np.bincount(owner, minlength=owners), out=starts[1:])
    return starts


@dataclass(frozen=True, eq=False)
class Sequences:
    """Numbered sequences of codes, as a tree: each is a shorter one and a last code. Number 0 is the empty one.

    Attributes:
        parent, last: int64 (sequences,).
    """

    parent: Numbers
    last: Numbers

    def __len__(self) -> int:
        return len(self.parent)

    def read(self, number: int) -> tuple[int, ...]:
        """The codes of one sequence."""
        codes: list[int] = []
        while number:
            codes.append(int(self.last[number]))
            number = int(self.parent[number])
        return tuple(reversed(codes))

    def find(self, codes: Iterable[int]) -> int | None:
        """The number of a sequence of codes; None where there is none."""
        number = 0
        for code in codes:  # both columns rise: by parent, and by last code under each
            low, high = np.searchsorted(self.parent, [number, number + 1])
            low = max(int(low), 1)
            at = low + int(np.searchsorted(self.last[low:high], code))
            if at >= high or self.last[at] != code:
                return None
            number = at
        return number


def number_sequences(starts: Numbers, code: Numbers, codes: int) -> tuple[Numbers, Sequences]:
    """A number for each owner's sequence of codes, equal where the sequences are.

    Args:
        starts: int64 (owners + 1,); where each owner's codes start in `code`, and the end.
        code: int64, from 0 to codes - 1.
    """
    length = np.diff(starts)
    number = np.zeros(len(length), np.int64)
    parents, lasts, known, step = [np.zeros(1, np.int64)], [np.zeros(1, np.int64)], 1, 0
    active = np.flatnonzero(length)
    while len(active):
        longer = number[active] * codes + code[starts[active] + step]
        distinct, inverse = rank(longer, known * codes)
        number[active] = known + inverse
        parent, last = np.divmod(distinct, codes)
        parents.append(parent)
        lasts.append(last)
        known, step = known + len(distinct), step + 1
        active = active[length[active] > step]
    return number, Sequences(np.concatenate(parents), np.concatenate(lasts))
