"""What the kernel must do, in NumPy and in the fewest words: every other implementation equals this one exactly.

Dice coefficient of two filters a and b: 2 |a & b| / (|a| + |b|) (Dice, "Measures of the Amount of Ecologic Association
Between Species", Ecology 26(3), 1945; on Bloom filters: Schnell, Bachteler and Reiher, "Privacy-preserving record
linkage using Bloom filters", BMC Medical Informatics 9:41, 2009). An integer times two, divided once, in float64: the
arithmetic of anonlink. Two empty filters score 0.0: nothing is known about either.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint8]
Found = tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float64]]

BLOCK_BYTES = 1 << 24
"""Bytes of `left & right` held at once: a block is as many left rows as fit (at least one)."""


def scan(left: Bits, right: Bits | None, threshold: float) -> Found:
    """Rows and scores of all candidate pairs: those with a score of `threshold` or over.

    Args:
        left, right: uint8 (n, bytes) and (m, bytes), most significant bit first. right None: the pairs inside the left
            list, left < right.
        threshold: in (0, 1].

    Returns:
        left rows uint32, right rows uint32, scores float64; by falling score, then left row, then right row.
    """
    others = left if right is None else right
    step = max(1, BLOCK_BYTES // max(1, others.size))
    parts = [_scan_block(left, others, threshold, start, step, right is None) for start in range(0, len(left), step)]
    rows, columns, scores = zip(*parts, strict=True) if parts else ([], [], [])
    row = np.concatenate([np.empty(0, np.uint32), *rows])
    column = np.concatenate([np.empty(0, np.uint32), *columns])
    score = np.concatenate([np.empty(0, np.float64), *scores])
    best_first = np.lexsort((column, row, -score))
    return row[best_first], column[best_first], score[best_first]


def dice(left: Bits, right: Bits) -> NDArray[np.float64]:
    """float64 (n, m): the Dice coefficient of every pair."""
    common = np.bitwise_count(left[:, None, :] & right[None, :, :]).sum(axis=2, dtype=np.int64)
    total = popcounts(left)[:, None] + popcounts(right)[None, :]
    score = np.zeros(total.shape)
    np.divide(2.0 * common, total, out=score, where=total > 0)
    return score


def popcounts(bits: Bits) -> NDArray[np.int64]:
    """int64 (n,): how many bits of each filter are set."""
    counts: NDArray[np.int64] = np.bitwise_count(bits).sum(axis=1, dtype=np.int64)
    return counts


def _scan_block(left: Bits, right: Bits, threshold: float, start: int, step: int, inside: bool) -> Found:
    score = dice(left[start : start + step], right)
    row, column = np.nonzero(score >= threshold)
    if inside:
        later = column > row + start
        row, column = row[later], column[later]
    return (row + start).astype(np.uint32), column.astype(np.uint32), score[row, column]
