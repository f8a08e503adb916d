"""Candidate pairs: all of them, once, in order, and the same as anonlink's."""

from __future__ import annotations

import numpy as np
import pytest
from anonlink.similarities import dice_coefficient_accelerated

from benchmarks.datasets import two_lists
from linkage import kernel
from linkage.candidates import compare
from linkage.candidates.compare import candidate_pairs, candidate_pairs_inside, compare_members
from linkage.errors import BadInput
from linkage.kernel import reference
from tests.linkage.told import Told
from tests.linkage.ugly import filters, like

RNG = np.random.default_rng(20)
LEFT, RIGHT = two_lists(RNG, 600, shared=300)


@pytest.mark.parametrize("implementation", kernel.available())
@pytest.mark.parametrize("threshold", [0.6, 0.66, 0.7, 0.8, 0.85, 0.9])
def test_pairs_and_scores_are_those_of_anonlink(threshold, implementation, monkeypatch):
    # Not 0.65, 0.75, 0.95: there anonlink leaves out pairs that score exactly the threshold.
    monkeypatch.setenv(kernel.FORCE, implementation)
    lists = [[row.tobytes() for row in bits] for bits in (LEFT, RIGHT)]
    scores, (left, right) = dice_coefficient_accelerated(lists, threshold)
    pairs = candidate_pairs(LEFT, RIGHT, threshold)
    assert len(pairs) >= 100
    np.testing.assert_array_equal(pairs.score, scores)
    np.testing.assert_array_equal(pairs.left, left)
    np.testing.assert_array_equal(pairs.right, right)


@pytest.mark.parametrize("threshold", [0.65, 0.75, 0.95])
def test_a_pair_exactly_on_the_threshold_is_a_candidate(threshold):
    ones = np.zeros((2, 40), np.uint8)
    ones[0, :20], ones[1, round(20 * (1 - threshold)) : round(20 * (1 - threshold)) + 20] = 1, 1
    bits = np.packbits(ones, axis=1)
    assert candidate_pairs(bits[:1], bits[1:], threshold).score.tolist() == [threshold]


def test_pairs_fall_by_score_and_ties_rise_by_row():
    bits = filters(np.random.default_rng(1), 200, 24)
    pairs = candidate_pairs(bits, bits, 0.5)
    keys = list(zip(-pairs.score, pairs.left, pairs.right, strict=True))
    assert len(set(pairs.score.tolist())) < len(keys)
    assert keys == sorted(keys)


def test_a_list_against_itself_is_the_upper_triangle_of_the_full_join():
    bits = np.concatenate([LEFT, like(RNG, LEFT, 0.02)])
    full, inside = candidate_pairs(bits, bits, 0.66), candidate_pairs_inside(bits, 0.66)
    upper = full.left < full.right
    assert len(inside) >= len(LEFT)
    for name in ("left", "right", "score"):
        np.testing.assert_array_equal(getattr(inside, name), getattr(full, name)[upper])


@pytest.mark.parametrize(("rows", "columns"), [(0, 0), (0, 3), (3, 0)])
def test_empty_lists_have_no_pairs_of_the_right_dtypes(rows, columns):
    pairs = candidate_pairs(np.zeros((rows, 8), np.uint8), np.zeros((columns, 8), np.uint8), 0.5)
    assert len(pairs) == 0
    assert (pairs.left.dtype, pairs.right.dtype, pairs.score.dtype) == (np.uint32, np.uint32, np.float64)


@pytest.mark.parametrize("threshold", [0.0, -0.1, 1.0000001, float("nan"), float("inf")])
def test_a_threshold_out_of_range_is_refused(threshold):
    with pytest.raises(BadInput, match="threshold"):
        candidate_pairs_inside(LEFT, threshold)


@pytest.mark.parametrize(
    "bits", [LEFT.astype(np.int64), LEFT.astype(bool), LEFT[0], LEFT[None]], ids=["int64", "bool", "1-D", "3-D"]
)
def test_what_is_no_array_of_filters_is_refused(bits):
    with pytest.raises(BadInput, match="uint8"):
        candidate_pairs(LEFT, bits, 0.8)


def test_filters_of_different_lengths_are_refused():
    with pytest.raises(BadInput, match="different lengths"):
        compare_members([LEFT, RIGHT[:, :64]], 0.8)


@pytest.mark.parametrize("threads", [0, -1])
def test_less_than_one_thread_is_refused(threads):
    with pytest.raises(BadInput, match="thread"):
        candidate_pairs(LEFT, RIGHT, 0.8, threads=threads)


def three_members():
    rng = np.random.default_rng(30)
    people = filters(rng, 90, 256)
    return [
        np.concatenate([people[:60], like(rng, people[:20], 0.02)]),
        like(rng, people[30:], 0.05),
        np.empty((0, 32), np.uint8),
        like(rng, people[:10], 0.01),
    ]


def assert_is_the_whole_graph(graph, members, floor):
    """The graph is what the reference finds in one list of all records."""
    everyone = np.concatenate(members)
    for found, expected in zip(
        (graph.left, graph.right, graph.score), reference.scan(everyone, None, floor), strict=True
    ):
        np.testing.assert_array_equal(found, expected)


def test_a_co_op_is_compared_as_one_list_of_all_records_would_be():
    members = three_members()
    graph = compare_members(members, 0.7)
    assert graph.offsets.tolist() == [0, 80, 140, 140, 150]
    assert (graph.left.dtype, graph.right.dtype, graph.floor) == (np.int64, np.int64, 0.7)
    assert 0 < graph.inside.sum() < len(graph.score)
    assert_is_the_whole_graph(graph, members, 0.7)


@pytest.mark.parametrize("part_pairs", [1.0, 1e9])
def test_parts_of_any_size_find_the_same_and_tell_every_record_pair(part_pairs, monkeypatch):
    monkeypatch.setattr(compare, "PART_PAIRS", part_pairs)
    members, told = three_members(), Told()
    graph = compare_members(members, 0.6, progress=told)
    records = sum(len(member) for member in members)
    assert told.stages == [("comparing", records * (records - 1) // 2)]
    assert sum(told.steps) == told.stages[0][1]
    assert_is_the_whole_graph(graph, members, 0.6)


def test_many_parts_make_one_sorted_list(monkeypatch):
    bits = filters(np.random.default_rng(2), 1500, 64)
    whole = candidate_pairs(bits, bits[::-1], 0.6, threads=1)
    monkeypatch.setattr(compare, "PART_CANDIDATES", 1000)
    assert sum(1 for _ in compare.stream_pairs(bits, bits[::-1], 0.6, threads=1)) > 3
    parts = candidate_pairs(bits, bits[::-1], 0.6, threads=2)
    for name in ("left", "right", "score"):
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))


def test_a_co_op_without_members_or_records_has_no_pairs():
    for members in ([], [np.empty((0, 16), np.uint8)] * 2):
        graph = compare_members(members, 0.5)
        assert graph.records == len(graph.score) == 0
        assert graph.left.dtype == np.int64
