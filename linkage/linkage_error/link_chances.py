"""How likely clustering links a pair at each distance: two strangers, and two records of one person.

Clustering decides by groups, not by pairs: it links some pairs under the cut and rejects some over it, strangers more
than matches. Four histograms (linked or not, across members or inside them) tell both chances apart, because strangers
are linked alike inside and across members, and so are matches:

    linked across ~ Poisson(a S + c H)            not linked across ~ Poisson((1 - a) S + (1 - c) H)
    linked inside ~ Poisson(a S / ratio + c dH)   not linked inside ~ Poisson((1 - a) S / ratio + (1 - c) dH)

with S the strangers' and H the matches' curve and d the duplicates a match, of `linkage.clustering.match_model`. The
chances a (strangers) and c (matches) are logistic in the distance, with another line over the cut than under it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from linkage.candidates.pair_graph import PairGraph
from linkage.clustering.distance import Bins, Curve, PairCounts
from linkage.clustering.groups import Groups
from linkage.clustering.match_model import MatchModel
from linkage.clustering.poisson_fit import Expected, Matrix, Penalty, Vector, fit_poisson

_LINES = 2  # over the cut, under it; each an intercept and a slope, for strangers and for matches
_USUAL = np.array([-1.0, 0.3, -4.0, -0.5, 2.0, 0.5, -1.0, -0.3])
"""Where the lines lie if the counts say nothing, as logits at the cut and logits a bin: strangers over the cut, under
it, matches over it, under it. About what co-ops with known truth have."""
_PULL = 0.05  # towards _USUAL: a twentieth of a pair's worth
_STEEPEST = 8.0  # logits, and logits a bin
_TINY = 1e-9  # pairs expected at least in a bin


@dataclass(frozen=True, eq=False)
class LinkedCounts:
    """Histograms of candidate pairs by distance, of those that clustering linked and of the others.

    Attributes:
        linked, unlinked: pairs across and inside members, by distance.
        beyond: linked pairs across members that lie beyond the bins, or are no candidates.
    """

    linked: PairCounts
    unlinked: PairCounts
    beyond: float

    @property
    def bins(self) -> Bins:
        """The distances."""
        return self.linked.bins

    @property
    def all(self) -> PairCounts:
        """Linked or not."""
        one, other = self.linked, self.unlinked
        return PairCounts(one.bins, one.across + other.across, one.inside + other.inside, one.ratio)

    @property
    def links(self) -> float:
        """Linked pairs across members."""
        return float(self.linked.across.sum()) + self.beyond


@dataclass(frozen=True, eq=False)
class LinkChances:
    """The chance to be linked, by distance.

    Attributes:
        stranger, match: float64 (bins,).
        parameters: as fitted, to start from again.
    """

    stranger: Curve
    match: Curve
    parameters: Vector


def count_linked(graph: PairGraph, groups: Groups, bins: Bins, ratio: float) -> LinkedCounts:
    """Count candidate pairs by distance, apart where they are in one group."""
    linked, inside = groups.label[graph.left] == groups.label[graph.right], graph.inside

    def counted(which: np.ndarray) -> PairCounts:
        across, own = (bins.histogram(graph.score[which & side]) for side in (~inside, inside))
        return PairCounts(bins, across, own, ratio)

    in_bins = counted(linked)
    return LinkedCounts(in_bins, counted(~linked), max(groups.links_across - float(in_bins.across.sum()), 0.0))


def fit_link_chances(model: MatchModel, counts: LinkedCounts, start: Vector | None = None) -> LinkChances:
    """Maximum likelihood of both chances (see the module's text), the curves of strangers and matches given."""
    bins = counts.bins
    lines = _lines(bins)
    ratio, duplicates = counts.linked.ratio, model.duplicates
    kinds = ((model.strangers, model.strangers / ratio), (model.matches, duplicates * model.matches))

    def expect(parameters: Vector) -> Expected:
        linked, slope = [np.zeros(bins.number) for _ in range(2)], [np.zeros((bins.number, 8)) for _ in range(2)]
        for kind, pairs in enumerate(kinds):
            own = slice(2 * _LINES * kind, 2 * _LINES * (kind + 1))
            chance = _logistic(lines @ parameters[own])
            for side in (0, 1):
                linked[side] += chance * pairs[side]
                slope[side][:, own] = (chance * (1 - chance) * pairs[side])[:, None] * lines
        unlinked = [sum(pairs[side] for pairs in kinds) - linked[side] for side in (0, 1)]
        return Expected(
            np.concatenate([*linked, *unlinked]) + _TINY,
            lambda: np.concatenate([*slope, *(-one for one in slope)]),
        )

    observed = [counts.linked.across, counts.linked.inside, counts.unlinked.across, counts.unlinked.inside]
    limits = (np.full(len(_USUAL), -_STEEPEST), np.full(len(_USUAL), _STEEPEST))
    begin = _USUAL if start is None else start
    found = fit_poisson(expect, np.concatenate(observed), begin, _pull, limits)
    stranger, match = (_logistic(lines @ found[2 * _LINES * kind : 2 * _LINES * (kind + 1)]) for kind in (0, 1))
    return LinkChances(stranger, match, found)


def _lines(bins: Bins) -> Matrix:
    """(bins, 4): intercept and slope over the cut, intercept and slope under it; slopes in bins from the cut."""
    over = np.arange(bins.number) < bins.cut
    away = np.where(over, bins.cut - 0.5 - np.arange(bins.number), np.arange(bins.number) - bins.cut + 0.5)
    return np.stack([over, over * away, ~over, ~over * away], axis=1).astype(np.float64)


def _pull(parameters: Vector) -> Penalty:
    off = parameters - _USUAL
    return Penalty(_PULL / 2 * float((off**2).sum()), _PULL * off, np.full(len(off), _PULL))


def _logistic(logit: Curve) -> Curve:
    return 1 / (1 + np.exp(-logit))
