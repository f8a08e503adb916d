"""Bands of days: the classes in which lengths of stays and times until the next are told."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from linkage.pathways.histories.numbering import Numbers

UPPER = (0, 7, 30, 60, 90, 180, 365, 547, 730, 1094)
"""The last day of each band but the open one, as HUD's LSA has them for stays and returns."""

ALL_BANDS = "all"


@dataclass(frozen=True)
class Bands:
    """Consecutive bands.

    Attributes:
        names: `0`, `1-7`, ... `1095+`.
        lows: the first day of each.
    """

    names: tuple[str, ...]
    lows: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.names)

    def of(self, days: Numbers) -> Numbers:
        """int64: which band each number of days is in; none is under the first."""
        return np.searchsorted(self.lows, days, side="right").astype(np.int64) - 1


def bands_from(least: int, most: int | None = None) -> Bands:
    """The bands of the days from `least` to `most` (None: without end); those at the ends may be cut short."""
    edges: list[tuple[int, int | None]] = [(0, UPPER[0])]
    edges += [(low + 1, high) for low, high in pairwise(UPPER)]
    edges.append((UPPER[-1] + 1, None))
    names, lows = [], []
    for low, high in edges:
        low, high = max(low, least), most if high is None or (most is not None and most < high) else high
        if high is None or low <= high:
            names.append(f"{low}+" if high is None else str(low) if low == high else f"{low}-{high}")
            lows.append(low)
    return Bands(tuple(names), tuple(lows))
