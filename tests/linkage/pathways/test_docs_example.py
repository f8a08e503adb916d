"""The example of docs/pathways.md gives the numbers that stand there."""

from __future__ import annotations

from fractions import Fraction

import pytest

from linkage.pathways.count_tables import count_tables
from schemas.pathways_asked import PathAsked
from tests.linkage.pathways.evaluate import rows_of
from tests.linkage.pathways.test_properties import events_of, plan

P, Q, R = range(3)
CLINIC, SHELTER, TRAINING = range(3)
SPELLS = [
    *((P, CLINIC, 10, 20), (P, SHELTER, 1, 5), (P, SHELTER, 9, 12), (P, TRAINING, 50, 60)),
    *((Q, CLINIC, 30, 31), (Q, CLINIC, 60, 60), (Q, SHELTER, 30, 40), (R, CLINIC, 40, 70)),
]


@pytest.mark.parametrize(
    ("table", "keys", "row"),
    [
        ("unduplicated", ("all members",), (None, 3, None, 6, Fraction(1, 2))),
        ("set_pathway", ("clinic+shelter",), (1,)),
        ("set_pathway", ("clinic+shelter+training",), (1,)),
        ("overlap_pairs", ("clinic", "shelter"), (2, 3, 2, Fraction(2, 3), 1, Fraction(2, 3))),
        ("ordered_pathway", ("shelter>clinic>training",), (1,)),
        ("ordered_pathway", ("clinic+shelter",), (1,)),
        ("sequence_pathway", ("clinic+shelter>clinic",), (1,)),
        ("first_touch", ("clinic+shelter",), (1,)),
        ("last_touch", ("clinic",), (2,)),
        ("last_touch", ("training",), (1,)),
        ("transition_matrix", ("(several)", "clinic"), (1, 1)),
        ("transition_matrix", ("clinic", "(all)"), (3, None)),
        ("contains_path", ("shelter>training", "90", "loose"), (1, 2, Fraction(1, 2))),
        ("contains_path", ("shelter>training", "", "direct"), (0, 2, 0)),
        ("transition_within", ("shelter", "(none)", "all"), (1, Fraction(1, 2))),
        ("transition_within", ("shelter", "clinic", "8-30"), (1, Fraction(1, 2))),
        ("dwell", ("clinic", "all"), (3, 0, 1, 10, 30)),
        ("lag", ("shelter", "clinic", "all"), (1, 1, 20, 20, None)),
    ],
)
def test_a_number_of_the_example(table: str, keys: tuple[str, ...], row: tuple[object, ...]) -> None:
    events = events_of([(who, state, first, last - first, False) for who, state, first, last in SPELLS])
    paths = (PathAsked(("shelter", "training"), 90), PathAsked(("shelter", "training"), -1, direct=True))
    assert rows_of(count_tables(events, plan(table, last=100, paths=paths)), table)[keys] == row
