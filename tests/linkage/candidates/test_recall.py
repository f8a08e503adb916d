"""The recall of a search is estimated from a sample, once a pair, and the interval does not flatter."""

from __future__ import annotations

import numpy as np
import pytest

from linkage.candidates.compare import compare_members
from linkage.candidates.recall import estimate_recall, wilson
from tests.linkage.ugly import filters, like

RNG = np.random.default_rng(1)
PEOPLE = filters(RNG, 600, 256)
MEMBERS = [PEOPLE, like(RNG, PEOPLE, 0.03)]
GRAPH = compare_members(MEMBERS, 0.8)


def estimate(kept, most_pairs=10**9, members=MEMBERS):
    rng = np.random.default_rng(2)
    found = (GRAPH.left[kept], GRAPH.right[kept])
    return estimate_recall(members, None, found, 0.8, rng, most_pairs=most_pairs, threads=1)


def test_where_all_is_found_the_estimate_is_one_and_the_interval_is_not():
    told = estimate(np.ones(len(GRAPH.score), bool))
    assert (told.recall, told.high, told.enough) == (1.0, 1.0, True)
    assert 0.9 < told.low < 1.0


def test_each_pair_counts_once_when_everybody_is_drawn(monkeypatch):
    monkeypatch.setattr("linkage.candidates.recall.MATCHES_WANTED", 10**9)
    kept = np.arange(len(GRAPH.score)) % 4 > 0
    told = estimate(kept)
    assert (told.sampled_records, told.matches, told.found) == (1200, len(kept), kept.sum())
    assert told.low < kept.mean() < told.high


def test_drawing_ends_when_enough_pairs_were_seen():
    told = estimate(np.ones(len(GRAPH.score), bool))
    assert told.sampled_records < 1200


def test_too_few_pairs_are_said_to_be_too_few():
    told = estimate(np.ones(len(GRAPH.score), bool), most_pairs=12_000)
    assert told.sampled_records == 10
    assert not told.enough
    assert str(told).startswith("too few")


def test_without_pairs_nothing_is_known():
    told = estimate(np.zeros(0, np.int64), members=[filters(RNG, 30, 256)])
    assert (told.matches, told.low, told.high, told.enough) == (0, 0.0, 1.0, False)


def test_the_many_pairs_of_one_record_count_for_little():
    crowd = np.repeat(PEOPLE[:1], 300, axis=0)
    told = estimate_recall(
        [np.concatenate([crowd[:1], PEOPLE[1:]])],
        [np.concatenate([crowd, PEOPLE[1:50]])],
        (np.empty(0, np.int64), np.empty(0, np.int64)),
        0.9,
        np.random.default_rng(3),
        most_pairs=10**9,
        threads=1,
    )
    assert told.matches >= 300
    assert told.effective_matches < 2


@pytest.mark.parametrize(("found", "trials", "low", "high"), [(0, 10, 0.0, 0.2775), (9, 10, 0.5958, 0.9821)])
def test_wilsons_interval_is_the_published_one(found, trials, low, high):
    assert wilson(found, trials) == pytest.approx((low, high), abs=1e-4)
