"""How often a member's records come loose from the rest of their person, from the recall of links between members.

Two records of one person are linked if neither came loose: recall(a, b) = (1 - loose_a) (1 - loose_b). Logarithms make
that linear; least squares over the published recalls, each member drawn towards an even share of the recall of all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from linkage.linkage_error.intervals import Interval
from linkage.linkage_error.link_rates import LinkRates

_EVEN = 0.5  # standard error of a member's own logarithm around its even share, as a share of that
_NEAREST = 0.002  # to 1: a recall nearer is taken to be so well known
_SHARED = np.sqrt(0.5)  # how much of what a pair's recall is off by is off for all pairs alike; as much is its own


@dataclass(frozen=True, eq=False)
class _Equations:
    """rows @ log(1 - loose) = the logarithms of recalls; rows weighted by how well these are known."""

    pairs: NDArray[np.float64]
    weights: NDArray[np.float64]
    even: float

    def solve(self, logs: NDArray[np.float64], evens: NDArray[np.float64]) -> NDArray[np.float64]:
        """(draws, members): chances to come loose, from (draws, pairs) and (draws,)."""
        members = self.pairs.shape[1]
        rows = np.concatenate([self.pairs * self.weights[:, None], np.eye(members) / self.even])
        right = np.concatenate([logs * self.weights, np.repeat(evens[:, None], members, axis=1) / self.even], axis=1)
        kept: NDArray[np.float64] = right @ np.linalg.pinv(rows).T
        return 1 - np.exp(np.minimum(kept, 0.0))


def draw_loose(
    rates: LinkRates, members: Sequence[str], common: NDArray[np.float64], rng: Generator
) -> NDArray[np.float64]:
    """Chances to come loose, float64 (draws, members), as the rates' intervals allow; the first as estimated.

    Args:
        rates: as published.
        members: whose chances.
        common: (draws,): standard normal, by how much all recalls are off together; 0 for the first.
        rng: for what each pair is off by itself.
    """
    between = {pair: one for pair, one in rates.between.items() if set(pair) <= set(members)}
    equations = _equations(between, members, rates.recall)
    own = rng.standard_normal((len(common), len(between)))
    own[0] = 0
    pairs = list(between.values())
    off = _SHARED * (common[:, None] + own)
    middle, error = (np.array([getattr(one, name) for one in pairs]) for name in ("logit", "logit_error"))
    logs = -np.log1p(np.exp(-(middle + error * off)))
    evens = -np.log1p(np.exp(-(rates.recall.logit + rates.recall.logit_error * common))) / 2
    return equations.solve(logs, evens)


def _equations(between: Mapping[tuple[str, str], Interval], members: Sequence[str], recall: Interval) -> _Equations:
    pairs = np.array([[name in pair for name in members] for pair in between], np.float64).reshape(-1, len(members))
    errors = np.array([one.logit_error * max(1 - one.estimate, _NEAREST) for one in between.values()])
    even = _EVEN * abs(np.log(max(recall.estimate, 1e-9))) / 2
    return _Equations(pairs, 1 / np.maximum(errors, 1e-6), max(float(even), 1e-6))
