"""The policy dp-laplace: what one person changes, what the noise is like, and what is published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import exp

import numpy as np
import pytest

import linkage.disclosure.noise as noise_module
from linkage.disclosure.ledger import PastRelease
from linkage.disclosure.noise import Noise, asked_of, noise_tables, opendp_noise
from linkage.disclosure.protect import Protected, protect
from linkage.errors import BadInput
from linkage.pathways.count_tables import count_tables
from linkage.pathways.raw_counts import RawCounts
from schemas import Agreement, Cell, Level, Status, Unit
from schemas.noise_asked import NOISED_TABLES
from schemas.tables import TABLE_LEVELS
from tests.linkage.disclosure.attacks import BASIS
from tests.linkage.disclosure.made import counted, table_agreement
from tests.linkage.pathways.evaluate import rows_of
from tests.linkage.pathways.random_coops import Coop, events_of, random_coop

COOPS = 60
SETS = ("unduplicated", "set_pathway", "overlap_pairs")


def exactly(counts: np.ndarray, _scale: float) -> np.ndarray:
    """No noise at all."""
    return counts


def asking(coop: Coop) -> Agreement:
    """The co-op's agreement with every table that can have noise."""
    return replace(coop.agreement, tables=NOISED_TABLES, policy="dp-laplace", epsilon=1.0)


def neighbours() -> Iterator[tuple[Agreement, RawCounts, RawCounts]]:
    """Random co-ops that count members, each with one person more and less."""
    for seed in range(COOPS):
        coop = random_coop(seed, (Unit.MONTH, Unit.DAY)[seed % 2])
        people = sorted({record.person for record in coop.records})
        if not coop.asked.by_member or not people:
            continue
        gone = people[seed % len(people)]
        without = events_of(coop.agreement, tuple(record for record in coop.records if record.person != gone))
        plan = coop.plan(*NOISED_TABLES)
        yield asking(coop), count_tables(coop.events, plan), count_tables(without, plan)


def test_one_person_changes_no_more_than_is_said_and_the_rows_not_at_all() -> None:
    most: dict[str, float] = {}
    for agreement, more, fewer in neighbours():
        for one, other in zip(asked_of(more, agreement), asked_of(fewer, agreement), strict=True):
            assert one.keys == other.keys
            change = int(np.abs(one.values - other.values).sum())
            assert change <= one.most == other.most, one.sort
            most[one.sort] = max(most.get(one.sort, 0), change / one.most)
        published = [noise_tables(raw, agreement, exactly) for raw in (more, fewer)]
        for name in agreement.tables:
            one_table, other_table = (tables[name] for tables in published)
            assert [keys for keys, _ in one_table.rows] == [keys for keys, _ in other_table.rows]
            assert one_table.counts == other_table.counts
    assert set(most) == {"set", "group", "contains", "first", "last"}
    assert all(most[sort] == 1 for sort in ("set", "group", "first", "last"))  # and no less would do


def test_every_count_that_is_published_is_one_of_those_or_a_sum_of_them() -> None:
    for agreement, raw, _ in neighbours():
        for name, table in noise_tables(raw, agreement, exactly).items():
            true = rows_of(raw, name)
            for keys, cells in table.rows:
                for cell, value in zip(cells, true.get(keys, (0,) * len(cells)), strict=True):
                    if cell.value is not None:
                        assert cell.value == pytest.approx(float(value), abs=1e-4)  # type: ignore[arg-type]


@pytest.mark.parametrize("scale", [0.7, 3.0, 12.0])
def test_the_noise_is_discrete_laplace_of_its_scale(scale: float) -> None:
    number, share = 6000, exp(-1 / scale)
    off = opendp_noise(np.full(number, 40, np.int64), scale) - 40
    spread = 2 * share / (1 - share) ** 2  # the variance; Inusah and Kozubowski 2006
    assert abs(off.mean()) < 6 * (spread / number) ** 0.5
    assert np.abs(off).mean() == pytest.approx(2 * share / (1 - share**2), rel=0.12)
    assert (off == 0).mean() == pytest.approx((1 - share) / (1 + share), abs=0.04)


def test_noise_is_never_the_same_again() -> None:
    counts = np.zeros(200, np.int64)
    assert (opendp_noise(counts, 5.0) != opendp_noise(counts, 5.0)).any()


def released(
    noise: Noise, tables: tuple[str, ...] = SETS, epsilon: float = 1.0, spent: tuple[float, ...] = ()
) -> Protected:
    agreement = replace(table_agreement(), tables=tables, policy="dp-laplace", epsilon=epsilon)
    ledger = [PastRelease(BASIS, "dp-laplace" if one else "cms11", {}, epsilon=one) for one in spent]
    return protect(counted({"a": 3, "a>b": 40}, tables, members=2), agreement, ledger=ledger, noise=noise)


def cells(made: Protected, table: str) -> dict[str, list[float | None]]:
    return {" ".join(keys): [cell.value for cell in row] for keys, row in made.tables[table].rows}


def test_every_set_has_a_row_also_one_that_nobody_is_in() -> None:
    made = released(exactly)
    assert cells(made, "set_pathway") == {"a": [3], "b": [0], "a+b": [40]}
    assert cells(made, "unduplicated") == {
        "a": [None, 43, None, None, None],
        "b": [None, 40, None, None, None],
        "all members": [None, 43, None, 83, 0.4819],
    }
    assert cells(made, "overlap_pairs") == {"a b": [40, 43, 40, 0.9302, 1.0, 0.9302]}


def test_no_number_is_under_zero_and_no_share_over_one() -> None:
    made = released(lambda counts, _: counts - np.array([50, 30, 0]))
    assert cells(made, "set_pathway") == {"a": [0], "b": [0], "a+b": [40]}
    assert cells(made, "overlap_pairs") == {"a b": [40, 0, 10, None, 1.0, None]}
    assert made.tables["set_pathway"].rows[0][1][0] == Cell(0, Status.NOISED)


def test_sorts_of_counts_share_epsilon_and_releases_add_up() -> None:
    scales: list[float] = []

    def note(counts: np.ndarray, scale: float) -> np.ndarray:
        scales.append(scale)
        return counts

    made = released(note, (*SETS, "first_touch"), epsilon=0.5, spent=(0.5, 1.0))
    assert scales == [4.0, 4.0]
    assert any("0.5 in this release; 2 with the 2 earlier ones" in text for text in made.checked)
    assert not any("without noise" in text for text in made.not_checked)
    assert any("1 earlier releases told without noise" in text for text in released(note, spent=(0.0,)).not_checked)


def test_numbers_with_noise_are_not_held_for_the_truth_later() -> None:
    exact = replace(table_agreement(), tables=("set_pathway",))
    raw = counted({"a": 30, "b": 40, "a>b": 40}, ("set_pathway",), members=2)
    told = {("set_pathway", ("a",), "people"): 33.0, ("set_pathway", ("b",), "people"): 38.0}
    made = protect(raw, exact, basis=BASIS, ledger=[PastRelease(BASIS, "dp-laplace", told, epsilon=1.0)])
    assert cells(made, "set_pathway") == {"a": [30], "b": [40], "a+b": [40]}


def test_without_opendp_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noise_module, "find_spec", lambda _: None)
    with pytest.raises(BadInput, match="needs OpenDP") as caught:
        released(opendp_noise)
    assert "waylink[dp]" in str(caught.value)


def test_every_table_that_can_have_noise_can_be_counted_from_periods_at_most() -> None:
    assert all(Level.PERIOD.allows(TABLE_LEVELS[name]) for name in NOISED_TABLES)
