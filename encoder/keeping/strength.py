"""Whether 32 bytes may be a secret: what somebody typed, copied or counted up is none, though it is long enough."""

from __future__ import annotations

from itertools import pairwise

_LEAST_DIFFERENT = 16
"""Different bytes among 32. Random ones have 30 on average, and fewer than 16 once in more than 10^15 secrets."""

_LEAST_STEPS = 16
"""Different steps from byte to byte, where a count (00 01 02 ...) has one. Random ones have as many as above."""

_PRINTABLE = frozenset(range(0x20, 0x7F))
"""All 32 bytes are letters and signs of a keyboard once in 10^13 random secrets: it is a phrase that someone typed."""


def looks_random(value: bytes) -> bool:
    """Whether nothing speaks against these 32 bytes having been drawn at random.

    Not promised: that they were. Bytes derived from a phrase by a hash look random.
    """
    steps = {(after - before) % 256 for before, after in pairwise(value)}
    return len(set(value)) >= _LEAST_DIFFERENT and len(steps) >= _LEAST_STEPS and not _PRINTABLE.issuperset(value)
