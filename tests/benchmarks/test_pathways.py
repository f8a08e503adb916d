"""The counting benchmark: made records are what it says, and it measures what it counts."""

import numpy as np

from benchmarks.pathways import FIRST, LAST, made_records, measure, show
from schemas import Level


def test_made_records_are_five_a_person_in_the_window_and_equal_for_equal_seeds():
    one, two = (made_records(np.random.default_rng(1), 200, ways=True) for _ in range(2))
    assert len(one) == 1000
    assert one.start.min() >= FIRST
    assert one.end.max() <= LAST
    assert one.is_open.any()
    assert np.array_equal(one.person, two.person)


def test_a_figure_is_measured_and_shown_for_each_level():
    figures = [measure(level, 200, 1, ways=True) for level in (Level.DAY, Level.PERIOD)]
    assert all(figure.unknowns > 0 and figure.cpu_seconds >= 0 for figure in figures)
    assert show({"a": 1}, figures).count("\n") == 4
