"""Recall of the links between two members, where there are enough of them: members differ in how good their lists are.

For each pair of members the curves of `linkage.clustering.match_model` are fitted again to that pair's own histogram:
the strangers' with a height of its own, the matches' with odds of its own that are drawn towards those of all members
together as though PRIOR pairs more had been seen that follow them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from linkage.candidates.pair_graph import PairGraph
from linkage.clustering.distance import Curve
from linkage.clustering.groups import Groups
from linkage.clustering.match_model import MatchModel, by_odds, spread
from linkage.clustering.poisson_fit import Expected, Penalty, Vector, fit_poisson, information
from linkage.linkage_error.intervals import Interval, interval_of_odds
from linkage.linkage_error.rates import MODEL_ERROR, ErrorModel

PRIOR = 100.0
"""A pair of members with 1,500 matches follows its own data by ten to one, one with 200 by two to one."""
FEWEST_MATCHES = 200.0  # under it a pair of members has no rate of its own
_HEIGHT_ERROR = 0.3  # of the logarithm of how many strangers there are, around what the sizes of the lists say
_TINY = 1e-9


@dataclass(frozen=True)
class PairRecall:
    """The share of the pairs of one person between two members (numbers, a < b) that were linked."""

    a: int
    b: int
    recall: Interval


@dataclass(frozen=True, eq=False)
class _Between:
    """Candidate pairs of two members by distance, linked and not, and all links between them."""

    linked: Curve
    unlinked: Curve
    links: float


def estimate_pair_recalls(model: ErrorModel, graph: PairGraph, groups: Groups) -> tuple[PairRecall, ...]:
    """The recall of each pair of members with FEWEST_MATCHES or more, by a, then b."""
    sizes = np.diff(groups.offsets).astype(np.float64)
    all_pairs = (sizes.sum() ** 2 - (sizes**2).sum()) / 2
    return tuple(
        PairRecall(a, b, recall)
        for (a, b), between in _between(model, graph, groups)
        if (recall := _recall(model, between, sizes[a] * sizes[b] / max(all_pairs, 1.0))) is not None
    )


def _between(model: ErrorModel, graph: PairGraph, groups: Groups) -> Iterator[tuple[tuple[int, int], _Between]]:
    members = len(groups.offsets) - 1
    pair_of = graph.member[graph.left] * members + graph.member[graph.right]  # left < right, so member a <= member b
    linked = groups.label[graph.left] == groups.label[graph.right]
    people = [np.bincount(groups.of_member(m), minlength=groups.people) for m in range(members)]
    histogram = model.counts.bins.histogram
    for a, b in combinations(range(members), 2):
        here = pair_of == a * members + b
        near, apart = (histogram(graph.score[here & side]) for side in (linked, ~linked))
        yield (a, b), _Between(near, apart, float(people[a] @ people[b]))


def _recall(model: ErrorModel, between: _Between, share_of_pairs: float) -> Interval | None:
    """The recall of a pair of members; None where it has too few matches."""
    fit = _fit(model.matches, between.linked + between.unlinked, share_of_pairs * model.matches.strangers)
    if fit.all_matches < FEWEST_MATCHES:
        return None
    chances = model.chances
    linked_wrong, apart = chances.stranger * fit.strangers, (1 - chances.match) * fit.matches
    wrong = linked_wrong / np.maximum(linked_wrong + chances.match * fit.matches, _TINY)
    missed = apart / np.maximum(apart + (1 - chances.stranger) * fit.strangers, _TINY)
    beyond = max(between.links - float(between.linked.sum()), 0.0)
    right = between.links - float(wrong @ between.linked) - float(wrong[-1]) * beyond
    unseen = max(fit.all_matches - float(fit.matches.sum()) - (1 - float(wrong[-1])) * beyond, 0.0)
    lost = float(missed @ between.unlinked) + unseen
    return interval_of_odds(right, lost, float(np.sqrt(fit.variance + lost)) / max(lost, 1.0), MODEL_ERROR["recall"])


@dataclass(frozen=True, eq=False)
class _PairFit:
    """Curves of one pair of members; `variance`: of how far `all_matches` is off."""

    strangers: Curve
    matches: Curve
    all_matches: float
    variance: float


def _fit(model: MatchModel, across: Curve, strangers: Curve) -> _PairFit:
    bins, usual = len(across), np.maximum(model.odds, _TINY)

    def expect(parameters: Vector) -> Expected:
        odds = np.exp(parameters[2:])
        some_strangers = np.exp(parameters[0]) * strangers
        matches = spread(float(np.exp(parameters[1])), odds, bins)
        return Expected(
            some_strangers + matches + _TINY,
            lambda: np.column_stack([some_strangers, matches, by_odds(matches, odds)]),
        )

    def draw_near(parameters: Vector) -> Penalty:
        odds = np.exp(parameters[2:])
        tight = 1 / _HEIGHT_ERROR**2
        gradient = np.concatenate([[tight * parameters[0], 0.0], PRIOR * (odds - usual)])
        value = tight / 2 * parameters[0] ** 2 + PRIOR * float((odds - usual * parameters[2:]).sum())
        return Penalty(value, gradient, np.concatenate([[tight, 0.0], PRIOR * odds]))

    near = max(float(across[: bins // 2].sum()), 1.0)
    height = near / max(float(spread(1.0, usual, bins)[: bins // 2].sum()), _TINY)
    start = np.concatenate([[0.0, np.log(height)], np.log(usual)])
    limits = (np.full(len(start), -25.0), np.full(len(start), 25.0))
    found = fit_poisson(expect, across, start, draw_near, limits)
    odds = np.exp(found[2:])
    all_matches = float(np.exp(found[1]) * np.prod(1 + odds))
    slope = np.concatenate([[0.0, 1.0], odds / (1 + odds)])  # of the logarithm of all matches
    variance = float(slope @ np.linalg.solve(information(expect(found), draw_near(found)), slope)) * all_matches**2
    off = max(variance - all_matches, 0.0)  # what chance adds to the true number is no error
    return _PairFit(np.exp(found[0]) * strangers, spread(float(np.exp(found[1])), odds, bins), all_matches, off)
