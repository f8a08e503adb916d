"""Several releases of one project: what an attacker can tell from all of them together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from linkage.disclosure.ledger import Basis, PastRelease
from linkage.disclosure.protect import NO_EARLIER, Protected, protect
from tests.linkage.disclosure.attacker import Attacker, Published
from tests.linkage.disclosure.made import MINIMUM, random_inner, table_agreement, with_margins

BASIS = Basis("run", "", ("a", "b"), "none", "member", "", "", "")
HISTORIES = 16
"""Histories that every run of the tests attacks; `benchmarks/disclosure.py` attacks 1,000."""


def published(made: Protected) -> Published:
    return {keys: cells[0].value for keys, cells in made.tables["set_pathway"].rows}


def past(made: Protected, basis: Basis = BASIS) -> PastRelease:
    cells = {("set_pathway", keys, "people"): value for keys, value in published(made).items()}
    return PastRelease(basis, "cms11", cells)


def grown(inner: np.ndarray, seed: int) -> np.ndarray:
    """The same table some time later: a few people more here and there, many in one place."""
    rng = np.random.default_rng(seed)
    more = rng.poisson(0.7, inner.shape) * (rng.random(inner.shape) < 0.5)
    more.ravel()[rng.integers(inner.size)] += 25
    return (inner + more).astype(np.int64)


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


@pytest.mark.parametrize("part", range(2))
def test_a_history_of_releases_shows_no_change_of_a_few_people(part: int) -> None:
    for seed in range(part, HISTORIES, 2):
        inner, ledger = random_inner(3 * seed + 1), []
        for step in range(3):
            basis = replace(BASIS, run=f"run {step}")
            made = protect(with_margins(inner), table_agreement(), basis=basis, ledger=ledger)
            now = published(made)
            for one in ledger:
                before = {cell[1]: value for cell, value in one.cells.items()}
                assert few_changes(before, now) == [], f"seed {seed}, release {step}"
            assert Attacker([now], MINIMUM).narrowed(may_have_changed=step > 0) == []
            ledger, inner = [*ledger, past(made, basis)], grown(inner, seed + step)


def few_changes(before: Published, now: Published) -> list[tuple[str, ...]]:
    """The cells, and remainders of one cell over another, whose change by a few people both releases show."""
    change = {p: now[p] - before[p] for p in now if now[p] is not None and before[p] is not None}
    found = [p for p, few in change.items() if 0 < abs(few) < MINIMUM]
    for whole in change:
        for part in change:
            inside = part != whole and all(w in ("all", p) for p, w in zip(part, whole, strict=True))
            if inside and 0 < abs(change[whole] - change[part]) < MINIMUM:
                found.append((*whole, "less", *part))
    return found


def test_without_earlier_releases_the_release_says_so() -> None:
    assert NO_EARLIER in protect(with_margins(random_inner(4)), table_agreement()).not_checked
