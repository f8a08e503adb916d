"""Time indices: months, quarters and days since 1970."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import UsageFault
from schemas.periods import Level, Unit, period_name, time_index


@pytest.mark.parametrize(
    ("unit", "index", "name"),
    [(Unit.DAY, 19_790, "2024-03-08"), (Unit.MONTH, 650, "2024-03"), (Unit.QUARTER, 216, "2024Q1")],
)
def test_a_day_has_its_index_and_name(unit, index, name):
    assert time_index(date(2024, 3, 8), unit) == index
    assert period_name(index, unit) == name


@given(st.dates(min_value=date(1900, 1, 1)), st.dates(min_value=date(1900, 1, 1)))
def test_indices_keep_the_order_of_days(one, other):
    for unit in (Unit.DAY, Unit.MONTH, Unit.QUARTER):
        assert (time_index(one, unit) <= time_index(other, unit)) or one > other


def test_membership_has_no_time():
    with pytest.raises(UsageFault):
        time_index(date(2024, 1, 1), Unit.NONE)


def test_a_finer_level_allows_what_a_coarser_one_does():
    assert Level.DAY.allows(Level.PERIOD)
    assert not Level.MEMBERSHIP.allows(Level.PERIOD)
