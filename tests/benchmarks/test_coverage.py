"""The interval of `coverage_estimate`, by lists drawn at random and linked with errors."""

import pytest

from benchmarks.coverage import Case, measure

FEW = 120  # the standard error of a share of 95 % is 2 %


@pytest.mark.parametrize("case", [Case(2_000, 0.1, 0.0), Case(2_000, 0.0, 8e-5), Case(2_000, 0.1, 2e-5)])
def test_it_holds_the_truth_of_independent_lists_and_lies_around_it(case: Case):
    told = measure(case, FEW)["corrected"]
    assert told["holds"] >= 0.9
    assert told["estimate"] == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("case", [Case(2_000, 0.1, 0.0), Case(2_000, 0.0, 8e-5)])
def test_links_that_are_not_corrected_lead_astray(case: Case):
    told = measure(case, FEW)
    assert told["plain"]["holds"] < 0.6
    assert abs(told["plain"]["estimate"] - 1) > 0.1


def test_lists_that_are_not_independent_lead_astray_whatever_is_corrected():
    assert measure(Case(2_000, 0.1, 2e-5, drawn=1.8), FEW)["corrected"]["holds"] < 0.5
