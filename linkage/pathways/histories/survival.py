"""How long until something happens, where for some it had not happened when last heard of (Kaplan and Meier, 1958)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.pathways.histories.numbering import Numbers

QUARTILES = (0.25, 0.5, 0.75)
_EXACT = 1e-11  # the product of some thousand rounded factors is as near; two different shares are further apart


@dataclass(frozen=True, eq=False)
class Quantiles:
    """Days by which given shares of some groups are done.

    Attributes:
        days: int64 (groups, shares); -1 where too many had not been done when last heard of.
        beyond: int64 (groups, shares); the fewer of the people done by then and those not done before; 0 where days
            are -1.
    """

    days: Numbers
    beyond: Numbers


def quantiles(done: Numbers, cut: Numbers, shares: tuple[float, ...] = QUARTILES) -> Quantiles:
    """The first day on which the product-limit estimate of those not yet done is 1 - share or less.

    Args:
        done: int64 (groups, days); people who were done after so many days.
        cut: int64 (groups, days); people last heard of after so many days, not done yet: they count as waiting on that
            day itself.

    Source: Kaplan and Meier, Nonparametric estimation from incomplete observations, JASA 53 (1958).
    """
    both = done + cut
    waiting = both[:, ::-1].cumsum(axis=1)[:, ::-1]
    left = np.cumprod(1 - done / np.maximum(waiting, 1), axis=1)
    days = np.full((len(done), len(shares)), -1, np.int64)
    beyond = np.zeros_like(days)
    until = done.cumsum(axis=1)
    for column, share in enumerate(shares):
        reached: NDArray[np.bool_] = left <= 1 - share + _EXACT
        rows = np.flatnonzero(reached.any(axis=1))
        at = reached[rows].argmax(axis=1)
        days[rows, column] = at
        beyond[rows, column] = np.minimum(until[rows, at], waiting[rows, at])
    return Quantiles(days, beyond)
