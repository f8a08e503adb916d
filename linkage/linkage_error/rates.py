"""Precision and recall of the links that were made, without truth, each with a 95 % interval.

Of the linked pairs at a distance the share a S / (a S + c H) is of strangers; of the pairs that were not linked the
share (1 - c) H / ((1 - a) S + (1 - c) H) is of one person, and so are the matches beyond the bins (`match_model` and
`link_chances` have the letters). Sums of these over all distances are the wrong and the missed links.

The intervals are of a parametric bootstrap (Efron and Tibshirani 1993, 6.5): everything is fitted again to counts drawn
from the fitted model, where the truth is known, and errors are taken on the scale of log odds. What the model itself
may be off by, which no drawing from it shows, is added as measured on co-ops with known truth (docs/linkage-error.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from linkage.candidates.pair_graph import PairGraph
from linkage.clustering.distance import Curve, PairCounts, Ruler, lay_bins
from linkage.clustering.groups import Groups
from linkage.clustering.match_model import MatchModel, fit_match_model
from linkage.clustering.threshold import LEAST_CLEAR_MATCHES, crossing_counts
from linkage.linkage_error.intervals import Interval, interval_of_odds, log_odds
from linkage.linkage_error.link_chances import LinkChances, LinkedCounts, count_linked, fit_link_chances
from schemas.console import Advance, unheard

DRAWS = 60  # enough to know a standard error to a tenth of itself
MODEL_ERROR = {"precision": 0.3, "recall": 0.3}
"""Standard error that the model adds, in log odds: with 0.3 the number of missed links is off by three tenths. Measured
by `python -m benchmarks.linkage_error`."""


@dataclass(frozen=True)
class Rates:
    """How good the links across members are.

    Attributes:
        precision: share of the linked pairs that are one person.
        recall: share of the pairs that are one person that were linked.
    """

    precision: Interval
    recall: Interval


@dataclass(frozen=True, eq=False)
class ErrorModel:
    """The fitted curves and chances, and what was counted."""

    counts: LinkedCounts
    matches: MatchModel
    chances: LinkChances

    def wrong(self) -> float:
        """Expected links of strangers."""
        share = self._share_wrong()
        return float((share * self.counts.linked.across).sum()) + float(share[-1]) * self.counts.beyond

    def missed(self) -> float:
        """Expected pairs of one person that were not linked."""
        strangers, matches = self.matches.strangers, self.matches.matches
        apart = (1 - self.chances.match) * matches
        share = apart / np.maximum(apart + (1 - self.chances.stranger) * strangers, _TINY)
        beyond = self.matches.all_matches - matches.sum() - (1 - self._share_wrong()[-1]) * self.counts.beyond
        return float((share * self.counts.unlinked.across).sum()) + max(float(beyond), 0.0)

    def _share_wrong(self) -> Curve:
        strangers = self.chances.stranger * self.matches.strangers
        share: Curve = strangers / np.maximum(strangers + self.chances.match * self.matches.matches, _TINY)
        return share


_TINY = 1e-12  # so that 0 / 0 is 0


def fit_errors(counts: LinkedCounts, start: ErrorModel | None = None) -> ErrorModel:
    """Fit curves and chances; `start` is a fit to set out from."""
    matches = fit_match_model(counts.all, start.matches.parameters if start else None)
    chances = fit_link_chances(matches, counts, start.chances.parameters if start else None)
    return ErrorModel(counts, matches, chances)


def model_errors(graph: PairGraph, groups: Groups, cut: float, ruler: Ruler) -> ErrorModel | None:
    """Fit the errors of a linkage; None where the data cannot tell, as for the threshold.

    Args:
        graph: the candidate pairs that were clustered, with their scores.
        groups: what clustering made of them.
        cut: the threshold it was done at.
        ruler: of these filters.
    """
    crossing = crossing_counts(graph)
    if crossing is None or crossing.across[crossing.clear].sum() < LEAST_CLEAR_MATCHES:
        return None
    lowest = float(crossing.edges[0])
    bins = lay_bins(ruler, max(cut, lowest), lowest)
    return fit_errors(count_linked(graph, groups, bins, crossing.ratio))


def estimate_rates(model: ErrorModel, rng: Generator, advance: Advance = unheard) -> Rates:
    """Precision and recall over all links across members.

    Args:
        model: of the linkage.
        rng: for the bootstrap's draws.
        advance: told 0 between draws; what it raises ends the work.
    """
    errors = []
    for _ in range(DRAWS):
        advance(0)
        errors.append(_error_of_a_draw(model, rng))
    spread = np.sqrt((np.array(errors) ** 2).mean(axis=0)).tolist()
    wrong, missed = model.wrong(), model.missed()
    right = model.counts.links - wrong
    return Rates(
        interval_of_odds(right, wrong, spread[0], MODEL_ERROR["precision"]),
        interval_of_odds(right, missed, spread[1], MODEL_ERROR["recall"]),
    )


def _error_of_a_draw(model: ErrorModel, rng: Generator) -> tuple[float, float]:
    """By how much log odds of precision and recall come out wrong where the model is true."""
    curves, chances = model.matches, model.chances
    wrong, left = (rng.poisson(share * curves.strangers) for share in (chances.stranger, 1 - chances.stranger))
    right, missed = (rng.poisson(share * curves.matches) for share in (chances.match, 1 - chances.match))
    unseen = rng.poisson(max(curves.all_matches - curves.matches.sum() - model.counts.beyond, 0.0))
    ratio, bins = model.counts.linked.ratio, model.counts.bins
    inside = [
        rng.poisson(one * curves.strangers / ratio + other * curves.duplicates * curves.matches)
        for one, other in ((chances.stranger, chances.match), (1 - chances.stranger, 1 - chances.match))
    ]
    linked, unlinked = (
        PairCounts(bins, across.astype(np.float64), own.astype(np.float64), ratio)
        for across, own in zip((wrong + right, left + missed), inside, strict=True)
    )
    again = fit_errors(LinkedCounts(linked, unlinked, 0.0), model)
    again_right = again.counts.links - again.wrong()
    return (
        log_odds(again_right, again.wrong()) - log_odds(right.sum(), wrong.sum()),
        log_odds(again_right, again.missed()) - log_odds(right.sum(), missed.sum() + unseen),
    )
