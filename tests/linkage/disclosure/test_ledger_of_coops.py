"""Releases of whole co-ops, one after the other: what is told by one must not be worked out with the other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from linkage.disclosure.ledger import Basis, CellName, PastRelease, keys_of_cells
from linkage.disclosure.protect import Protected, protect
from linkage.errors import ReleaseRefused
from linkage.pathways.raw_counts import RawCounts
from schemas import Agreement, Status
from tests.linkage.disclosure.made import MINIMUM, counted, table_agreement

RUN = Basis("run", "", ("a", "b", "c"), "month", "member", "", "", "")
LATER = replace(RUN, run="run after a withdrawal")

ALL = ("unduplicated", "set_pathway", "overlap_pairs", "ordered_pathway")
PEOPLE = {"a": 40, "b": 30, "c": 25, "a>b": 20, "b>a": 5, "a>c": 18, "b>c": 15, "a>b>c": 12}


def asked(*tables: str) -> Agreement:
    return replace(table_agreement(), tables=tables)


def released(
    people: dict[str, int], tables: tuple[str, ...], earlier: list[PastRelease], basis: Basis = RUN
) -> Protected:
    told = {name for past in earlier for name in past.tables}
    raw = counted(people, tuple(name for name in ALL if name in told or name in tables))
    return protect(raw, asked(*tables), basis=basis, ledger=earlier)


def past(made: Protected, basis: Basis = RUN) -> PastRelease:
    cells = {
        (name, keys, measure): cell.value
        for name, table in made.tables.items()
        for keys, row in table.rows
        for measure, cell in zip(table.measures, row, strict=True)
        if cell.value is not None or cell.status is Status.SUPPRESSED
    }
    return PastRelease(basis, "cms11", cells)


def shown(made: Protected, table: str) -> dict[str, float | None]:
    rows = made.tables[table].rows
    return {keys[0]: cells[made.tables[table].measures.index("people")].value for keys, cells in rows}


def test_without_the_ledger_two_table_lists_of_one_run_give_a_small_count_away() -> None:
    orders, sets = (shown(released(PEOPLE, (name,), []), name) for name in ("ordered_pathway", "set_pathway"))
    assert orders["a>b"] == 20
    assert sets["a+b"] == 25  # so 5 people went from b to a


@pytest.mark.parametrize("tables", [("ordered_pathway", "set_pathway"), ("set_pathway", "ordered_pathway")])
def test_two_releases_of_one_run_with_other_tables_cannot_be_subtracted(tables: tuple[str, str]) -> None:
    first = released(PEOPLE, tables[:1], [])
    second = released(PEOPLE, tables[1:], [past(first)])
    both = {name: shown(made, name) for name, made in zip(tables, (first, second), strict=True)}
    orders, sets = both["ordered_pathway"], both["set_pathway"]
    assert orders.get("a>b") is None or sets["a+b"] is None


@pytest.mark.parametrize("tables", [("ordered_pathway", "set_pathway"), ("set_pathway", "ordered_pathway")])
def test_nor_can_those_of_two_runs_in_which_nothing_changed(tables: tuple[str, str]) -> None:
    first = released(PEOPLE, tables[:1], [])
    second = released(PEOPLE, tables[1:], [past(first)], LATER)
    both = {name: shown(made, name) for name, made in zip(tables, (first, second), strict=True)}
    orders, sets = both["ordered_pathway"], both["set_pathway"]
    assert orders.get("a>b") is None or sets["a+b"] is None


def test_a_withdrawal_of_three_people_does_not_show() -> None:
    first = released(PEOPLE, ALL, [])
    second = released(PEOPLE | {"b>c": 12}, ALL, [past(first)], LATER)
    before, now = past(first).cells, past(second).cells
    changes = {cell: now[cell] - value for cell, value in before.items() if None not in (value, now.get(cell))}
    of_people = {cell: change for cell, change in changes.items() if cell[2] in ("people", "records", "sum_of_people")}
    assert len(of_people) > 5
    assert not [cell for cell, change in of_people.items() if 0 < abs(change) < MINIMUM]
    assert now["unduplicated", ("all members",), "people"] is None
    everybody = [sum(value or 0 for (name, _, _), value in cells.items() if name == "ordered_pathway")
                 for cells in (before, now)]  # fmt: skip
    assert everybody[0] - everybody[1] != 3


def test_nor_in_tables_that_the_earlier_release_did_not_have() -> None:
    first = released(PEOPLE, ("set_pathway",), [])
    second = released(PEOPLE | {"b>c": 12}, ("ordered_pathway",), [past(first)], LATER)
    assert shown(first, "set_pathway")["b+c"] == 15
    assert shown(second, "ordered_pathway").get("b>c") is None  # those from b to c are all of b+c


def test_many_more_people_show() -> None:
    first = released(PEOPLE, ("unduplicated",), [])
    more = {path: people + 20 for path, people in PEOPLE.items()}
    second = released(more, ("unduplicated",), [past(first)], LATER)
    assert shown(second, "unduplicated")["all members"] == sum(more.values())


def test_a_release_whose_only_count_would_show_a_few_people_is_refused_or_empty() -> None:
    people = {"a": 40}
    first = released(people, ("ordered_pathway",), [])
    try:
        second = released({"a": 43}, ("ordered_pathway",), [past(first)], LATER)
    except ReleaseRefused:
        return
    assert set(shown(second, "ordered_pathway").values()) <= {None, 40}


@pytest.mark.parametrize("seed", range(6))
def test_an_attacker_with_all_releases_of_a_run_narrows_no_hidden_count(seed: int) -> None:
    rng = np.random.default_rng(seed)
    paths = ["a", "b", "c", "a>b", "b>a", "a+b", "a>c", "c>a", "b>c", "a>b>c", "c>b>a"]
    people = {path: int(number) for path, number in zip(paths, rng.poisson(rng.gamma(1, 20, len(paths))), strict=True)}
    lists = [ALL[at : at + 1] for at in rng.permutation(len(ALL))] + [ALL]
    made: list[Protected] = []
    for tables in lists:
        try:
            made.append(released(people, tables, [past(one) for one in made]))
        except ReleaseRefused:
            continue
    assert len(made) >= 2
    raw = counted(people, ALL)
    at = {key: number for number, key in enumerate(raw.keys)}
    rows = {cell: raw.weights[[at[key]]].toarray()[0] for cell, key in keys_of_cells(raw)}
    told, hidden = known_and_hidden([past(one) for one in made], rows)
    hidden |= {key: raw.weights[[at[key]]].toarray()[0] for key in raw.guarded if 0 < value_of(raw, at[key]) < MINIMUM}
    for cell, row in hidden.items():
        if row.any():
            assert width(row, told) >= MINIMUM - 1, f"{cell} of seed {seed}"


def value_of(raw: RawCounts, number: int) -> int:
    return int((raw.weights[[number]] @ raw.people)[0])


def known_and_hidden(
    releases: list[PastRelease], rows: dict[CellName, np.ndarray]
) -> tuple[list[tuple[np.ndarray, float]], dict[object, np.ndarray]]:
    """What the attacker knows (sums of unknowns, and their value) and the cells that some release hid."""
    told, hidden = [], {}
    for one in releases:
        for cell, value in one.cells.items():
            if cell[2] not in ("people", "people_a", "people_b", "records", "sum_of_people") or cell not in rows:
                continue
            if value is None:
                hidden[cell] = rows[cell]
            else:
                told.append((rows[cell], value))
        pooled = {cell: value for cell, value in one.cells.items() if cell[0] == "ordered_pathway"}
        if pooled and None not in pooled.values():
            everybody = sum(row for cell, row in rows.items() if cell[0] == "set_pathway")
            told.append((everybody, sum(pooled.values())))
    return told, hidden


def width(row: np.ndarray, told: list[tuple[np.ndarray, float]]) -> float:
    """How far apart the least and the most whole number of people are that a count may have."""
    rules = LinearConstraint(np.array([one for one, _ in told]), *[[value for _, value in told]] * 2)
    ends = [
        milp(sign * row, constraints=rules, bounds=Bounds(0, 10_000), integrality=np.ones(len(row))) for sign in (1, -1)
    ]
    assert all(end.status == 0 for end in ends)
    return float(-ends[1].fun - ends[0].fun)
