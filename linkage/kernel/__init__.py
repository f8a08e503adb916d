"""The comparing kernel: finds all candidate pairs of two lists of filters.

`reference.py` defines what is right; `native/` is fast. WAYLINK_KERNEL forces one of the native implementations; left
alone, the fastest that the processor runs is taken.
"""

from __future__ import annotations

import os

import numpy as np

from linkage.errors import BadInput
from linkage.kernel import _native
from linkage.kernel.reference import Bits, Found

FORCE = "WAYLINK_KERNEL"
"""The environment variable that names the implementation to use."""

KNOWN = ("scalar", "neon", "avx2", "avx512", "amx")
"""Every implementation that was written, the slower ones first on the processors that have several."""


ALL = 1 << 62
"""More candidates than there can be."""


def available() -> tuple[str, ...]:
    """Names of the implementations that this processor runs, slowest first."""
    return _native.available()


def active() -> str:
    """Name of the implementation in use.

    Raises:
        BadInput: WAYLINK_KERNEL names one that does not exist or that this processor does not run.
    """
    runs = available()
    name = os.environ.get(FORCE, "") or runs[-1]
    if name not in runs:
        what = "this processor does not run that kernel" if name in KNOWN else "there is no such kernel"
        raise BadInput(what, where=FORCE, fix=f"unset {FORCE}, or set it to one of: {', '.join(runs)}")
    return name


def usable_cpus() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def scan(left: Bits, right: Bits | None, threshold: float, *, threads: int | None = None) -> Found:
    """Rows and scores of all candidate pairs, by `active()`; see `reference.scan` for what they are.

    Args:
        left, right: uint8 (n, bytes) and (m, bytes), most significant bit first; copied where not in C order.
            right None: the pairs inside the left list, left < right.
        threshold: in (0, 1].
        threads: at least 1; None: all that this process may use. Changes the time, never the result.

    Raises:
        BadInput: see `active`.
        TypeError, ValueError: arrays of the wrong dtype or shape (`candidates.compare` checks before, in words).
        MemoryError: the candidate pairs do not fit in memory.
    """
    return start_scan(left, right, threshold).take(np.inf, ALL, threads or usable_cpus())


def start_scan(left: Bits, right: Bits | None, threshold: float) -> _native.Scan:
    """A scan by `active()` to be taken in parts, so that what is found need not be in memory all at once.

    Arguments and errors as for `scan`; the lists are copied. `.take(most_pairs, most_hits, threads)` gives the pairs of
    the next part in the order that `scan` states, `.finished` says whether that was the last.
    """
    left = np.ascontiguousarray(left)
    return _native.Scan(active(), left, None if right is None else np.ascontiguousarray(right), threshold)
