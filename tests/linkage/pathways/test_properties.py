"""What holds of the tables whatever the histories, without knowing what is in them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.events import Events
from linkage.pathways.count_tables import MAKERS, count_again, count_tables
from linkage.pathways.plan import Plan
from linkage.pathways.raw_counts import RawCounts
from schemas import Unit
from schemas.pathway_text import read_path, write_path
from schemas.pathways_asked import PathAsked
from tests.linkage.pathways.evaluate import Rows, rows_of, values_of

NAMES = ("clinic", "shelter", "training", "zoo")
PARTS = {
    "set_pathway": 0,
    "ordered_pathway": 0,
    "sequence_pathway": 0,
    "first_touch": 0,
    "last_touch": 0,
    "grouped_pathway": 0,
}
"""Tables whose rows each have other people, and everybody is in one: where that number stands."""

EVENTS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 40), st.integers(0, 30), st.booleans()), max_size=25
)


def events_of(rows: list[tuple[int, int, int, int, bool]]) -> Events:
    """Events of (person, member and state, start, length, whether open); one client record each."""
    person, state, start, length = (np.array([row[i] for row in rows], np.int64) for i in range(4))
    is_open = np.array([row[4] for row in rows], bool)
    end = np.where(is_open, 80, start + length).astype(np.int32)
    record = np.arange(len(rows))
    return Events(NAMES, NAMES, person, state, record, state, start.astype(np.int32), end, True, is_open)


def plan(*tables: str, **more: object) -> Plan:
    given: dict[str, object] = {
        "unit": Unit.DAY,
        "first": 0,
        "last": 80,
        "gap": 7,
        "follow_up": 30,
        "paths": (PathAsked(("clinic", "shelter"), 10), PathAsked(("zoo",))),
    }
    return Plan(tables or tuple(MAKERS), **(given | more))  # type: ignore[arg-type]


def tables_of(raw: RawCounts) -> dict[str, Rows]:
    return {name: rows_of(raw, name) for name in raw.tables}


@settings(max_examples=60, deadline=None)
@given(EVENTS, st.randoms(use_true_random=False))
def test_the_order_of_the_events_does_not_matter(rows, random) -> None:
    shuffled = random.sample(rows, len(rows))
    assert tables_of(count_tables(events_of(rows), plan())) == tables_of(count_tables(events_of(shuffled), plan()))


@settings(max_examples=60, deadline=None)
@given(EVENTS)
def test_the_numbers_that_people_have_do_not_matter(rows) -> None:
    renumbered = [(9_000_000_000 - 17 * row[0], *row[1:]) for row in rows]
    assert tables_of(count_tables(events_of(rows), plan())) == tables_of(count_tables(events_of(renumbered), plan()))


def renamed(text: str, names: dict[str, str]) -> str:
    """A row's key after states got other names, with the states of a step in name order again."""
    try:
        return write_path(sorted(names.get(name, name) for name in step) for step in read_path(text))
    except ValueError:  # `(start)>` and the like never are; an empty limit in days is
        return text


@settings(max_examples=60, deadline=None)
@given(EVENTS, st.permutations(NAMES))
def test_other_names_for_the_states_give_the_same_rows_under_those_names(rows, order) -> None:
    names = dict(zip(NAMES, order, strict=True))
    swapped = [(row[0], NAMES.index(names[NAMES[row[1]]]), *row[2:]) for row in rows]
    paths = (PathAsked(("clinic", "shelter"), 10), PathAsked(("zoo",)))
    asked = tuple(replace(path, path=tuple(names[state] for state in path.path)) for path in paths)
    before = tables_of(count_tables(events_of(rows), plan()))
    after = tables_of(count_tables(events_of(swapped), plan(paths=asked)))
    for table in set(MAKERS) - {"overlap_pairs"}:  # there a and b change places
        assert {tuple(renamed(key, names) for key in keys): row for keys, row in before[table].items()} == after[table]


