"""The number of matches is found where many of them score like strangers."""

import numpy as np
import pytest

from linkage.candidates.pair_graph import PairGraph, offsets_of
from linkage.clustering.distance import Bins, PairCounts, Ruler, count_pairs, lay_bins, ruler_of
from linkage.clustering.match_model import (
    by_odds,
    curves,
    errors_of_matches,
    fit_match_model,
    powers_of,
    resample,
    slopes,
    spread,
)
from linkage.clustering.poisson_fit import Expected, Penalty, fit_poisson

BINS = Bins(Ruler(0.45, 0), 0.02, cut=12, number=16)
ODDS = np.array([0.3, 0.05, 0.1, 0.2, 0.02, 0.01, 0.08, 0.03, 0.0, 0.05, 0.0])
RATIO, DUPLICATES = 4.0, 0.03


def counts(height: float, seed: int = 0, strangers_at_the_end: float = 2000.0):
    """Counts drawn from the model itself, and how many matches there really are."""
    rng = np.random.default_rng(seed)
    matches = spread(height, ODDS, 200)  # all of them: no product of ODDS reaches further
    strangers = strangers_at_the_end * np.exp(0.55 * np.arange(-BINS.number + 1, 1))
    drawn = rng.poisson(matches)
    near = slice(BINS.number)
    across = rng.poisson(strangers) + drawn[near]
    inside = rng.poisson(strangers / RATIO + DUPLICATES * matches[near])
    return PairCounts(BINS, across.astype(float), inside.astype(float), RATIO), int(drawn.sum())


