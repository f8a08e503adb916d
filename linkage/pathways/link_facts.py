"""What the linker knows of records and pairs that no service record says: for the table `link_quality`."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class LinkFacts:
    """What is known; each part may not be, and then is empty.

    Attributes:
        bits: int64 (records,); how many bits of each record's CLK are set, numbered as `events.record`.
        bands: the bands of scores, such as `0.66-0.68`: the low end is in it, the high one is not.
        pairs: int64 (bands,); candidate pairs of records with such a score.
        people: int64 (bands,); how many people these records are.
    """

    bits: Numbers = field(default_factory=lambda: np.empty(0, np.int64))
    bands: tuple[str, ...] = ()
    pairs: Numbers = field(default_factory=lambda: np.empty(0, np.int64))
    people: Numbers = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def usual_bits(self) -> float:
        """How many bits a record has set that lacks nothing: as many as most have (the median)."""
        return float(np.median(self.bits))


NOT_KNOWN = LinkFacts()
"""Of a run that kept nothing beside its link maps."""
