"""Give freed memory back to the system: the C library keeps what it was given, and it counts as the program's."""

from __future__ import annotations

import ctypes
import sys


def give_back_memory() -> None:
    """Hand the system the pages that nothing is on; where the C library has no such call, do nothing.

    glibc asks the system anew for blocks above a limit only, and raises that limit to 32 MB as such blocks are freed
    (mallopt(3), M_MMAP_THRESHOLD): after a table of a million rows was read, 40 % of the memory held was free.
    """
    if sys.platform != "linux":
        return
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
    if trim is not None:
        trim(0)
