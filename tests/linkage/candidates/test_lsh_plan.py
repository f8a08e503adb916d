"""The plan's chances are those of drawing positions by hand."""

from __future__ import annotations

import numpy as np
import pytest

from linkage.candidates.lsh_plan import WORD_BITS, chances_to_be_scored, farthest


@pytest.mark.parametrize(
    ("bits", "distance", "agreed", "key_bits", "radius", "limit"),
    [(256, 40, 0, 8, 0, 12), (256, 40, 0, 10, 1, 9), (72, 12, 0, 8, 1, 12), (72, 6, 20, 6, 1, 6), (8, 2, 0, 4, 1, 2)],
)
def test_chances_are_those_of_drawn_positions(bits, distance, agreed, key_bits, radius, limit):
    rng, draws = np.random.default_rng(1), 40_000
    differs = rng.permuted(np.tile(np.arange(bits) < distance, (draws, 1)), axis=1)
    word = differs[:, agreed : agreed + WORD_BITS]
    scored = ~differs[:, :agreed].any(axis=1) & (word[:, :key_bits].sum(axis=1) <= radius) & (word.sum(axis=1) <= limit)
    chance = chances_to_be_scored(np.array([distance]), bits, agreed, key_bits, radius)[0, limit]
    assert abs(scored.mean() - chance) < 5 * np.sqrt(chance * (1 - chance) / draws)
    assert chance > 0.001


def test_a_pair_without_a_difference_is_nearly_always_scored_and_an_opposite_one_never():
    chances = chances_to_be_scored(np.array([0, 256]), 256, 0, 12, 0)
    assert chances[0].min() > 1 - 1e-9
    assert chances[1].max() == 0


@pytest.mark.parametrize(("ones", "aim"), [(10, 0.7), (460, 0.85), (20, 0.65), (7, 1.0), (1, 0.1)])
def test_the_farthest_pair_on_the_aim_reaches_it_and_the_next_one_does_not(ones, aim):
    apart = int(farthest(np.array([ones]), aim)[0])
    common = ones - apart // 2
    assert 2.0 * common / (2 * ones) >= aim
    assert 2.0 * (common - 1) / (2 * ones) < aim
