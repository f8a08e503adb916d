"""Disclosure policies: which counts are too small to be shown, and what a shown number tells of the count behind it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas import Status

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Policy:
    """A way to keep small counts back.

    Attributes:
        name: as agreements write it.
        shows_zero: whether a count of nobody is shown; if not it is hidden with the small ones.
        base: shown counts are rounded to a multiple of it, at random up or down; 1: they are exact.
    """

    name: str
    shows_zero: bool = True
    base: int = 1

    def small(self, values: Numbers, persons: Numbers, minimum: int) -> NDArray[np.bool_]:
        """Which counts may not be shown: those of 1 (or 0) to minimum - 1, or with so few people behind them."""
        least = 1 if self.shows_zero else 0
        few = (values < minimum) | (persons < minimum)
        return few & (values >= least)

    @property
    def hidden_least(self) -> int:
        """What a reader knows every hidden count to be at least."""
        return 1 if self.shows_zero else 0

    @property
    def status(self) -> Status:
        """The status of a shown count."""
        return Status.OK if self.base == 1 else Status.ROUNDED

    def rounded(self, value: int, cell: str, key: bytes) -> int:
        """The number that is shown for a count: the same whenever cell, count and key are.

        A count between two multiples of the base goes to either with a probability by nearness, so that the expected
        number is the count (Stats NZ's random rounding). The choice is a keyed hash (HMAC-SHA-256) of cell and
        count: who lacks the key cannot repeat it, and asking again gives the same number.
        """
        over = value % self.base
        if not over:
            return value
        drawn = hmac.new(key, f"{cell}\x1f{value}".encode(), hashlib.sha256).digest()
        up = int.from_bytes(drawn[:8], "big") % self.base < over
        return value - over + (self.base if up else 0)


CMS11 = Policy("cms11")
"""Counts of 1 to minimum - 1 are hidden, zero is shown (CMS Cell Size Suppression Policy: 11)."""

UK10 = Policy("uk10", shows_zero=False)
"""Counts of 0 to minimum - 1 are hidden, so that nobody learns that there was nobody (as NHS publications do)."""

NZ_RR3 = Policy("nz-rr3", base=3)
"""Counts of 1 to minimum - 1 are hidden, those shown are rounded to base 3 at random (Stats NZ, RR3)."""

POLICIES: Mapping[str, Policy] = {policy.name: policy for policy in (CMS11, UK10, NZ_RR3)}
"""The policies that hide. `dp-laplace` shows every count, with noise: `noise.py`."""
