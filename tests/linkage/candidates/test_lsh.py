"""Bit-sampling search: exact pairs and scores, as many of them as promised, whatever the data."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.datasets import two_lists
from linkage.candidates import lsh, lsh_plan
from linkage.candidates.compare import candidate_pairs, compare_members
from linkage.candidates.lsh import candidate_pairs_lsh, compare_members_lsh, plan_lsh
from linkage.candidates.lsh_plan import farthest
from linkage.candidates.recall import estimate_recall
from linkage.errors import BadInput
from tests.linkage.told import Told
from tests.linkage.ugly import filters, like, with_ones

LEFT, RIGHT = two_lists(np.random.default_rng(1), 3000, shared=1000)


def search(members, threshold, **options):
    """A search without the exact sample, unless it is asked for."""
    options = {"aim": threshold, "seed": 5, "threads": 1, "checked_pairs": 0} | options
    return compare_members_lsh(members, threshold, **options)


def pairs_of(graph):
    """What a graph holds, as a dict from pair to score."""
    rows = zip(graph.left.tolist(), graph.right.tolist(), strict=True)
    return dict(zip(rows, graph.score.tolist(), strict=True))


def assert_within(graph, exact):
    """Every pair is one of the exact graph's, with its score, once, and in the order a graph has."""
    found, every = pairs_of(graph), pairs_of(exact)
    assert len(found) == len(graph.score)
    assert found.items() <= every.items()
    order = np.lexsort((graph.right, graph.left, -graph.score))
    np.testing.assert_array_equal(order, np.arange(len(order)))


def exactly_at(rng, records, bits, ones, aim):
    """Lists of which row i and row i score `aim`, or just over it, with `ones` bits set in each."""
    apart = int(farthest(np.array([ones]), aim)[0]) // 2
    left, right = np.zeros((2, records, bits), np.uint8)
    for row in range(records):
        order = rng.permutation(bits)
        left[row, order[:ones]] = 1
        right[row, order[apart : ones + apart]] = 1
    return np.packbits(left, axis=1), np.packbits(right, axis=1)


@pytest.mark.parametrize("threshold", [0.7, 0.8, 0.9])
def test_with_nearly_certain_recall_the_graph_is_the_exact_one(threshold):
    found, exact = search([LEFT, RIGHT], threshold, recall=1 - 1e-9).graph, compare_members([LEFT, RIGHT], threshold)
    assert len(exact.score) > 500
    for name in ("offsets", "left", "right", "score"):
        np.testing.assert_array_equal(getattr(found, name), getattr(exact, name))
        assert getattr(found, name).dtype == getattr(exact, name).dtype


def test_two_lists_give_their_exact_pairs():
    found = candidate_pairs_lsh(LEFT, RIGHT, 0.8, recall=1 - 1e-9, seed=2, checked_pairs=0).pairs
    exact = candidate_pairs(LEFT, RIGHT, 0.8)
    for name in ("left", "right", "score"):
        np.testing.assert_array_equal(getattr(found, name), getattr(exact, name))
        assert getattr(found, name).dtype == getattr(exact, name).dtype


@pytest.mark.parametrize(
    ("bits", "ones", "aim", "recall"),
    [(1024, 460, 0.85, 0.9), (1024, 460, 0.75, 0.5), (256, 120, 0.8, 0.9), (1000, 300, 0.9, 0.7), (72, 30, 0.8, 0.8)],
)
def test_pairs_on_the_aim_are_found_as_often_as_planned(bits, ones, aim, recall):
    left, right = exactly_at(np.random.default_rng(bits), 1500, bits, ones, aim)
    searches = [candidate_pairs_lsh(left, right, aim, recall=recall, seed=seed, checked_pairs=0) for seed in range(6)]
    share = np.mean([(one.pairs.left == one.pairs.right).sum() for one in searches]) / len(left)
    planned = searches[0].report.plan.planned_recall
    assert planned >= recall
    # Five deviations of a binomial, and a hundredth, as the pairs of a search share its sampled positions.
    assert abs(share - planned) < 5 * np.sqrt(planned * (1 - planned) / (6 * len(left))) + 0.01


