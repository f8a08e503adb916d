"""Cut the same clustering elsewhere: how much a count hangs on the threshold is seen without comparing again."""

from __future__ import annotations

from dataclasses import dataclass

from linkage.clustering.balance import Cluster
from linkage.clustering.groups import Groups
from linkage.clustering.threshold import How, Strangers, Threshold

LEAST_DISTANCE = 0.02
"""The found threshold lay this far from the best one on the example co-op and on four times its noise; and a given one
was found somewhere, no better (docs/decisions/0012)."""
STANDARD_ERRORS = 2  # of a found threshold: about 95 % of resampled ones lie within
UNFOUND_DISTANCE = 0.04
"""Where none could be found: the best thresholds of clean and of noisy lists lie so far from the default."""
_DECIMALS = 4


@dataclass(frozen=True, eq=False)
class Recut:
    """The groups at another cut.

    Attributes:
        cut: pairs with a score at or over it may be one person.
        groups: which records are one person then.
    """

    cut: float
    groups: Groups


def cuts_beside(threshold: Threshold, strangers: Strangers) -> tuple[float, ...]:
    """The cut below and the one above a threshold, rising.

    None is under the candidates' floor, where pairs are missing, nor so low that strangers would count as much as it:
    the lower cut is then the floor or, where that is the threshold itself, none. None is over 1.
    """
    distance = recut_distance(threshold)
    below = max(threshold.value - distance, strangers.floor)
    cuts = [round(below, _DECIMALS), round(min(threshold.value + distance, 1.0), _DECIMALS)]
    return tuple(cut for cut in cuts if strangers.typical < cut != threshold.value)


def recut_distance(threshold: Threshold) -> float:
    """How far from a threshold counts are tried: two standard errors of a found one, and never under 0.02."""
    if threshold.how is How.DEFAULT:
        return UNFOUND_DISTANCE
    return max(LEAST_DISTANCE, STANDARD_ERRORS * (threshold.standard_error or 0.0))


def recut(threshold: Threshold, strangers: Strangers, cluster: Cluster) -> tuple[Recut, ...]:
    """The groups at the cuts beside a threshold; `cluster` is what made those at the threshold."""
    return tuple(Recut(cut, cluster(cut)) for cut in cuts_beside(threshold, strangers))