@settings(max_examples=80, deadline=None)
@given(EVENTS, st.integers(1, 4))
def test_what_divides_the_people_sums_to_them(rows, pool_under) -> None:
    raw = count_tables(events_of(rows), plan(pool_under=pool_under))
    people, tables = len({row[0] for row in rows}), tables_of(raw)
    assert values_of(raw)[("people",)] == people
    for table, at in PARTS.items():
        assert sum(row[at] for row in tables[table].values()) == people, table
    matrix = tables["transition_matrix"]
    assert sum(row[0] for (source, to), row in matrix.items() if source == "(start)" and to != "(all)") == people
    assert sum(row[0] for (_, to), row in matrix.items() if to == "(end)") == people
    for state in NAMES:
        into = sum(row[0] for (_, to), row in matrix.items() if to == state)
        assert into == matrix[state, "(all)"][0]
        within = {keys: row[0] for keys, row in tables["transition_within"].items() if keys[0] == state}
        totals = {to: number for (_, to, band), number in within.items() if band == "all"}
        whole = totals.pop("(all)")
        assert sum(totals.values()) == whole
        bands = [number for (_, to, band), number in within.items() if band != "all"]
        assert sum(bands) == whole - totals["(none)"]
        here = len({row[0] for row in rows if NAMES[row[1]] == state})
        assert sum(tables["dwell"][state, "all"][:2]) == here
        assert len({sum(tables["lag"][state, to, "all"][:2]) for to in NAMES if to != state}) == 1


@settings(max_examples=80, deadline=None)
@given(EVENTS, st.integers(2, 4))
def test_rare_pathways_are_one_row_without_their_names(rows, pool_under) -> None:
    pooled, named = (count_tables(events_of(rows), plan(pool_under=least)) for least in (pool_under, 1))
    for table in ("ordered_pathway", "sequence_pathway"):
        every = rows_of(named, table)
        kept = {keys: row for keys, row in every.items() if row[0] >= pool_under}
        rest = sum(row[0] for row in every.values()) - sum(row[0] for row in kept.values())
        assert rows_of(pooled, table) == kept | ({("other pathways",): (rest,)} if rest else {})
    assert not (pooled.identities @ pooled.people).any()


@settings(max_examples=80, deadline=None)
@given(EVENTS, st.lists(st.integers(0, 5), min_size=6, max_size=6), st.integers(1, 3))
def test_counting_again_gives_the_same_counts_of_other_people(rows, other, pool_under) -> None:
    asked = plan(pool_under=pool_under)
    raw = count_tables(events_of(rows), asked)
    regrouped = [(other[row[0]], *row[1:]) for row in rows]
    again = dict(zip(raw.keys, count_again(raw, events_of(regrouped), asked).tolist(), strict=True))
    truth = values_of(count_tables(events_of(regrouped), plan(pool_under=1)))
    for key, value in again.items():
        if key[1:] != ("other pathways",):
            assert value == truth.get(key, 0), key
    for sort in ("ordered", "sequence"):
        assert sum(value for key, value in again.items() if key[0] == sort) == truth[("people",)]
    assert count_again(raw, events_of(rows), asked).tolist() == (raw.weights @ raw.people).tolist()


@settings(max_examples=80, deadline=None)
@given(EVENTS, st.booleans(), st.integers(1, 3))
def test_a_member_knows_what_its_own_rows_alone_give(rows, of_members, services) -> None:
    """Where `services` is under the number of members, some states are served by several."""
    events = events_of(rows)
    if not of_members:
        events = replace(events, states=NAMES[:services], state=events.state % services)
    raw = count_tables(events, plan(state_is_member=of_members))
    values = values_of(raw)
    for at, member in enumerate(NAMES):
        mine = [i for i, row in enumerate(rows) if row[1] == at]
        own = replace(events, **{c: getattr(events, c)[mine] for c in ("person", "member", "record", "state")})
        own = replace(own, start=events.start[mine], end=events.end[mine], is_open=events.is_open[mine])
        alone = values_of(count_tables(own, plan(state_is_member=of_members)))
        assert {key: values[key] for key in raw.known[member]} == {key: alone[key] for key in raw.known[member]}
        assert ("member", member) in raw.known[member]


def test_no_events_give_no_people_and_tables_of_nothing() -> None:
    tables = tables_of(count_tables(events_of([]), plan()))
    assert tables["unduplicated"]["all members",] == (None, 0, None, 0, None)
    assert tables["set_pathway"] == tables["sequence_pathway"] == tables["first_touch"] == {}


@pytest.mark.parametrize("pool_under", [1, 2])
def test_an_unknown_is_never_negative_and_identities_hold_for_a_thousand_people(pool_under) -> None:
    rng = np.random.default_rng(7)
    columns = rng.integers(0, [1000, 4, 60, 30, 2], (4000, 5))
    raw = count_tables(events_of([tuple(map(int, row)) for row in columns]), plan(pool_under=pool_under))
    assert raw.people.min() >= 0
    assert not (raw.identities @ raw.people).any()
    assert (raw.persons <= raw.weights @ raw.people).all()