def test_what_is_found_hardly_depends_on_the_seed():
    left, right = exactly_at(np.random.default_rng(3), 1500, 1024, 460, 0.85)
    shares = [
        len(candidate_pairs_lsh(left, right, 0.85, recall=0.99, seed=seed, checked_pairs=0).pairs) / len(left)
        for seed in range(6)
    ]
    assert min(shares) > 0.98


def test_wanting_less_recall_takes_fewer_tables():
    plans = [plan_lsh([LEFT, RIGHT], 0.85, recall=recall, seed=1) for recall in (0.5, 0.9, 0.99)]
    assert plans[0].work < plans[1].work < plans[2].work


def test_pairs_under_the_aim_and_over_the_floor_come_along():
    graph, exact = search([LEFT, RIGHT], 0.7, aim=0.9).graph, compare_members([LEFT, RIGHT], 0.7)
    assert graph.floor == 0.7
    assert_within(graph, exact)
    assert ((graph.score < 0.9) & (graph.score >= 0.7)).any()


@pytest.mark.parametrize("bits", [8, 72, 256, 1000])
def test_filters_of_any_length(bits):
    rng = np.random.default_rng(bits)
    left = filters(rng, 400, bits)
    members = [left, like(rng, left, 0.03)]
    found, exact = search(members, 0.8, recall=0.999).graph, compare_members(members, 0.8)
    assert_within(found, exact)
    assert len(found.score) >= 0.98 * len(exact.score) > 0


def test_the_number_of_threads_changes_nothing():
    one, many = (
        search([LEFT, RIGHT, LEFT[:50]], 0.75, aim=0.8, threads=threads, checked_pairs=10**7) for threads in (1, 5)
    )
    assert one.report == many.report
    for name in ("left", "right", "score"):
        np.testing.assert_array_equal(getattr(one.graph, name), getattr(many.graph, name))


def test_another_seed_samples_other_positions():
    tables = [search([LEFT, RIGHT], 0.7, aim=0.85, recall=0.5, seed=seed).report.pairs_looked_at for seed in (1, 2)]
    assert tables[0] != tables[1]


@pytest.mark.parametrize(
    "members",
    [[], [np.empty((0, 16), np.uint8)] * 2, [LEFT[:1]], [np.empty((3, 0), np.uint8)], [np.zeros((5, 128), np.uint8)]],
    ids=["nobody", "no records", "one record", "no bits", "no bit set"],
)
def test_where_there_is_nothing_to_find_nothing_is_found(members):
    found = search(members, 0.5, checked_pairs=1000)
    assert len(found.graph.score) == 0
    assert found.graph.records == sum(map(len, members))
    assert (
        candidate_pairs_lsh(*(members * 2)[:2], 0.5, seed=1).report.tables == 0
        if not sum(map(len, members)) and members
        else True
    )


def test_an_empty_member_among_others_has_no_pairs():
    members = [LEFT, np.empty((0, 128), np.uint8), RIGHT]
    assert_within(search(members, 0.8).graph, compare_members(members, 0.8))


def test_identical_filters_are_all_found_and_cost_what_they_give():
    same = np.repeat(filters(np.random.default_rng(3), 1, 1024), 1500, axis=0)
    found = search([np.concatenate([LEFT, same[:1000]]), same[1000:]], 0.9, recall=1 - 1e-9)
    exact = compare_members([np.concatenate([LEFT, same[:1000]]), same[1000:]], 0.9)
    assert pairs_of(found.graph) == pairs_of(exact)
    assert found.report.distinct_records == len(LEFT) + 1
    assert found.report.pairs_scored < len(found.graph.score)


def test_identical_filters_of_two_lists_are_pairs():
    pairs = candidate_pairs_lsh(LEFT, LEFT[::-1].copy(), 1.0, seed=1, checked_pairs=0).pairs
    np.testing.assert_array_equal(pairs.left + pairs.right, np.full(len(LEFT), len(LEFT) - 1))


def skewed():
    """Sparse records, which agree in most sampled bits, beside others; and many that are nearly alike."""
    rng = np.random.default_rng(4)
    sparse = filters(rng, 700, 512, 0.03)
    crowd = like(rng, np.repeat(filters(rng, 1, 512), 400, axis=0), 0.03)
    return [np.concatenate([sparse, filters(rng, 700, 512)]), np.concatenate([like(rng, sparse[:300], 0.001), crowd])]


