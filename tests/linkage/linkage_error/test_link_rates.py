"""Precision and recall of a linkage, without truth."""

import json

import pytest

from benchmarks.known_coops import Spec, make_known_coop
from benchmarks.known_release import link_known, right_shares
from benchmarks.people import read_names
from linkage.linkage_error.intervals import Interval
from linkage.linkage_error.link_rates import LinkRates, rates_from

RATES = LinkRates(
    Interval(0.98, 0.97, 0.99), Interval(0.95, 0.93, 0.96), {("clinic", "shelter"): Interval(0.94, 0.9, 0.96)}
)


@pytest.fixture(scope="module")
def linked():
    return link_known(make_known_coop(Spec(77, people=4000, members=3, overlap=0.3, noise=1.2), read_names()))


def test_the_true_precision_and_recall_are_in_their_intervals(linked):
    precision, recall = right_shares(linked.coop, linked.groups.label)
    assert linked.rates.precision.low <= precision <= linked.rates.precision.high
    assert linked.rates.recall.low <= recall <= linked.rates.recall.high


def test_only_two_large_lists_have_a_recall_of_their_own(linked):
    large = {f"m{number}" for number, bits in enumerate(linked.coop.bits) if len(bits) >= 1000}
    assert linked.rates.between
    assert all(set(pair) <= large for pair in linked.rates.between)


def test_what_is_published_is_read_back():
    assert rates_from(json.loads(json.dumps(RATES.as_dict()))) == RATES


def test_what_is_published_has_three_decimals():
    exact = LinkRates(Interval(0.98765, 0.97654, 0.99876), RATES.recall, {})
    assert exact.as_dict()["precision"] == {"estimate": 0.988, "low": 0.977, "high": 0.999}


@pytest.mark.parametrize("fact", [None, 0.7, {}, {"precision": 0.9}, []])
def test_a_run_whose_links_were_not_judged_has_no_rates(fact):
    assert rates_from(fact) is None


def test_without_matches_that_stand_out_nothing_is_said():
    strangers = make_known_coop(Spec(78, people=300, members=2, overlap=0.0), read_names())
    assert link_known(strangers).rates is None
