"""Pairs are compared as the agreement says, and a run says how."""

import itertools

import numpy as np
import pytest

from linkage import comparing, link
from linkage.candidates.compare import compare_members
from linkage.candidates.estimate import Estimate, estimate_comparing
from linkage.comparing import choose_for, compare_as_agreed
from linkage.errors import BadInput
from linkage.foretelling import foretell_link
from schemas import Compare
from tests.linkage.coops import small_agreement, small_coop
from tests.linkage.ugly import filters, like

FLOOR = 0.75


def ticking(step: float):
    """A clock that goes on by `step` seconds each time it is read."""
    ticks = itertools.count()
    return lambda: next(ticks) * step


def lists(records: int = 3000):
    rng = np.random.default_rng(3)
    people = filters(rng, records, 1024)
    return [people, like(rng, people[: records // 2], 0.02)]


def exact(seconds: float) -> Estimate:
    return Estimate(10**12, 1e9, seconds, 1000, 10**9, 2)


def test_every_pair_is_compared_when_the_agreement_says_exact():
    found = compare_as_agreed(lists(), small_agreement('compare = "exact"'), FLOOR, np.random.default_rng(1))
    assert (found.how, found.lsh) == (Compare.EXACT, None)
    assert np.array_equal(found.graph.left, compare_members(lists(), FLOOR).left)


def test_a_search_finds_the_promised_share_and_says_so():
    agreement = small_agreement('compare = "lsh"\nthreshold = 0.9\nrecall = 0.95')
    found = compare_as_agreed(lists(), agreement, FLOOR, np.random.default_rng(1))
    everything = compare_members(lists(), FLOOR)
    assert found.how is Compare.LSH
    assert len(everything.score) * 0.9 <= len(found.graph.score) <= len(everything.score)
    facts = found.as_dict()["lsh"]
    assert facts["plan"]["recall"] == 0.95
    assert 0.9 <= facts["estimate"]["low"] <= facts["estimate"]["recall"] <= facts["estimate"]["high"] <= 1


def test_a_search_links_the_same_people_where_they_are_clear():
    agreement = small_agreement('compare = "lsh"')
    encodings, whose = small_coop(agreement)
    found = link(encodings, agreement)
    true = np.concatenate(whose)
    assert found.compared.how is Compare.LSH
    assert np.array_equal(found.groups.label[:, None] == found.groups.label[None, :], true[:, None] == true[None, :])


def test_auto_compares_exactly_where_time_allows():
    agreement = small_agreement("time_budget = 2")
    assert choose_for(exact(120), lists(), agreement, np.random.default_rng(1))[0] is Compare.EXACT


def test_auto_searches_where_exact_takes_too_long_and_a_search_pays():
    agreement = small_agreement("time_budget = 2\nthreshold = 0.9")
    how, why = choose_for(exact(121), lists(60_000), agreement, np.random.default_rng(1))
    assert how is Compare.LSH, why
    assert "2.0 of 2 minutes" in why


@pytest.mark.parametrize("threshold", [0.3, 0.62])
def test_auto_compares_exactly_where_a_search_cannot_do_better(threshold):
    agreement = small_agreement(f"time_budget = 1\nthreshold = {threshold}")
    how, why = choose_for(exact(3600), lists(), agreement, np.random.default_rng(1))
    assert how is Compare.EXACT
    assert "a search" in why


def test_auto_estimates_large_co_ops_only_and_only_with_a_clock(monkeypatch):
    agreement, rng = small_agreement(), np.random.default_rng(1)
    asked = []
    monkeypatch.setattr(comparing, "estimate_comparing", lambda *_, **__: asked.append(1) or exact(1))
    compare_as_agreed(lists(), agreement, FLOOR, rng, clock=ticking(0.1))
    monkeypatch.setattr(comparing, "ALWAYS_EXACT_PAIRS", 10)
    compare_as_agreed(lists(), agreement, FLOOR, rng)
    assert asked == []
    assert compare_as_agreed(lists(), agreement, FLOOR, rng, clock=ticking(0.1)).how is Compare.EXACT
    assert asked == [1]


def test_the_estimate_of_few_records_is_what_there_is():
    bits, rng = lists(1000), np.random.default_rng(1)
    estimate = estimate_comparing(bits, FLOOR, clock=ticking(0.01), rng=rng, threads=1)
    assert estimate.pairs == 1500 * 1499 // 2
    assert estimate.candidates == len(compare_members(bits, FLOOR).score) > 400
    assert estimate.threads == 1


def test_time_and_candidates_are_those_of_a_sample_times_the_pairs():
    bits, rng = lists(8000), np.random.default_rng(1)
    # Each step takes a tenth of a second: 4,000 of 12,000 records do 8 * 10^7 pairs a second, so 8,943 take half a one.
    estimate = estimate_comparing(bits, FLOOR, clock=ticking(0.1), rng=rng)
    assert estimate.pairs_per_second == pytest.approx(8943 * 8942 / 2 / 0.1)
    assert estimate.seconds == pytest.approx(estimate.pairs / estimate.pairs_per_second + 0.1 * 12_000 / 8943, rel=0.01)
    assert estimate.candidates == pytest.approx(len(compare_members(bits, FLOOR).score), rel=0.3)


def test_no_records_have_no_estimate():
    with pytest.raises(BadInput, match="no records"):
        estimate_comparing([np.empty((0, 16), np.uint8)], FLOOR, clock=ticking(1), rng=np.random.default_rng(1))


def test_what_a_run_would_take_is_told_without_running_it():
    agreement = small_agreement()
    encodings, _ = small_coop(agreement)
    foretold = foretell_link(encodings, agreement, clock=ticking(0.01))
    found = link(encodings, agreement)
    assert foretold.comparing.candidates == len(found.compared.graph.score)
    assert foretold.seconds > foretold.comparing.seconds > 0
    assert foretold.how is Compare.EXACT
    assert {"pairs", "candidates", "memory_bytes", "seconds", "exact_seconds"} <= set(foretold.as_dict())