def test_popular_buckets_are_split_and_what_that_costs_is_made_up_for(monkeypatch):
    for module in (lsh, lsh_plan):
        monkeypatch.setattr(module, "POPULAR", 40)
    members = skewed()
    found, exact = search(members, 0.85, recall=0.99), compare_members(members, 0.85)
    assert found.report.buckets_split > 0
    assert found.report.tables > found.report.plan.tables
    assert found.report.expected_recall >= 0.99
    assert_within(found.graph, exact)
    assert len(found.graph.score) >= 0.98 * len(exact.score)


def test_with_every_bucket_split_to_the_last_bit_identical_pairs_are_found(monkeypatch):
    monkeypatch.setattr(lsh, "POPULAR", 2)
    rng = np.random.default_rng(6)
    left = filters(rng, 500, 16)
    found = candidate_pairs_lsh(left, left, 1.0, seed=1, checked_pairs=0).pairs
    assert len(found) == len(candidate_pairs(left, left, 1.0))


def test_the_estimated_interval_holds_the_true_recall_nineteen_times_in_twenty():
    left, right = exactly_at(np.random.default_rng(9), 2000, 1024, 460, 0.8)
    found = candidate_pairs_lsh(left, right, 0.8, recall=0.7, seed=1, checked_pairs=0).pairs
    rows = (found.left.astype(np.int64), found.right.astype(np.int64))
    told = [
        estimate_recall([left], [right], rows, 0.8, np.random.default_rng(seed), most_pairs=400_000, threads=1)
        for seed in range(60)
    ]
    assert all(one.enough for one in told)
    assert sum(one.low <= len(found) / len(left) <= one.high for one in told) >= 53  # 57 expected


def test_the_report_holds_the_estimate_of_what_was_found():
    left, right = exactly_at(np.random.default_rng(9), 1000, 1024, 460, 0.8)
    found = candidate_pairs_lsh(left, right, 0.8, recall=0.7, seed=1, checked_pairs=10**9)
    estimate = found.report.estimate
    assert 0.6 < estimate.low < estimate.recall < estimate.high < 0.8


def test_progress_is_told_by_table():
    told = Told()
    report = search([LEFT, RIGHT], 0.85, progress=told, threads=2).report
    assert told.stages[0] == ("planning", 1)
    assert sum(total for _, total in told.stages[1:]) == sum(told.steps) - 1 == report.tables
    assert max(told.steps) <= 2


def test_short_folded_filters_at_a_low_score_do_not_pay():
    rng = np.random.default_rng(7)
    plan = plan_lsh([filters(rng, 4000, 256, 0.5)], 0.69, recall=0.99, seed=1)
    assert not plan.pays
    assert plan.pairs == 4000 * 3999 // 2


def test_more_tables_than_the_stated_most_are_refused(monkeypatch):
    monkeypatch.setattr("linkage.candidates.lsh_plan.MOST_TABLES", 3)
    with pytest.raises(BadInput, match="more than 3 tables") as refused:
        plan_lsh([LEFT, RIGHT], 0.7, recall=0.999, seed=1)
    assert "compare exactly" in refused.value.fix


def test_the_report_is_plain_data():
    data = search([LEFT, RIGHT], 0.85, checked_pairs=10**6).report.as_dict()
    assert data["plan"]["planned_recall"] >= 0.99
    assert data["estimate"]["sampled_records"] == 10**6 // 6000


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"aim": 0.6}, "aim"),
        ({"aim": 1.1}, "aim"),
        ({"recall": 1.0}, "recall"),
        ({"recall": 0.0}, "recall"),
        ({"recall": float("nan")}, "recall"),
        ({"threads": 0}, "thread"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_cannot_work_is_refused(options, match):
    with pytest.raises(BadInput, match=match):
        search([LEFT, RIGHT], 0.7, **options)


def test_what_is_no_list_of_filters_is_refused():
    with pytest.raises(BadInput, match="uint8"):
        search([LEFT.astype(np.int64)], 0.7)
    with pytest.raises(BadInput, match="different lengths"):
        search([LEFT, LEFT[:, :64]], 0.7)


def test_a_pair_exactly_on_the_threshold_is_found():
    bits = np.stack([with_ones(20, 64), with_ones(20, 64, 7)])
    assert search([bits], 0.65, recall=1 - 1e-9).graph.score.tolist() == [0.65]
