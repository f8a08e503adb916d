"""Shares with intervals on the scale of log odds."""

import pytest

from linkage.linkage_error.intervals import Interval, interval_of_odds


def test_an_interval_lies_around_its_share():
    found = interval_of_odds(989.5, 9.5, 0.3, 0.4)
    assert found.estimate == pytest.approx(0.99)
    assert found.low < found.estimate < found.high < 1
    assert found.logit_error == pytest.approx(0.5, rel=0.1)


def test_published_shares_have_three_decimals_and_lose_no_more():
    found = Interval(0.98765, 0.97654, 0.99876).as_published()
    assert found == Interval(0.988, 0.977, 0.999)


def test_a_share_that_was_rounded_to_one_has_finite_odds():
    assert Interval(1.0, 0.999, 1.0).logit == pytest.approx(7.6, abs=0.1)
    assert Interval(0.0, 0.0, 0.0).logit == pytest.approx(-7.6, abs=0.1)
