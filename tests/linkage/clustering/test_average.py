"""Average linkage equals its definition, whatever the order of the pairs."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.candidates.pair_graph import PairGraph
from linkage.clustering.average import cluster_average
from tests.linkage.graphs import graph_of, graphs

MISSING = 0.25


def by_definition(graph: PairGraph, threshold: float, *, one_per_member: bool) -> set[frozenset[int]]:
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
            average = (sum(candidates) + MISSING * (len(pairs) - len(candidates))) / len(pairs)
            if average >= threshold and (best is None or average > best[0]):
                best = average, one, other
        if best is None:
            return {frozenset(group) for group in groups}
        groups = [group for group in groups if group not in best[1:]] + [best[1] + best[2]]


def as_sets(label: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(label == group).tolist()) for group in np.unique(label)}


@settings(max_examples=500)
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
