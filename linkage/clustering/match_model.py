"""How many pairs of records are one person, also those that score too low to be told from strangers.

Two records of one person differ where a field does: a slip, a move, an empty cell. On the scale of `distance.py` what
fields take off adds up. Take each size of disagreement, k bins, to be there or not by itself, with odds r_k. Then the
pairs of one person at distance 0, 1, 2 ... bins are the coefficients of

    matches(z) = m_0 * (1 + r_1 z) (1 + r_2 z^2) ... (1 + r_K z^K)

and there are matches(1) = m_0 (1 + r_1) ... (1 + r_K) of them, wherever they score. One disagreement alone is seen: it
leaves a pair over the cut. Two or three together may not be, but how often they come together follows from how often
each comes alone. (The field-wise independence of Fellegi and Sunter 1969, read off a histogram instead of fields.)

Strangers are a log-quadratic curve, as in `score_model.py`, and both curves are told apart by the members' own lists:

    across ~ Poisson(strangers + matches),   inside ~ Poisson(strangers / ratio + duplicates * matches)

What it assumes: disagreements do not come in company. Where some people's records are all bad, more pairs are missed
than it says (docs/linkage-error.md has figures).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.random import Generator

from linkage.clustering.distance import Curve, PairCounts
from linkage.clustering.poisson_fit import Expected, Matrix, Penalty, Vector, fit_poisson

PRIOR = 50.0
"""The odds of the largest disagreement are shrunk as though this many pairs more had been seen without it; those of
smaller ones less, with the cube of their size. Without it, strangers at the cut pass for rare large disagreements. Of
twenty-five rules tried on 71 co-ops with known truth (rates of 10 to 80, powers of 0 to 4) it had the least bias with
nearly the least error."""
_PRIOR_POWER = 3
_STRANGER_TERMS = 3  # log-quadratic
_HEIGHT = _STRANGER_TERMS  # which parameter is log m_0
_ODDS = slice(_HEIGHT + 1, None)
_LEAST_LOG_ODDS, _MOST_LOG_ODDS = -9.0, 3.0
_USUAL_LOG_ODDS, _USUAL_PULL = -4.0, 2e-3  # keeps the odds that nothing is known of from running away; moves no other
_HALF = 0.5  # a pair added on both sides of a share, so that none is 0 or 1
_TINY = 1e-9  # pairs expected at least in a bin, so that a logarithm exists
_TENTHS = 10.0  # distances from the last bin in tenths, so that the strangers' terms are of one size


@dataclass(frozen=True, eq=False)
class MatchModel:
    """Expected pairs across members by distance, and in all.

    Attributes:
        strangers, matches: float64 (bins,).
        odds: float64 (K,); of a disagreement of each size.
        height: matches without a disagreement.
        duplicates: duplicates inside members for each match across them.
        parameters: as fitted, to start from again.
    """

    strangers: Curve
    matches: Curve
    odds: Curve
    height: float
    duplicates: float
    parameters: Vector

    @property
    def all_matches(self) -> float:
        """How many pairs across members are one person, wherever they score."""
        return self.height * float(np.prod(1 + self.odds))


def fit_match_model(counts: PairCounts, start: Vector | None = None) -> MatchModel:
    """Maximum likelihood of the curves (see the module's text), with PRIOR; `start` are parameters to set out from.

    Disagreements are looked for in sizes up to one bin under the cut: a larger one alone would not be told from
    strangers.
    """
    bins = counts.bins
    clear = max(bins.cut // 2, 1)  # where a pair is a match: strangers fall by orders of magnitude on the way there
    duplicates = (counts.inside[:clear].sum() + _HALF) / (counts.across[:clear].sum() + _HALF)
    powers = powers_of(counts)
    sizes = largest_disagreement(counts)

    def expect(parameters: Vector) -> Expected:
        strangers, matches = curves(parameters, powers)
        across, inside = strangers + matches, strangers / counts.ratio + duplicates * matches

        def slope() -> Matrix:
            by_strangers, by_matches = slopes(strangers, matches, powers, np.exp(parameters[_ODDS]))
            return np.concatenate([by_strangers + by_matches, by_strangers / counts.ratio + duplicates * by_matches])

        return Expected(np.concatenate([across, inside]) + _TINY, slope)

    if start is None:
        start = _start(counts, sizes)
    observed = np.concatenate([counts.across, counts.inside])
    found = fit_poisson(expect, observed, start, _shrink, limits_of(len(start)))
    strangers, matches = curves(found, powers)
    return MatchModel(strangers, matches, np.exp(found[_ODDS]), float(np.exp(found[_HEIGHT])), float(duplicates), found)


@dataclass(frozen=True, eq=False)
class Resampled:
    """Counts as they might have come out by chance, were a model true, and how many matches there then were."""

    counts: PairCounts
    matches: int


def resample(model: MatchModel, counts: PairCounts, rng: Generator) -> Resampled:
    """Draw counts from the model (parametric bootstrap)."""
    matches = rng.poisson(model.matches)
    beyond = rng.poisson(max(model.all_matches - model.matches.sum(), 0.0))
    across = rng.poisson(model.strangers) + matches
    inside = rng.poisson(model.strangers / counts.ratio + model.duplicates * model.matches)
    drawn = PairCounts(counts.bins, across.astype(np.float64), inside.astype(np.float64), counts.ratio)
    return Resampled(drawn, int(matches.sum() + beyond))


def errors_of_matches(model: MatchModel, counts: PairCounts, times: int, rng: Generator) -> Iterator[float]:
    """By what factor the number of matches comes out wrong, were the model true; `times` draws of it."""
    for _ in range(times):
        drawn = resample(model, counts, rng)
        yield fit_match_model(drawn.counts, model.parameters).all_matches / max(drawn.matches, 1)


def largest_disagreement(counts: PairCounts) -> int:
    """K: how large a disagreement may be, in bins."""
    return max(min(counts.bins.cut - 1, counts.bins.number - 2), 1)


def powers_of(counts: PairCounts) -> Matrix:
    """(bins, 3): 1, x, x^2 with x the distance from the last bin, for the strangers' curve."""
    number = counts.bins.number
    x = np.arange(1 - number, 1, dtype=np.float64) * np.float64(counts.bins.width * _TENTHS)
    return cast(Matrix, np.vander(x, _STRANGER_TERMS, increasing=True))


def curves(parameters: Vector, powers: Matrix) -> tuple[Curve, Curve]:
    """Expected strangers and matches, float64 (bins,) each."""
    strangers = np.exp(np.clip(powers @ parameters[:_STRANGER_TERMS], -_EXPONENT_LIMIT, _EXPONENT_LIMIT))
    return strangers, spread(float(np.exp(parameters[_HEIGHT])), np.exp(parameters[_ODDS]), len(powers))


_EXPONENT_LIMIT = 30.0  # keeps exp() finite while the parameters wander


def spread(height: float, odds: Curve, bins: int) -> Curve:
    """The coefficients of height (1 + r_1 z) ... (1 + r_K z^K), float64 (bins,): matches by distance."""
    matches = np.zeros(bins)
    matches[0] = height
    for size, its_odds in enumerate(odds.tolist(), 1):
        matches[size:] += its_odds * matches[:-size]
    return matches


def slopes(strangers: Curve, matches: Curve, powers: Matrix, odds: Curve) -> tuple[Matrix, Matrix]:
    """How both curves change with each parameter, float64 (bins, parameters) each."""
    bins, parameters = len(powers), _STRANGER_TERMS + 1 + len(odds)
    by_strangers, by_matches = np.zeros((bins, parameters)), np.zeros((bins, parameters))
    by_strangers[:, :_STRANGER_TERMS] = powers * strangers[:, None]
    by_matches[:, _HEIGHT] = matches
    by_matches[:, _ODDS] = by_odds(matches, odds)
    return by_strangers, by_matches


def by_odds(matches: Curve, odds: Curve) -> Matrix:
    """How a curve of matches changes with the logarithm of each odds, float64 (bins, K).

    That of size k is r_k z^k matches(z) / (1 + r_k z^k). The quotient q is built up from its first coefficient on,
    q[b] = matches[b] - r_k q[b - k], for all sizes at once.
    """
    bins, sizes = len(matches), np.arange(len(odds))  # of size k: in column k - 1
    quotient = np.zeros((bins + len(odds), len(odds)))  # row K + b is of bin b: q is 0 before the first
    for row, many in enumerate(matches.tolist(), len(odds)):
        quotient[row] = many - odds * quotient[row - 1 - sizes, sizes]
    slope: Matrix = odds * quotient[np.arange(bins)[:, None] + len(odds) - 1 - sizes, sizes]
    return slope


def limits_of(parameters: int) -> tuple[Vector, Vector]:
    """Lowest and highest value of each parameter."""
    lowest, highest = np.full(parameters, -np.inf), np.full(parameters, np.inf)
    lowest[_ODDS], highest[_ODDS] = _LEAST_LOG_ODDS, _MOST_LOG_ODDS
    return lowest, highest


def _shrink(parameters: Vector) -> Penalty:
    log_odds = parameters[_ODDS]
    odds, off = np.exp(log_odds), log_odds - _USUAL_LOG_ODDS
    rate = PRIOR * (np.arange(1, len(odds) + 1) / len(odds)) ** _PRIOR_POWER
    gradient, curvature = np.zeros(len(parameters)), np.zeros(len(parameters))
    gradient[_ODDS] = rate * odds + _USUAL_PULL * off
    curvature[_ODDS] = rate * odds + _USUAL_PULL
    return Penalty(float(rate @ odds + _USUAL_PULL / 2 * (off**2).sum()), gradient, curvature)


def _start(counts: PairCounts, sizes: int) -> Vector:
    """Strangers falling steeply towards matches; odds as though half of the near pairs had one disagreement each."""
    clear = max(counts.bins.cut // 2, 1)
    near = np.maximum(counts.across - np.minimum(counts.inside * counts.ratio, counts.across), _HALF)
    near[:clear] = counts.across[:clear] + _HALF
    odds = np.clip(near[1 : sizes + 1] / near[0] / 2, 0.003, 1.0)
    last = np.log(max(counts.inside[-1] * counts.ratio, 1.0))
    return np.concatenate([[last, 4.0, 0.0, np.log(near[0])], np.log(odds)])