@pytest.mark.parametrize("folds", [0, 1, 2])
def test_what_two_fields_take_off_adds_up(folds):
    rng = np.random.default_rng(1)
    length, unfolded = 4096, 4096 * 2**folds

    def fold(bits):
        for _ in range(folds):
            bits = bits[: len(bits) // 2] ^ bits[len(bits) // 2 :]
        return bits

    def flip(bits, share):
        return bits ^ (rng.random(unfolded) < share / 2**folds)

    record = rng.random(unfolded) < 0.4 / 2**folds
    distances = []
    for shares in ((0.08,), (0.12,), (0.08, 0.12)):
        other = record
        for share in shares:
            other = flip(other, share)
        one, two = fold(record), fold(other)
        fill = (one.mean() + two.mean()) / 2
        score = 2 * (one & two).sum() / (one.sum() + two.sum())
        distances.append(float(Ruler(fill, folds).distance(score)))
        assert score == pytest.approx(1 - (one ^ two).sum() / (2 * fill * length), abs=1e-9)
    assert distances[2] == pytest.approx(distances[0] + distances[1], rel=0.12)  # 4,096 bits: a tenth is chance


def test_a_pair_at_the_cut_is_over_it():
    bins = lay_bins(Ruler(0.36, 2), 0.67, 0.6)
    assert bins.histogram(np.array([0.67]))[bins.cut - 1] == 1
    assert bins.histogram(np.array([0.67 - 1e-6]))[bins.cut] == 1
    assert bins.histogram(np.array([1.0]))[0] == 1
    assert bins.histogram(np.array([0.1])).sum() == 0


def test_the_last_bin_is_one_that_holds_every_candidate():
    ruler = Ruler(0.36, 2)
    bins = lay_bins(ruler, 0.67, 0.6)
    assert bins.number * bins.width <= float(ruler.distance(0.6)) + 1e-9


def test_pairs_are_counted_across_and_inside():
    graph = PairGraph(offsets_of([2, 2]), np.array([0, 0]), np.array([1, 2]), np.array([0.9, 0.8]), 0.5)
    found = count_pairs(graph, BINS, RATIO)
    assert (found.across.sum(), found.inside.sum()) == (1, 1)


def test_the_fill_of_filters_is_their_share_of_bits():
    assert ruler_of([np.full((3, 4), 0x0F, np.uint8), np.full((1, 4), 0x0F, np.uint8)], 2) == Ruler(0.5, 2)
    assert ruler_of([np.empty((0, 4), np.uint8)], 0).fill == 0


def test_matches_are_the_products_coefficients():
    by_hand = np.polynomial.polynomial.polymul([1, 0.3], np.polynomial.polynomial.polymul([1, 0, 0.05], [1, 0, 0, 0.1]))
    assert spread(100.0, np.array([0.3, 0.05, 0.1]), 8) == pytest.approx(100 * np.append(by_hand, 0))


def test_slopes_are_those_of_the_curves():
    powers = powers_of(PairCounts(BINS, np.zeros(BINS.number), np.zeros(BINS.number), RATIO))
    at = np.concatenate([[5.0, 3.0, -0.4, 6.0], np.log(ODDS + 0.01)])
    strangers, matches = curves(at, powers)
    exact = slopes(strangers, matches, powers, np.exp(at[4:]))
    for parameter in range(len(at)):
        step = np.zeros(len(at))
        step[parameter] = 1e-6
        higher, lower = curves(at + step, powers), curves(at - step, powers)
        for kind in (0, 1):
            assert exact[kind][:, parameter] == pytest.approx((higher[kind] - lower[kind]) / 2e-6, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize(("bins", "sizes"), [(12, 1), (12, 5), (12, 11), (40, 23)])
def test_a_curve_changes_with_each_odds_as_its_quotient_says(bins, sizes):
    """Each column by the school's long division, beside the one that divides by all at once."""
    rng = np.random.default_rng(bins + sizes)
    odds = rng.uniform(0, 2, sizes)
    matches = spread(1000.0, odds, bins)
    for size, slope in enumerate(by_odds(matches, odds).T, 1):
        factor = np.zeros(size + 1)
        factor[[0, size]] = 1, odds[size - 1]
        quotient = matches.copy()
        for row in range(bins - size):
            quotient[row + size] -= factor[size] * quotient[row]
        assert slope.tolist() == [0.0] * size + (odds[size - 1] * quotient[:-size]).tolist()
        assert np.convolve(factor, quotient)[:bins] == pytest.approx(matches)


@pytest.mark.parametrize("seed", range(5))
def test_all_matches_are_counted_though_some_score_like_strangers(seed):
    counted, true = counts(4000, seed)
    model = fit_match_model(counted)
    assert model.all_matches == pytest.approx(true, rel=0.015)
    under_the_cut = spread(1.0, ODDS, 200)[BINS.cut :].sum() / spread(1.0, ODDS, 200).sum()
    assert under_the_cut > 0.015  # what a reader of the histogram misses


def test_how_far_it_may_be_off_is_told():
    errors = [fit_match_model(counted).all_matches / true for counted, true in map(counts, [4000] * 30, range(30))]
    counted, _ = counts(4000, 0)
    told = list(errors_of_matches(fit_match_model(counted), counted, 30, np.random.default_rng(0)))
    assert 0.5 < np.std(told) / np.std(errors) < 3


def test_resampled_counts_come_out_as_the_model_expects():
    counted, _ = counts(4000)
    model = fit_match_model(counted)
    rng = np.random.default_rng(0)
    drawn = [resample(model, counted, rng) for _ in range(200)]
    assert np.mean([one.matches for one in drawn]) == pytest.approx(model.all_matches, rel=0.005)
    mean = np.mean([one.counts.inside for one in drawn], axis=0)
    assert mean == pytest.approx(model.strangers / RATIO + model.duplicates * model.matches, rel=0.25, abs=1)


def test_without_any_pair_nothing_breaks():
    nothing = PairCounts(BINS, np.zeros(BINS.number), np.zeros(BINS.number), RATIO)
    assert 0 <= fit_match_model(nothing).all_matches < 20


def test_scoring_finds_the_maximum_and_heeds_limits():
    observed = np.array([3.0, 5.0, 9.0, 15.0])
    x = np.arange(4.0)

    def expect(p):
        mean = np.exp(p[0] + p[1] * x)
        return Expected(mean, lambda: np.stack([mean, mean * x], axis=1))

    def nothing(_):
        return Penalty(0.0, np.zeros(2), np.zeros(2))

    wide = (np.full(2, -np.inf), np.full(2, np.inf))
    found = fit_poisson(expect, observed, np.zeros(2), nothing, wide)
    expected = expect(found)
    assert expected.by_parameter.T @ (1 - observed / expected.counts) == pytest.approx([0, 0], abs=1e-3)
    bound = fit_poisson(expect, observed, np.zeros(2), nothing, (wide[0], np.array([np.inf, 0.2])))
    assert bound[1] <= 0.2
