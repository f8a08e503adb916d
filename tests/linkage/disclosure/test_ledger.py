"""Several releases of one project: what an attacker can tell from all of them together."""

from __future__ import annotations

import numpy as np
import pytest

from linkage.disclosure.ledger import Basis, PastRelease
from linkage.disclosure.protect import NO_EARLIER, Protected, protect
from tests.linkage.disclosure.attacker import Attacker, Published
from tests.linkage.disclosure.attacks import BASIS, attack_history, few_changes, published
from tests.linkage.disclosure.made import MINIMUM, random_inner, table_agreement, with_margins

HISTORIES = 10
"""Histories that every run of the tests attacks; `benchmarks/disclosure.py` attacks 1,000."""


def past(made: Protected, basis: Basis = BASIS) -> PastRelease:
    cells = {("set_pathway", keys, "people"): value for keys, value in published(made).items()}
    return PastRelease(basis, "cms11", cells)


def test_asking_again_for_the_same_people_shows_the_same() -> None:
    raw = with_margins(random_inner(4))
    first = protect(raw, table_agreement(), basis=BASIS)
    again = protect(raw, table_agreement(), basis=BASIS, ledger=[past(first)])
    assert published(first) == published(again)


def test_what_an_earlier_release_of_the_same_people_hid_is_not_uncovered() -> None:
    raw = with_margins(np.array([[5, 40, 30], [30, 60, 20], [50, 25, 70]], np.int64))
    first = protect(raw, table_agreement(minimum_cell=15), basis=BASIS)
    second = protect(raw, table_agreement(), basis=BASIS, ledger=[past(first)])
    assert Attacker([published(first), published(second)], MINIMUM).narrowed() == []


def test_a_history_of_releases_gives_nothing_away_and_shows_no_change_of_a_few_people() -> None:
    made = [attack_history(seed) for seed in range(HISTORIES)]
    assert [one.found for one in made if one.found] == []
    assert sum(one.refused for one in made) < HISTORIES


def test_a_small_change_between_two_releases_is_found() -> None:
    before: Published = {("a", "all"): 40, ("all", "all"): 90}
    assert few_changes(before, {("a", "all"): 43, ("all", "all"): 90}) != []
    assert few_changes(before, {("a", "all"): 60, ("all", "all"): 115}) == [("all", "all", "less", "a", "all")]
    assert few_changes(before, {("a", "all"): None, ("all", "all"): 110}) == []


def test_without_earlier_releases_the_release_says_so() -> None:
    assert NO_EARLIER in protect(with_margins(random_inner(4)), table_agreement()).not_checked


@pytest.mark.parametrize("seed", [69, 317])
def test_what_one_release_showed_and_the_next_would_show_gives_no_small_remainder(seed: int) -> None:
    assert attack_history(seed).found == ()  # found by `benchmarks/disclosure.py`
