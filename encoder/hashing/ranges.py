"""Lists of lists as flat arrays: where each starts, and the places of all that are chosen."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def starts(lengths: ArrayLike) -> NDArray[np.int64]:
    """Where each of the lists starts, and the end of the last: int64 (lists + 1,)."""
    ends = np.cumsum(lengths, dtype=np.int64)
    return np.concatenate([np.zeros(1, np.int64), ends])


def ranges(first: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The ranges [first, first + length) one after the other."""
    before = starts(lengths)
    return np.repeat(first - before[:-1], lengths) + np.arange(before[-1])
