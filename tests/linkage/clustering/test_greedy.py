"""The greedy solver gives anonlink's groups, in an order that stays."""

import numpy as np
import pytest
from anonlink.solving import greedy_solve, greedy_solve_python, probabilistic_greedy_solve
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage import solve_greedy
from linkage.candidates.pair_graph import PairGraph
from linkage.clustering.greedy import cluster_greedy, label_greedy, solve_probabilistic_greedy
from linkage.errors import BadInput
from tests.linkage.graphs import columns_of_anonlink, graph_of, graphs, random_graph

MERGE_THRESHOLDS = (0.0, 0.1, 0.2, 0.3, 1 / 3, 0.5, 0.6, 2 / 3, 0.7, 0.9, 1.0)  # with some that round badly


def for_anonlink(graph: PairGraph):
    member = graph.member
    sides = (graph.left, graph.right)
    members = tuple(member[side].astype(np.uint32) for side in sides)
    rows = tuple((side - graph.offsets[member[side]]).astype(np.uint32) for side in sides)
    return graph.score, members, rows


def as_sets(groups) -> set[frozenset[tuple[int, int]]]:
    return {frozenset((int(m), int(r)) for m, r in group) for group in groups}


@settings(max_examples=300, deadline=None)
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


@settings(max_examples=1000, deadline=None)
@given(columns_of_anonlink())
def test_the_ugliest_candidates_make_the_groups_of_anonlink(columns):
    assert as_sets(solve_greedy(columns)) == as_sets(greedy_solve(columns))


@settings(max_examples=1500, deadline=None)
@given(columns_of_anonlink(), st.sampled_from(MERGE_THRESHOLDS) | st.floats(0.0, 1.0), st.booleans())
def test_the_probabilistic_groups_are_those_of_anonlink(columns, merge_threshold, deduplicated):
    options = {"merge_threshold": merge_threshold, "deduplicated": deduplicated}
    found = solve_probabilistic_greedy(columns, **options)
    assert as_sets(found) == as_sets(probabilistic_greedy_solve(columns, **options))


@given(columns_of_anonlink())
def test_the_defaults_of_the_probabilistic_solver_are_those_of_anonlink(columns):
    assert as_sets(solve_probabilistic_greedy(columns)) == as_sets(probabilistic_greedy_solve(columns))


@pytest.mark.parametrize("deduplicated", [True, False])
@pytest.mark.parametrize("merge_threshold", [0.25, 0.5, 1.0])
@pytest.mark.parametrize("sizes", [[300, 300], [60] * 10, [5] * 120], ids=["2", "10", "120"])
def test_many_pairs_make_the_groups_of_anonlink(sizes, merge_threshold, deduplicated):
    columns = for_anonlink(random_graph(1, sizes, 20_000, steps=50))
    options = {"merge_threshold": merge_threshold, "deduplicated": deduplicated}
    found = as_sets(solve_probabilistic_greedy(columns, **options))
    assert len(found) > 10
    assert found == as_sets(probabilistic_greedy_solve(columns, **options))


@given(graphs(), st.booleans())
def test_the_array_form_finds_the_same_groups(graph, deduplicated):
    member = graph.member if deduplicated else None
    label = label_greedy(graph.left, graph.right, graph.records, member=member, merge_threshold=0.5)
    found = {
        frozenset(
            (int(graph.member[record]), int(record - graph.offsets[graph.member[record]]))
            for record in np.flatnonzero(label == first)
        )
        for first in np.flatnonzero(np.bincount(label) > 1)
    }
    assert found == as_sets(solve_probabilistic_greedy(for_anonlink(graph), deduplicated=deduplicated))


@given(graphs())
def test_the_label_of_a_group_is_its_lowest_record(graph):
    label = label_greedy(graph.left, graph.right, graph.records)
    assert all(label[record] == np.flatnonzero(label == label[record])[0] for record in range(graph.records))


@given(graphs(), st.sampled_from([0.5, 0.75]))
def test_clustering_across_members_is_solving_the_pairs_across_members(graph, threshold):
    wanted = (graph.score >= threshold) & ~graph.inside
    part = PairGraph(graph.offsets, graph.left[wanted], graph.right[wanted], graph.score[wanted], graph.floor)
    label = cluster_greedy(graph, threshold, inside_too=False).label
    groups = [np.flatnonzero(label == person) for person in np.unique(label)]
    together = {
        frozenset((int(graph.member[r]), int(r - graph.offsets[graph.member[r]])) for r in group)
        for group in groups
        if len(group) > 1
    }
    assert together == as_sets(greedy_solve(for_anonlink(part)))


@pytest.mark.parametrize(
    "candidates",
    [
        ([0.9], ([0], [1]), ([0], [1, 2])),
        ([0.9, 0.8], ([0], [1]), ([0], [1])),
        ([0.9], ([0], [1]), ([0], [-1])),
        ([0.9], ([0], [1]), ([0], [2**32])),
        ([0.9], ([0], [1]), ([0], [1.5])),
        ([0.9], ([[0]], [1]), ([0], [1])),
    ],
    ids=["rows", "scores", "negative", "too large", "a fraction", "a matrix"],
)
def test_columns_that_are_none_are_refused(candidates):
    with pytest.raises(BadInput):
        solve_greedy(candidates)


@pytest.mark.parametrize("merge_threshold", [-0.1, 1.1, float("nan")])
def test_a_merge_threshold_that_is_no_share_is_refused(merge_threshold):
    with pytest.raises(BadInput, match="merge threshold"):
        solve_probabilistic_greedy(([], ([], []), ([], [])), merge_threshold=merge_threshold)


@pytest.mark.parametrize(
    ("left", "right", "member"),
    [([0], [3], None), ([-1], [1], None), ([0, 1], [2], None), ([0], [1], [0, 1])],
    ids=["beyond the last", "negative", "lengths", "members"],
)
def test_record_numbers_that_cannot_be_are_refused(left, right, member):
    with pytest.raises(BadInput, match="the solver refuses"):
        label_greedy(np.array(left), np.array(right), 3, member=None if member is None else np.array(member))
