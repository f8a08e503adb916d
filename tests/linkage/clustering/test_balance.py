"""Links are counted after clustering, across members, and the cut is where as many are linked as are wanted."""

import numpy as np
import pytest

from linkage.clustering.average import cluster_average
from linkage.clustering.balance import REACH_DOWN, REACH_UP, LinksByCut, count_links
from linkage.clustering.groups import Groups
from tests.linkage.graphs import graph_of

MISSING = 0.4


def test_only_pairs_of_two_members_count():
    groups = Groups(np.array([0, 2, 4]), np.array([0, 0, 0, 1]))  # one person twice at the first member
    assert count_links(lambda _: groups, 0.7, 0.5).links.tolist() == [2.0] * 6


def test_what_clustering_rejects_is_not_counted():
    graph = graph_of([1, 1, 1], {(0, 1): 0.95, (0, 2): 0.72})  # record 2 is far from record 1: the average is 0.56
    links = count_links(lambda cut: cluster_average(graph, cut, missing_score=MISSING), 0.7, 0.5)
    assert links.links.tolist() == [1.0] * 6


def test_cuts_stay_over_the_lowest_score_and_do_not_repeat():
    links = count_links(lambda _: Groups(np.array([0, 1, 2]), np.array([0, 0])), 0.6, 0.58)
    assert links.cuts == pytest.approx([0.58, 0.6, 0.62, 0.64])
    assert np.diff(links.cuts[[0, -1]])[0] <= REACH_DOWN + REACH_UP


def test_the_cut_for_a_number_lies_between_the_cuts_around_it():
    links = LinksByCut(np.array([0.6, 0.62, 0.64]), np.array([1600.0, 400.0, 100.0]))
    assert links.cut_for(400) == pytest.approx(0.62)
    assert links.cut_for(800) == pytest.approx(0.61)  # half way in the logarithm


@pytest.mark.parametrize(("matches", "cut"), [(9999, 0.6), (10, 0.64), (0, 0.64)])
def test_a_number_beyond_the_cuts_tried_gets_the_nearest_cut(matches, cut):
    assert LinksByCut(np.array([0.6, 0.64]), np.array([1600.0, 100.0])).cut_for(matches) == cut


def test_equal_numbers_at_every_cut_are_no_error():
    assert 0.6 <= LinksByCut(np.array([0.6, 0.62]), np.array([7.0, 7.0])).cut_for(7) <= 0.62


def test_no_links_at_all_are_no_error():
    assert LinksByCut(np.array([0.6, 0.62]), np.zeros(2)).cut_for(0) in (0.6, 0.62)
