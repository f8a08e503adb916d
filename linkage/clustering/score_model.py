"""How many candidate pairs of each score are strangers, and how many are one person: estimated without any truth.

Pairs inside a member's own list are nearly all strangers; pairs across members mix strangers and matches. Both kinds of
strangers follow the same curve, because it is the same fields and the same secret. So the two histograms together tell
the curves apart:

    across(s) ~ Poisson(strangers(s) + matches(s))
    inside(s) ~ Poisson(strangers(s) / ratio + duplicates * matches(s))

`ratio` is how many more pairs there are across members than inside them. `duplicates` is how many duplicates inside
members there are for each match across them, read off the highest scores, where strangers are next to none. Over the
scores where the curves cross, strangers are a log-quadratic and matches a log-linear function of the score; the five
coefficients are found by maximum likelihood. What it assumes and cannot see: households must not share services much
more (or less) often at one member than at two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Curve = NDArray[np.float64]

BIN = 0.01  # wide enough for counts, narrow enough that a threshold on an edge loses nothing
CROSSING_WIDTH = 0.45  # the crossing is looked for in this share of the scores from the lowest one to 1
CLEAR_SHARE = 0.65  # beyond this share of them a pair is a match: strangers fall by orders of magnitude before
_STRANGER_TERMS, _MATCH_TERMS = 3, 2  # log-quadratic, log-linear
_EXPONENT_LIMIT = 30.0  # keeps exp() finite while the optimiser wanders


@dataclass(frozen=True, eq=False)
class ScoreCounts:
    """Histograms of candidate scores.

    Attributes:
        edges: float64 (bins + 1,), rising by BIN; the last bin holds 1.0 too.
        across, inside: float64 (bins,); pairs of two members, pairs of one member.
        ratio: all pairs across members over all pairs inside members.
    """

    edges: Curve
    across: Curve
    inside: Curve
    ratio: float

    @property
    def crossing(self) -> NDArray[np.bool_]:
        """bool (bins,): where strangers and matches can both be."""
        lowest = self.edges[0]
        low: NDArray[np.bool_] = self.edges[:-1] < lowest + CROSSING_WIDTH * (1 - lowest)
        return low

    @property
    def clear(self) -> NDArray[np.bool_]:
        """bool (bins,): where a pair across members is a match."""
        lowest = self.edges[0]
        high: NDArray[np.bool_] = self.edges[:-1] >= lowest + CLEAR_SHARE * (1 - lowest)
        return high


@dataclass(frozen=True, eq=False)
class ScoreModel:
    """Expected pairs across members in each bin.

    Attributes:
        edges: float64 (bins + 1,), as counted.
        strangers, matches: float64 (bins,).
        duplicates: duplicates inside members for each match across them.
    """

    edges: Curve
    strangers: Curve
    matches: Curve
    duplicates: float
    coefficients: Curve

    def wrong_links(self) -> Curve:
        """float64 (bins,): strangers at or over each bin's lower edge: linked wrongly if the threshold is there."""
        return self.strangers[::-1].cumsum()[::-1]

    def right_links(self) -> Curve:
        """float64 (bins,): matches at or over each bin's lower edge."""
        return self.matches[::-1].cumsum()[::-1]


def count_scores(score: Curve, inside: NDArray[np.bool_], lowest: float, ratio: float) -> ScoreCounts:
    """Histograms of the scores from `lowest` (a multiple of BIN) to 1."""
    bins = int(np.ceil(round((1 - lowest) / BIN, 6)))
    edges: Curve = np.float64(lowest) + BIN * np.arange(bins + 1, dtype=np.float64)
    reach = np.append(edges[:-1], np.inf)
    across_counts, inside_counts = (np.histogram(score[which], reach)[0].astype(float) for which in (~inside, inside))
    return ScoreCounts(edges, across_counts, inside_counts, ratio)


def fit_score_model(counts: ScoreCounts, start: Curve | None = None) -> ScoreModel:
    """Maximum likelihood of the two curves (see the module's text); `start` are coefficients to set out from."""
    duplicates = counts.inside[counts.clear].sum() / max(counts.across[counts.clear].sum(), 1.0)
    crossing = counts.crossing
    across, inside = counts.across[crossing], counts.inside[crossing]
    powers = _powers(int(crossing.sum()))
    if start is None:
        middle = max(float(np.median(across)), 1.0)
        start = np.array([np.log(middle), -4.0, 0.0, np.log(middle) - 2.0, 1.5])  # falling strangers, rising matches
    found = minimize(_surprise, start, args=(powers, across, inside, counts.ratio, duplicates), jac=True, method="BFGS")
    strangers, matches = np.zeros(len(crossing)), counts.across.copy()
    strangers[crossing], matches[crossing] = _curves(found.x, powers)
    return ScoreModel(counts.edges, strangers, matches, float(duplicates), found.x)


def resample(model: ScoreModel, counts: ScoreCounts, rng: np.random.Generator) -> ScoreCounts:
    """Counts as they might have come out by chance, were the model true (parametric bootstrap)."""
    crossing = counts.crossing
    across, inside = counts.across.copy(), counts.inside.copy()
    strangers, matches = model.strangers[crossing], model.matches[crossing]
    across[crossing] = rng.poisson(strangers + matches)
    inside[crossing] = rng.poisson(strangers / counts.ratio + model.duplicates * matches)
    return ScoreCounts(counts.edges, across, inside, counts.ratio)


def _powers(bins: int) -> Curve:
    """(bins, 3): 1, x, x^2 with x the distance in tenths of score from the middle, so that terms are of one size."""
    x = (np.arange(bins) - (bins - 1) / 2) * BIN / 0.1
    return cast(Curve, np.vander(x, _STRANGER_TERMS, increasing=True))


def _curves(coefficients: Curve, powers: Curve) -> tuple[Curve, Curve]:
    of_strangers, of_matches = coefficients[:_STRANGER_TERMS], coefficients[_STRANGER_TERMS:]
    strangers = np.exp(np.clip(powers @ of_strangers, -_EXPONENT_LIMIT, _EXPONENT_LIMIT))
    matches = np.exp(np.clip(powers[:, :_MATCH_TERMS] @ of_matches, -_EXPONENT_LIMIT, _EXPONENT_LIMIT))
    return strangers, matches


def _surprise(
    coefficients: Curve, powers: Curve, across: Curve, inside: Curve, ratio: float, duplicates: float
) -> tuple[float, Curve]:
    """Minus the log likelihood, and its gradient."""
    strangers, matches = _curves(coefficients, powers)
    expect_across = strangers + matches
    expect_inside = strangers / ratio + duplicates * matches
    surprise = (expect_across - across * np.log(expect_across)).sum()
    surprise += (expect_inside - inside * np.log(expect_inside)).sum()
    pull_across, pull_inside = 1 - across / expect_across, 1 - inside / expect_inside
    by_strangers = powers.T @ (strangers * (pull_across + pull_inside / ratio))
    by_matches = powers[:, :_MATCH_TERMS].T @ (matches * (pull_across + pull_inside * duplicates))
    return float(surprise), np.concatenate([by_strangers, by_matches])
