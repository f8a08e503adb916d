"""The greedy solver gives anonlink's groups, in an order that stays."""

import numpy as np
from anonlink.solving import greedy_solve, greedy_solve_python
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage import solve_greedy
from linkage.candidates.pair_graph import PairGraph
from linkage.clustering.greedy import cluster_greedy
from tests.linkage.graphs import graph_of, graphs


def for_anonlink(graph: PairGraph):
    member = graph.member
    sides = (graph.left, graph.right)
    members = tuple(member[side].astype(np.uint32) for side in sides)
    rows = tuple((side - graph.offsets[member[side]]).astype(np.uint32) for side in sides)
    return graph.score, members, rows


def as_sets(groups) -> set[frozenset[tuple[int, int]]]:
    return {frozenset((int(m), int(r)) for m, r in group) for group in groups}


@settings(max_examples=300)
@given(graphs())
def test_the_groups_are_those_of_both_solvers_of_anonlink(graph):
    candidates = for_anonlink(graph)
    found = as_sets(solve_greedy(candidates))
    assert found == as_sets(greedy_solve(candidates))
    assert found == as_sets(greedy_solve_python(candidates))


@given(graphs())
def test_groups_and_records_come_in_order(graph):
    groups = solve_greedy(for_anonlink(graph))
    assert list(groups) == sorted(tuple(sorted(group)) for group in groups)


@given(graphs(), st.sampled_from([0.5, 0.75]), st.booleans())
def test_every_pair_of_a_group_is_a_candidate_over_the_threshold(graph, threshold, inside_too):
    allowed = {
        (a, b)
        for a, b, s, inside in zip(
            graph.left.tolist(), graph.right.tolist(), graph.score.tolist(), graph.inside.tolist(), strict=True
        )
        if s >= threshold and (inside_too or not inside)
    }
    label = cluster_greedy(graph, threshold, inside_too=inside_too).label
    together = {(a, b) for a in range(len(label)) for b in range(a + 1, len(label)) if label[a] == label[b]}
    assert together <= allowed


def test_the_best_pair_wins():
    graph = graph_of([1, 2], {(0, 1): 0.9, (0, 2): 0.8})
    assert cluster_greedy(graph, 0.7, inside_too=True).label.tolist() == [0, 0, 1]


def test_no_candidates_make_no_groups():
    assert solve_greedy(([], ([], []), ([], []))) == ()
