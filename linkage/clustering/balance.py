"""Where linked pairs balance: how many are linked *after* clustering at a few cuts, and the cut for a wanted number.

Pair by pair, wrong and missed links balance at another cut than after clustering, which rejects wrong pairs and
recovers missed ones. After clustering the two are equal exactly where as many pairs across members are linked as there
are matches:

    linked = right + wrong,   matches = right + missed,   so   wrong - missed = linked - matches
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.clustering.groups import Groups

Cluster = Callable[[float], Groups]
"""Clusters the candidate pairs at a threshold."""

REACH_DOWN, REACH_UP = 0.06, 0.04  # the cut is looked for this far around the pair by pair one
STEP = 0.02  # between two cuts that are clustered; linked pairs are log-linear in between to a percent
MOST_CUTS = 6  # are clustered: one at each end and those between; fewer where two fall together
CUTS_A_UNIT = 200  # a cut is a multiple of 1/200: about half of its standard error
EXACT_DECIMALS = 6


@dataclass(frozen=True, eq=False)
class LinksByCut:
    """How many pairs across members are linked after clustering.

    Attributes:
        cuts: float64 (n,), rising.
        links: float64 (n,), never rising.
    """

    cuts: NDArray[np.float64]
    links: NDArray[np.float64]

    def cut_for(self, matches: float) -> float:
        """The cut at which that many pairs are linked: interpolated, rounded to 1/200, within the cuts tried."""
        log_links = np.log(np.maximum(self.links, 1.0))
        cut = np.interp(-np.log(max(matches, 1.0)), -log_links, self.cuts)
        return float(np.clip(round(cut * CUTS_A_UNIT) / CUTS_A_UNIT, self.cuts[0], self.cuts[-1]))


def count_links(cluster: Cluster, middle: float, lowest: float) -> LinksByCut:
    """Cluster at cuts around `middle`, none under `lowest`, and count the pairs across members in one group."""
    cuts = np.arange(middle - REACH_DOWN, middle + REACH_UP + STEP / 2, STEP)
    cuts = np.unique(np.clip(cuts, lowest, 1.0).round(EXACT_DECIMALS))  # rounded: 0.58 must not come twice
    links = np.array([cluster(float(cut)).links_across for cut in cuts], np.float64)
    return LinksByCut(cuts, np.minimum.accumulate(links))
