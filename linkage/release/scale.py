"""Scales of charts: round numbers along an axis, bands of days."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

_STEPS = (1, 2, 5, 10)
_BAND = re.compile(r"(\d+)(?:-(\d+)|(\+))?")


def round_steps(most: float, about: int) -> list[int]:
    """Whole round numbers from 0 to one at or over `most`: about so many steps of 1, 2 or 5 times a power of ten."""
    rough = max(most / about, 1)
    decade = 10 ** math.floor(math.log10(rough))
    step = round(next(step * decade for step in _STEPS if step * decade >= rough * 0.999))
    return list(range(0, step * math.ceil(most / step) + 1, step)) if most > 0 else [0, 1]


@dataclass(frozen=True)
class Band:
    """Days from first to last; no last: that many or more."""

    first: int
    last: int | None

    def place(self, days: float) -> float | None:
        """How far into the band a number of days lies, 0 to 1; None where it is not in it."""
        if days < self.first or (self.last is not None and days >= self.last + 1):
            return None
        return 0.5 if self.last is None else (days - self.first) / (self.last + 1 - self.first)

    @property
    def order(self) -> tuple[float, int]:
        """Sorts bands by their end, then their beginning."""
        return (math.inf if self.last is None else self.last), self.first


def read_band(text: str) -> Band | None:
    """The band that a table calls `0`, `8-30` or `731+`; None for other rows, such as `all`."""
    found = _BAND.fullmatch(text)
    if found is None:
        return None
    first = int(found[1])
    return Band(first, None if found[3] else int(found[2] or first))


def bands_in_order(texts: Iterable[str]) -> dict[str, Band]:
    """The bands among some texts, each once, soonest first."""
    found = {text: band for text in texts if (band := read_band(text)) is not None}
    return dict(sorted(found.items(), key=lambda one: one[1].order))
