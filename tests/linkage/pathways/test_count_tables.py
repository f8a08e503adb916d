"""Every table equals the brute-force oracle, whatever the histories."""

from __future__ import annotations

import pytest

from schemas import Unit
from tests.linkage.pathways.against_oracle import disagreements

COOPS = 200  # of each unit, up to twelve people each; `benchmarks/oracle.py` makes 5,000


@pytest.mark.parametrize("unit", [Unit.MONTH, Unit.QUARTER, Unit.DAY])
def test_every_table_equals_the_oracle(unit: Unit) -> None:
    made = [disagreements(seed, unit) for seed in range(COOPS)]
    assert [text for _, found in made for text in found] == []
    assert sum(people for people, _ in made) > 3 * COOPS


def test_a_window_of_which_nothing_is_known_yet_has_no_periods_of_flow() -> None:
    assert disagreements(3923, Unit.MONTH) == (1, [])  # all that was heard of, still open, began before the window
