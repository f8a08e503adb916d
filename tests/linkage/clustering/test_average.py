"""Average linkage equals its definition, whatever the order of the pairs."""

import signal
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.candidates.pair_graph import PairGraph
from linkage.clustering import reference
from linkage.clustering.average import cluster_average
from linkage.errors import BadInput
from tests.linkage.graphs import graph_of, graphs, random_graph

MISSING = 0.25


def by_definition(
    graph: PairGraph, threshold: float, *, one_per_member: bool, missing: float = MISSING
) -> set[frozenset[int]]:
    """Merge the best pair of groups again and again, averaging over all pairs of records each time."""
    score = {(a, b): s for a, b, s in zip(graph.left.tolist(), graph.right.tolist(), graph.score.tolist(), strict=True)}
    member = graph.member.tolist()
    groups = [[record] for record in range(graph.records)]
    while True:
        best = None
        for one, other in combinations(sorted(groups, key=min), 2):
            pairs = [(min(a, b), max(a, b)) for a in one for b in other]
            candidates = [score[pair] for pair in pairs if pair in score]
            if not candidates or (one_per_member and {member[a] for a in one} & {member[b] for b in other}):
                continue
            average = (sum(candidates) + missing * (len(pairs) - len(candidates))) / len(pairs)
            if average >= threshold and (best is None or average > best[0]):
                best = average, one, other
        if best is None:
            return {frozenset(group) for group in groups}
        groups = [group for group in groups if group not in best[1:]] + [best[1] + best[2]]


def as_sets(label: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(label == group).tolist()) for group in np.unique(label)}


@settings(max_examples=500, deadline=None)
@given(graphs(), st.sampled_from([0.5, 0.625, 0.75, 0.875]), st.booleans())
def test_it_equals_its_definition(graph, threshold, one_per_member):
    found = cluster_average(graph, threshold, missing_score=MISSING, one_per_member=one_per_member)
    assert as_sets(found.label) == by_definition(graph, threshold, one_per_member=one_per_member)


@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_of_the_pairs_changes_nothing(graph, random):
    order = list(range(len(graph.score)))
    random.shuffle(order)
    shuffled = PairGraph(graph.offsets, graph.left[order], graph.right[order], graph.score[order], graph.floor)
    one, other = (cluster_average(g, 0.6, missing_score=MISSING).label for g in (graph, shuffled))
    assert np.array_equal(one, other)


def test_people_are_numbered_by_their_first_record():
    found = cluster_average(graph_of([2, 2], {(1, 3): 0.9}), 0.8, missing_score=MISSING)
    assert found.label.tolist() == [0, 1, 2, 1]
    assert (found.people, found.linked) == (3, 1)


def test_a_record_between_two_groups_goes_to_the_better_one():
    pairs = {(0, 1): 0.9, (1, 2): 0.8}
    assert as_sets(cluster_average(graph_of([1, 1, 1], pairs), 0.7, missing_score=0.4).label) == {
        frozenset({0, 1}),
        frozenset({2}),
    }


def test_without_pairs_everyone_is_alone():
    assert cluster_average(graph_of([2, 1], {}), 0.5, missing_score=MISSING).people == 3


@given(graphs(), st.sampled_from([0.5, 0.625]), st.booleans())
def test_a_missing_pair_may_count_more_than_the_threshold(graph, threshold, one_per_member):
    found = cluster_average(graph, threshold, missing_score=0.75, one_per_member=one_per_member)
    assert as_sets(found.label) == by_definition(graph, threshold, one_per_member=one_per_member, missing=0.75)


@settings(max_examples=1000, deadline=None)
@given(
    graphs(),
    st.floats(0.3, 1.0),
    st.floats(0.0, 0.29),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_it_equals_the_reference_for_any_scores(graph, threshold, missing, one_per_member, random):
    score = np.array([random.choice([s, random.random()]) for s in graph.score.tolist()], np.float64)
    graph = PairGraph(graph.offsets, graph.left, graph.right, score, 0.0)
    options = {"missing_score": missing, "one_per_member": one_per_member}
    expected = reference.cluster_average(graph, threshold, **options).label
    assert np.array_equal(cluster_average(graph, threshold, **options).label, expected)


@pytest.mark.parametrize("one_per_member", [True, False])
@pytest.mark.parametrize("steps", [0, 4, 64], ids=["any scores", "heavy ties", "ties"])
@pytest.mark.parametrize(
    ("sizes", "pairs"), [([150, 150], 60_000), ([300] * 5, 3_000), ([2] * 140, 9_000)], ids=["dense", "sparse", "many"]
)
def test_it_equals_the_reference_on_larger_graphs(sizes, pairs, steps, one_per_member):
    graph = random_graph(2, sizes, pairs, steps=steps)
    options = {"missing_score": 0.3, "one_per_member": one_per_member}
    expected = reference.cluster_average(graph, 0.55, **options).label
    found = cluster_average(graph, 0.55, **options).label
    assert expected.max() < graph.records - 50
    assert np.array_equal(found, expected)


def test_the_number_of_threads_changes_nothing():
    graph = random_graph(3, [20_000, 20_000], 30_000)
    one = cluster_average(graph, 0.6, missing_score=0.3, threads=1)
    assert one.people < 35_000
    for threads in (2, 3, 64):
        assert np.array_equal(cluster_average(graph, 0.6, missing_score=0.3, threads=threads).label, one.label)


def test_no_records_make_no_people():
    assert cluster_average(graph_of([0, 0], {}), 0.5, missing_score=MISSING, one_per_member=True).people == 0


@pytest.mark.parametrize(
    ("left", "right", "score"),
    [
        ([0], [3], [0.9]),
        ([-1], [1], [0.9]),
        ([1], [0], [0.9]),
        ([1], [1], [0.9]),
        ([0, 0], [1, 1], [0.9, 0.8]),
        ([0], [1], [1.5]),
        ([0], [1], [float("nan")]),
        ([0], [1, 2], [0.9]),
        ([0], [1], [0.9, 0.8]),
    ],
    ids=["beyond", "negative", "turned", "itself", "twice", "score", "no score", "lengths", "scores"],
)
def test_a_graph_that_is_none_is_refused(left, right, score):
    offsets = np.array([0, 2, 3])
    graph = PairGraph(offsets, np.array(left), np.array(right), np.array(score), 0.5)
    with pytest.raises(BadInput, match="cannot be clustered"):
        cluster_average(graph, 0.6, missing_score=MISSING)


@pytest.mark.parametrize(
    ("threshold", "missing", "threads"),
    [(1.1, 0.2, 1), (-0.1, 0.2, 1), (float("nan"), 0.2, 1), (0.6, 1.1, 1), (0.6, float("nan"), 1), (0.6, 0.2, 0)],
)
def test_numbers_out_of_range_are_refused(threshold, missing, threads):
    with pytest.raises(BadInput):
        cluster_average(graph_of([1, 1], {}), threshold, missing_score=missing, threads=threads)


class Interrupt(Exception):
    """What the signal's handler raises."""


def test_an_interrupt_is_heard_in_the_middle_of_a_long_run():
    left, right = np.triu_indices(2500, 1)  # every pair: some seconds
    score = np.random.default_rng(4).uniform(0.6, 1.0, len(left))
    graph = PairGraph(np.array([0, 2500]), left.astype(np.int64), right.astype(np.int64), score, 0.6)

    def interrupt(*_):
        raise Interrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(Interrupt):
            cluster_average(graph, 0.6, missing_score=0.1)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
