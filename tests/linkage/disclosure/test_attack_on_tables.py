"""Tables with margins, judged by an attacker that reads what is published and knows the rules."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.least_hidden import least_hidden
from linkage.disclosure.protect import protect
from linkage.errors import ReleaseRefused
from tests.linkage.disclosure.attacker import Attacker
from tests.linkage.disclosure.attacks import attack_as_member, attack_table, published, replay_table
from tests.linkage.disclosure.made import MINIMUM, random_inner, small_inner, table_agreement, with_margins

TABLES = 32
"""Tables that every run of the tests attacks; `benchmarks/disclosure.py` attacks 5,000."""


@pytest.mark.parametrize("part", range(4))
def test_an_attacker_works_out_no_hidden_cell_of_random_tables(part: int) -> None:
    for seed in range(part, TABLES, 4):
        assert attack_table(seed).found == (), f"seed {seed}"


def test_a_member_works_out_no_hidden_cell_of_the_others() -> None:
    made = [attack_as_member(seed) for seed in range(16)]
    assert [one.found for one in made if one.found] == []
    assert sum(one.refused for one in made) < 4


def test_nothing_small_is_shown_and_no_zero_is_hidden() -> None:
    for seed in range(TABLES):
        inner = random_inner(seed)
        raw = with_margins(inner)
        values = dict(zip((key[1:] for key in raw.keys), raw.weights @ raw.people, strict=True))
        for place, value in published(protect(raw, table_agreement())).items():
            assert value is None or value == values[place]
            assert value is None or value == 0 or value >= MINIMUM
            assert values[place] != 0 or value == 0


def test_the_attacker_finds_what_hiding_small_counts_alone_gives_away() -> None:
    raw = with_margins(np.array([[5, 40], [30, 60]], np.int64))
    naive = {
        key[1:]: int(value) if not 0 < value < MINIMUM else None
        for key, value in zip(raw.keys, raw.weights @ raw.people, strict=True)
    }
    assert Attacker([naive], MINIMUM).narrowed() != []


def test_a_policy_that_hides_zero_hides_it_with_the_small_ones() -> None:
    for seed in range(9):
        raw = with_margins(random_inner(seed))
        try:
            shown = published(protect(raw, table_agreement(policy="uk10")))
        except ReleaseRefused:
            continue
        assert all(value is None or value >= MINIMUM for value in shown.values())
        assert Attacker([shown], MINIMUM, least_hidden=0).narrowed() == [], f"seed {seed}"


def test_rounded_tables_hide_small_counts_too() -> None:
    for seed in range(9):
        raw = with_margins(random_inner(seed))
        made = protect(raw, table_agreement(policy="nz-rr3"), rounding_key=bytes(range(16)))
        shown = published(made)
        assert all(value is None or value % 3 == 0 for value in shown.values())
        assert Attacker([shown], MINIMUM, base=3).narrowed() == [], f"seed {seed}"


def test_a_table_of_nobody_is_shown_as_zeros() -> None:
    assert set(published(protect(with_margins(np.zeros((2, 3), np.int64)), table_agreement())).values()) == {0}


def test_where_nothing_is_small_everything_is_shown() -> None:
    made = protect(with_margins(np.full((3, 3), 20, np.int64)), table_agreement())
    assert (made.primary, made.secondary) == (0, 0)
    assert None not in published(made).values()


def test_eleven_is_shown_and_ten_is_not() -> None:
    shown = published(protect(with_margins(np.array([[11, 10, 80], [50, 60, 70]], np.int64)), table_agreement()))
    assert shown["0", "1"] is None


def test_a_table_that_cannot_be_made_safe_is_refused_by_its_name() -> None:
    one_small_beside_ones_own = with_margins(np.array([[40, 50], [5, 0]], np.int64), own="0")
    with pytest.raises(ReleaseRefused, match="table set_pathway by itself"):
        protect(one_small_beside_ones_own, table_agreement())
    one_table_of_small_ones = with_margins(np.array([[0, 12], [0, 0]], np.int64), own="0")
    assert protect(one_table_of_small_ones, table_agreement()).shown


def test_what_is_hidden_is_not_far_from_the_fewest_cells() -> None:
    hidden = fewest = 0
    for seed in range(6):
        raw = with_margins(small_inner(seed))
        hidden += sum(value is None for value in published(protect(raw, table_agreement())).values())
        fewest += least_hidden(raw.weights, raw.people, MINIMUM).cells
    assert fewest <= hidden <= 1.3 * fewest


def test_who_runs_the_programme_itself_finds_other_tables_with_the_same_release() -> None:
    hidden, tried, same, narrow = replay_table(1)
    assert 0 < same <= tried
    assert narrow < hidden
