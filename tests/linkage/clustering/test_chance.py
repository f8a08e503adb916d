"""Scores corrected for chance: fewer bits are no disadvantage, and what is promised of the pairs holds."""

import numpy as np
import pytest

from linkage.candidates.compare import compare_members
from linkage.clustering.chance import correct_for_chance

LENGTH = 1024


def filters(fill: float, records: int, seed: int) -> np.ndarray:
    return np.packbits(np.random.default_rng(seed).random((records, LENGTH)) < fill, axis=1)


def test_strangers_with_few_bits_score_as_other_strangers_do():
    bits = [filters(0.3, 80, 1), filters(0.5, 80, 2)]
    raw = compare_members(bits, 0.05)
    corrected = correct_for_chance(raw, bits)
    few, many = ((raw.member[raw.left] == m) & raw.inside for m in (0, 1))
    assert raw.score[many].mean() - raw.score[few].mean() > 0.15
    few, many = ((corrected.member[corrected.left] == m) & corrected.inside for m in (0, 1))
    assert corrected.score[many].mean() == pytest.approx(corrected.score[few].mean(), abs=0.01)


def test_where_all_have_equally_many_bits_nothing_changes():
    rng = np.random.default_rng(3)
    rows = np.array([rng.permutation(LENGTH) < 400 for _ in range(60)])
    bits = [np.packbits(rows[:30], axis=1), np.packbits(rows[30:], axis=1)]
    raw = compare_members(bits, 0.3)
    corrected = correct_for_chance(raw, bits)
    assert np.allclose(corrected.score, raw.score, atol=1e-12)
    assert len(corrected.score) == len(raw.score)


def test_scores_fall_stay_within_floor_and_one_and_ties_go_by_record():
    bits = [np.concatenate([filters(0.2, 20, 4)] * 2), filters(0.5, 40, 5)]
    corrected = correct_for_chance(compare_members(bits, 0.3), bits)
    key = list(zip(-corrected.score, corrected.left, corrected.right, strict=True))
    assert key == sorted(key)
    assert corrected.score.min() >= corrected.floor
    assert corrected.score.max() == 1.0


def test_records_without_any_bit_do_no_harm():
    bits = [np.zeros((3, LENGTH // 8), np.uint8), filters(0.4, 3, 6)]
    assert np.isfinite(correct_for_chance(compare_members(bits, 0.1), bits).score).all()
