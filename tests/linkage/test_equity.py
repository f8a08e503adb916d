"""Link rates by an attribute: right on average with intervals that hold, and shared only where that is safe."""

from dataclasses import replace

import numpy as np
import pytest

from linkage.candidates.recall import wilson
from linkage.elsewhere import TURNED
from linkage.equity import Rate, pool, rate_by, shareable, turned_back
from linkage.errors import BadInput, ReleaseRefused
from schemas import Status
from schemas.tables import HIDDEN
from tests.linkage.coops import small_agreement

KEY = bytes(16)


@pytest.mark.parametrize(
    ("yes", "of", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 20, 0.0, 0.1611), (20, 20, 0.8389, 1.0), (50, 100, 0.4038, 0.5962)],
)
def test_the_interval_is_wilsons(yes, of, low, high):
    assert wilson(yes, of) == pytest.approx((low, high), abs=5e-5)


def test_a_share_of_answers_is_turned_back_and_stays_a_share():
    assert [turned_back(share) for share in (TURNED, 0.5, 0.75, 0.1, 0.9)] == [0.0, 0.5, 1.0, 0.0, 1.0]


@pytest.mark.parametrize(("records", "rate"), [(30, 0.5), (100, 0.1), (400, 0.7), (2000, 0.95)])
def test_nineteen_intervals_in_twenty_hold_the_true_rate(records, rate):
    rng = np.random.default_rng(records)
    true = rng.random((1500, records)) < rate
    answers = true ^ (rng.random(true.shape) < TURNED)
    found = [rate_by(["x"] * records, one)[0] for one in answers]
    held = [one.low - 1e-9 <= share <= one.high + 1e-9 for one, share in zip(found, true.mean(axis=1), strict=True)]
    assert np.mean(held) > 0.935
    if 0.4 < rate < 0.8:
        assert np.mean([one.rate for one in found]) == pytest.approx(rate, abs=0.01)


def values_of(sizes):
    return [name for name, size in sizes.items() for _ in range(size)]


def shared(sizes, more=""):
    values = values_of(sizes)
    rates = rate_by(values, np.arange(len(values)) % 2 == 0)
    return {one.value: one for one in shareable(rates, small_agreement(more), KEY)}


def test_a_small_kind_takes_another_one_with_it_and_neither_has_a_rate():
    found = shared({"a": 200, "b": 4, "c": 60, "d": 35})
    hidden = {name for name in "abcd" if found[name].records.status is Status.SUPPRESSED}
    assert "b" in hidden
    assert len(hidden) == 2
    for name in hidden:
        assert (found[name].records.value, found[name].rate, found[name].low, found[name].high) == (None,) * 4
    assert found["a"].records.value == 200
    assert found["a"].rate == 0.5


def test_what_is_hidden_could_be_ten_apart_for_all_that_is_shown():
    rng = np.random.default_rng(4)
    for _ in range(40):
        sizes = dict(zip("abcdefg", rng.integers(1, 60, 7).tolist(), strict=True))
        try:
            found = shared(sizes)
        except ReleaseRefused:
            continue
        hidden = [name for name in sizes if found[name].records.value is None]
        if hidden:  # the number of all records may be known from elsewhere
            together = sum(sizes.values()) - sum(found[name].records.value or 0 for name in sizes)
            assert together - len(hidden) >= 10  # each has at least one: the others leave it that much room
        for name in sizes:
            assert found[name].records.value in (None, sizes[name])
            assert sizes[name] >= 11 or found[name].records.value is None


def test_all_is_shown_where_every_kind_is_large():
    assert not [one for one in shared({"a": 200, "b": 40}).values() if one.records.value is None]


def test_more_values_than_an_attribute_has_are_refused_without_naming_them():
    names = [f"Person {at}" for at in range(51)]
    with pytest.raises(BadInput, match="51 different values") as refused:
        rate_by(names, np.zeros(51, bool))
    assert "Person" not in str(refused.value)


def test_a_policy_that_adds_noise_to_tables_hides_small_kinds_here():
    values = values_of({"a": 200, "b": 4, "c": 60})
    rates = rate_by(values, np.zeros(len(values), bool))
    found = shareable(rates, replace(small_agreement(), policy="dp-laplace"), KEY)
    assert [one.records.status for one in found] == [Status.OK, Status.SUPPRESSED, Status.SUPPRESSED, Status.OK]


def test_members_pooled_are_as_if_their_records_were_one_list():
    rng = np.random.default_rng(4)
    members = [["x"] * 700 + ["y"] * 300, ["x"] * 200 + ["y"] * 500]
    answers = [rng.random(len(values)) < 0.6 for values in members]
    pooled = pool([rate_by(values, given) for values, given in zip(members, answers, strict=True)])
    whole = rate_by([value for values in members for value in values], np.concatenate(answers))
    assert [one.members for one in pooled] == [2, 2, 2]
    for one, expected in zip(pooled, whole, strict=True):
        assert (one.rate.value, one.rate.records) == (expected.value, expected.records)
        found = (one.rate.rate, one.rate.low, one.rate.high)
        assert found == pytest.approx((expected.rate, expected.low, expected.high))


def test_what_a_member_hides_is_in_no_pool_and_capitals_do_not_tell_values_apart():
    one = rate_by(["Female"] * 60 + ["male"] * 40, np.arange(100) % 2 == 0)
    other = [Rate("MALE", HIDDEN), *rate_by(["female"] * 50, np.arange(50) % 2 == 0)]
    pooled = {each.rate.value: (each.members, each.rate.records.value) for each in pool([one, other])}
    assert pooled == {"Female": (2, 110), "male": (1, 40), "all": (2, 150)}
    assert pool([[Rate("x", HIDDEN)]]) == []
