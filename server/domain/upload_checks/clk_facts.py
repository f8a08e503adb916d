"""What is remembered of CLKs while they stream by: how many bits each has, and which are the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from schemas.encodings import Bits
from server.domain.upload_checks.fill_bounds import FillBounds
from server.domain.upload_checks.refusals import BadFill, TooManyCopies

FEW_COPIES = 20
"""So many records with one CLK may be in a file of any size. The example co-op's members have a CLK at most twice."""

COPIES_OF_ONE = 0.001
"""The same as a share of the records, for large files."""

ALL_COPIES = 0.2
"""The share of records whose CLK is in the file already. In the example co-op (2 % entered twice): 0.018 at most."""

MEDIAN_DEVIATIONS = 10.0
"""How far over a file's median a record may be, where the schema gives no bound."""

_MAD_TO_DEVIATION = 1.4826  # of a normal distribution (Rousseeuw & Croux 1993)
_WORD_BYTES = 8
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))  # SplitMix64's multipliers (Steele et al. 2014)


class ClkFacts:
    """Counts of bits set, and a fingerprint of 8 bytes for each CLK that is not empty.

    Two different CLKs of one file share a fingerprint by chance once in 10^7 files of a million records; a sender who
    makes that happen on purpose only has its own file refused.
    """

    def __init__(self, records: int, width: int) -> None:
        """For so many CLKs of `width` bytes."""
        self._width = width
        self._records = records
        self._popcounts = np.zeros(8 * width + 1, np.int64)  # how many records have so many bits
        self._prints = np.empty(records, np.uint64)
        self._filled = 0
        self._most_copies = self._copies = 0

    @property
    def mean_bits(self) -> float:
        """Mean number of bits set in a CLK."""
        return float(self._popcounts @ np.arange(len(self._popcounts))) / self._records

    def add(self, block: bytes) -> None:
        """Some more CLKs, whole ones."""
        words = _words(np.frombuffer(block, np.uint8).reshape(-1, self._width))
        popcount = np.bitwise_count(words).sum(axis=1, dtype=np.int64)
        self._popcounts += np.bincount(popcount, minlength=len(self._popcounts))
        prints = _fingerprints(words)[popcount > 0]
        self._prints[self._filled : self._filled + len(prints)] = prints
        self._filled += len(prints)

    def settle(self) -> None:
        """All CLKs have come: count copies and let the fingerprints go."""
        prints, self._prints = self._prints[: self._filled], np.empty(0, np.uint64)
        prints.sort()
        starts = np.flatnonzero(np.concatenate([[True], prints[1:] != prints[:-1]])) if len(prints) else prints
        self._copies = len(prints) - len(starts)
        self._most_copies = int(np.diff(starts, append=len(prints)).max(initial=0))

    def require_fill(self, bounds: FillBounds, where: str) -> None:
        """BadFill unless no record is fuller than the schema can make it and the file is not nearly empty."""
        most = bounds.most if bounds.fixed else min(bounds.most, self._most_by_median())
        over = int(self._popcounts[most + 1 :].sum())
        fix = "encode again under the agreement's own linkage schema; if this stays, tell the operator"
        if over:
            fault = f"has {over:,} of {self._records:,} records with more bits set than the linkage schema sets"
            raise BadFill(fault, where=where, fix=fix)
        if self.mean_bits < bounds.least_mean:
            raise BadFill(
                "has CLKs that are nearly empty",
                where=where,
                fix="see that every column was found: most records seem to have no name, date or address",
            )

    def require_few_copies(self, where: str) -> None:
        """TooManyCopies unless few records share a CLK. Empty CLKs do not count: they match nobody."""
        fix = "take out placeholders (such as 'unknown') and records with almost nothing in them, and encode again"
        if self._most_copies > max(FEW_COPIES, COPIES_OF_ONE * self._records):
            raise TooManyCopies(f"has one CLK {self._most_copies:,} times", where=where, fix=fix)
        if self._copies > max(FEW_COPIES, ALL_COPIES * self._records):
            fault = f"has {self._copies:,} of {self._records:,} records with the CLK of an earlier one"
            raise TooManyCopies(fault, where=where, fix=fix)

    def _most_by_median(self) -> int:
        """The file's median and so many deviations, told from the median distance (half of the records cannot move it)
        or, where that is larger, from independent bits."""
        sizes = np.arange(len(self._popcounts))
        median = _median(self._popcounts)
        distance = np.bincount(np.abs(sizes - median), weights=self._popcounts).astype(np.int64)
        share = median / (len(sizes) - 1)
        by_chance = ((len(sizes) - 1) * share * (1 - share)) ** 0.5
        return int(median + MEDIAN_DEVIATIONS * max(_MAD_TO_DEVIATION * _median(distance), by_chance))


def _median(counts: NDArray[np.int64]) -> int:
    """The (lower) median of values that stand as counts of 0, 1, 2, ..."""
    return int(np.searchsorted(np.cumsum(counts), (int(counts.sum()) + 1) // 2))


def _words(clks: Bits) -> NDArray[np.uint64]:
    """(n, bytes) as (n, words), with zeros up to a whole word."""
    missing = -clks.shape[1] % _WORD_BYTES
    whole = np.pad(clks, ((0, 0), (0, missing))) if missing else clks
    return np.ascontiguousarray(whole).view(np.uint64)


def _fingerprints(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """One number a row, by SplitMix64's mixing after each word: equal rows alike, others not but by chance."""
    mixed = np.zeros(len(words), np.uint64)
    for column in words.T:
        mixed ^= column
        mixed *= _MIX[0]
        mixed ^= mixed >> np.uint64(32)
        mixed *= _MIX[1]
        mixed ^= mixed >> np.uint64(29)
    return mixed
