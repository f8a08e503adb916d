"""The candidate pairs of a whole co-op: one sparse graph over the records of all members."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]
"""Record numbers over all members: record r of member m is `offsets[m] + r`."""


@dataclass(frozen=True, eq=False)
class PairGraph:
    """Candidate pairs over all members, own member's pairs included.

    Attributes:
        offsets: int64 (members + 1,); member m's records are offsets[m] .. offsets[m + 1] - 1.
        left, right: int64 (pairs,); record numbers over all members, left < right.
        score: float64 (pairs,); Dice coefficients, falling; ties by left, then right.
        floor: every pair with a score at or over this one is here, and no other (after a search, nearly every one).
    """

    offsets: Rows
    left: Rows
    right: Rows
    score: NDArray[np.float64]
    floor: float

    @property
    def records(self) -> int:
        """Number of records of all members."""
        return int(self.offsets[-1])

    @property
    def member(self) -> NDArray[np.int64]:
        """int64 (records,): whose each record is."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))

    @property
    def inside(self) -> NDArray[np.bool_]:
        """bool (pairs,): both records are of the same member."""
        member = self.member
        inside: NDArray[np.bool_] = member[self.left] == member[self.right]
        return inside


def offsets_of(sizes: Sequence[int]) -> Rows:
    """Where each member's records start, from the members' sizes."""
    return np.concatenate([[0], np.cumsum(np.asarray(sizes, np.int64))]).astype(np.int64)
