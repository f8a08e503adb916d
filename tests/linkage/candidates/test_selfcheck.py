"""The self-check passes a right graph and fails a wrong one, however little is wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from linkage.candidates.compare import compare_members
from linkage.candidates.pair_graph import PairGraph
from linkage.candidates.selfcheck import SelfCheck, check_against_anonlink
from linkage.errors import BadInput, SelfCheckFailed
from tests.linkage.ugly import filters, like

EVERYTHING = 1000
"""Rows of a tile, more than any member here has: a tile is all pairs of two members."""

FLOOR = 0.65  # anonlink's own cut leaves out pairs exactly on this one


def members(bits: int = 1024) -> list[np.ndarray]:
    rng = np.random.default_rng(40)
    people = filters(rng, 80, bits)
    return [np.concatenate([people[:50], like(rng, people[:10], 0.03)]), like(rng, people[20:], 0.05)]


MEMBERS = members()
GRAPH = compare_members(MEMBERS, FLOOR)


def check(graph: PairGraph, **sizes: int) -> SelfCheck:
    return check_against_anonlink(MEMBERS, graph, np.random.default_rng(1), **sizes)


def test_a_right_graph_passes_whole():
    checked = check(GRAPH, tiles=3, tile_records=EVERYTHING)
    assert checked == SelfCheck(3, GRAPH.records * (GRAPH.records - 1) // 2, len(GRAPH.score))


def test_a_right_graph_passes_by_sample_with_candidates_in_it():
    checked = check(GRAPH, tiles=12, tile_records=16)
    assert checked.tiles == 12
    assert checked.candidates_checked >= 12 * 4


@pytest.mark.parametrize("bits", [8, 24, 64, 1000])
@pytest.mark.parametrize("floor", [0.001, 0.5, 0.75, 1.0])
def test_a_right_graph_of_any_length_and_floor_passes(bits, floor):
    lists = members(bits)
    graph = compare_members(lists, floor)
    checked = check_against_anonlink(lists, graph, np.random.default_rng(1), tiles=3, tile_records=EVERYTHING)
    assert checked.candidates_checked == len(graph.score)


def test_members_without_records_are_passed_over():
    none = np.empty((0, 128), np.uint8)
    lists = [none, *MEMBERS, none]
    graph = compare_members(lists, FLOOR)
    assert check_against_anonlink(lists, graph, np.random.default_rng(1), tiles=5).tiles == 5
    assert check_against_anonlink([none], compare_members([none], FLOOR), np.random.default_rng(1)).tiles == 0


@pytest.mark.parametrize("place", [0, len(GRAPH.score) // 2, -1])
def test_a_dropped_pair_fails(place):
    left, right, score = (np.delete(column, place) for column in (GRAPH.left, GRAPH.right, GRAPH.score))
    with pytest.raises(SelfCheckFailed, match="1 missing, 0 too many"):
        check(replace(GRAPH, left=left, right=right, score=score), tiles=3, tile_records=EVERYTHING)


@pytest.mark.parametrize("pair", [(0, 1), (0, 119), (118, 119)])
def test_an_added_pair_fails(pair):
    assert pair not in set(zip(GRAPH.left.tolist(), GRAPH.right.tolist(), strict=True))
    wrong = replace(
        GRAPH,
        left=np.append(GRAPH.left, pair[0]),
        right=np.append(GRAPH.right, pair[1]),
        score=np.append(GRAPH.score, FLOOR),
    )
    with pytest.raises(SelfCheckFailed, match="0 missing, 1 too many"):
        check(wrong, tiles=3, tile_records=EVERYTHING)


@pytest.mark.parametrize("place", [0, len(GRAPH.score) // 2, -1])
def test_a_score_wrong_in_its_last_bit_fails(place):
    score = GRAPH.score.copy()
    score[place] = np.nextafter(score[place], 0.0)
    with pytest.raises(SelfCheckFailed, match="other scores"):
        check(replace(GRAPH, score=score), tiles=3, tile_records=EVERYTHING)


def test_a_pair_that_is_there_twice_fails():
    left, right, score = (np.append(column, column[:1]) for column in (GRAPH.left, GRAPH.right, GRAPH.score))
    with pytest.raises(SelfCheckFailed, match="twice"):
        check(replace(GRAPH, left=left, right=right, score=score), tiles=3, tile_records=EVERYTHING)


def test_a_graph_of_other_lists_is_refused():
    with pytest.raises(BadInput, match="these lists"):
        check_against_anonlink(MEMBERS[:1], GRAPH, np.random.default_rng(1))
