"""Raw counts equal the brute-force oracle, and never leave memory."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import date
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.events import Events, gather_events
from linkage.pathways.kinds import (
    PEOPLE,
    SUM_OF_PEOPLE,
    RawCounts,
    count_keys,
    count_pathways,
    read_set,
    weights_of,
    write_set,
)
from schemas import Agreement, Services, Unit
from schemas.agreement import parse_agreement
from schemas.services import OPEN_END
from schemas.tables import TABLE_LEVELS
from tests.linkage import oracle
from tests.linkage.oracle import History

MEMBERS = ("clinic", "shelter", "training")
FIRST = 636  # 2023-01 in months
DAYS = st.none() | st.dates(date(2022, 11, 1), date(2023, 12, 31))
FIRST_DAYS = DAYS.map(lambda day: day and day.replace(day=1))  # where a window by months can start and end


@st.composite
def histories(draw: st.DrawFn) -> list[History]:
    """A few people with records and services at few members in few months, so that everything collides."""
    found = []
    for person in range(draw(st.integers(0, 8))):
        for _ in range(draw(st.integers(1, 4))):
            member = draw(st.sampled_from(MEMBERS))
            record = 10 * person + draw(st.integers(0, 1))
            start = FIRST + draw(st.integers(0, 8))
            end = draw(st.none() | st.integers(start, start + 4))
            found.append(History(person, member, record, draw(st.sampled_from(["bed", "meal", "talk"])), start, end))
    return found


def agreement_of(state: str, days: dict[str, date | None]) -> Agreement:
    lines = "".join(f"{key} = {day.isoformat()}\n" for key, day in days.items() if day)
    return parse_agreement(
        f'project = "p"\npurpose = "q"\nmembers = {json.dumps(MEMBERS)}\ndata_level = "period"\nperiod = "month"\n'
        f'state = "{state}"\ntables = {json.dumps(list(TABLE_LEVELS))}\n{lines}'
    )


def events_of(agreement: Agreement, found: list[History]) -> Events:
    """The same histories as members' files and a link map, with link ids that are neither small nor in order."""
    lists, tokens, people = [], [], []
    for number, member in enumerate(MEMBERS):
        mine = [history for history in found if history.member == member]
        records = sorted({history.record for history in mine})
        known = np.random.default_rng(number).integers(0, 256, (len(records), 16), dtype=np.uint8)
        names = tuple(sorted({history.service for history in mine}))
        lists.append(
            Services(
                known[[records.index(history.record) for history in mine]].reshape(-1, 16),
                np.array([names.index(history.service) for history in mine], np.uint16),
                names,
                Unit.MONTH,
                np.array([history.start for history in mine], np.int32),
                np.array([OPEN_END if history.end is None else history.end for history in mine], np.int32),
            )
        )
        tokens.append(known)
        people.append(np.array([900_000_007 - 13 * (record // 10) for record in records], np.int64))
    return gather_events(agreement, lists, tokens, people)


def counts_of(raw: RawCounts, state: str) -> dict[tuple[str, ...], int]:
    keys = count_keys(raw, tuple(TABLE_LEVELS), state_is_member=state == "member")
    return dict(zip(keys, (weights_of(raw, keys) @ raw.people).tolist(), strict=True))


@settings(max_examples=300, deadline=None)
@given(histories(), st.sampled_from(["member", "service"]), FIRST_DAYS, FIRST_DAYS, DAYS)
def test_every_count_equals_the_oracle(
    found: list[History], state: str, start: date | None, end: date | None, as_of: date | None
) -> None:
    if start and end and end <= start:
        start, end = end, date(end.year + 1, start.month, 1)
    agreement = agreement_of(state, {"window_start": start, "window_end": end, "as_of": as_of})
    events = events_of(agreement, found)
    raw, counted = count_pathways(events), [h for h in found if oracle.known(h, start, end, as_of)]
    counts = counts_of(raw, state)
    expected: dict[tuple[str, ...], int] = {PEOPLE: len(oracle.by_person(counted))}
    expected |= {("member", name): oracle.people_in(counted, "member", name) for name in MEMBERS}
    expected[SUM_OF_PEOPLE] = sum(expected["member", name] for name in MEMBERS)
    expected |= {("set", text): people for text, people in oracle.set_pathway(counted, state).items()}
    expected |= {("path", text): people for text, people in oracle.ordered_pathway(counted, state).items()}
    expected |= {
        ("member" if state == "member" else "state", name): oracle.people_in(counted, state, name)
        for name in events.states
    }
    expected |= {("pair", a, b): oracle.people_in(counted, state, a, b) for a, b in combinations(events.states, 2)}
    assert counts == expected
    assert raw.records.tolist() == [oracle.records_of(counted, name) for name in MEMBERS]


@settings(max_examples=100, deadline=None)
@given(histories(), st.sampled_from(["member", "service"]))
def test_sets_and_orders_each_sum_to_the_people(found: list[History], state: str) -> None:
    counts = counts_of(count_pathways(events_of(agreement_of(state, {}), found)), state)
    for sort in ("set", "path"):
        assert sum(people for key, people in counts.items() if key[0] == sort) == counts[PEOPLE]


def plain(rows: list[tuple[int, int, int]], *, timed: bool = True) -> RawCounts:
    """Counts of (person, member and state, start)."""
    person, at, start = (np.array([row[i] for row in rows], np.int64) for i in range(3))
    time = start.astype(np.int32) if timed else np.empty(0, np.int32)
    return count_pathways(Events(MEMBERS, MEMBERS, person, at, np.arange(len(at)), at, time, time, timed))


def test_equal_starts_are_one_step_in_name_order() -> None:
    raw = plain([(1, 2, 5), (1, 0, 5), (1, 1, 4)])
    assert ("path", "shelter>clinic+training") in counts_of(raw, "member")


def test_a_state_that_comes_back_is_named_once_where_it_first_was() -> None:
    raw = plain([(1, 0, 5), (1, 1, 4), (1, 1, 9)])
    assert ("path", "shelter>clinic") in counts_of(raw, "member")


def test_without_time_there_is_a_set_and_no_order() -> None:
    assert [kind.path for kind in plain([(1, 2, 0), (1, 0, 0)], timed=False).kinds] == [((0, 2),)]


def test_no_events_are_no_people() -> None:
    assert counts_of(plain([]), "member")[PEOPLE] == 0


def test_rows_are_ordered_by_size_and_name_whatever_the_counts() -> None:
    raw = plain([(1, 2, 1), (2, 2, 1), (3, 1, 1), (4, 1, 1), (4, 2, 1), (5, 0, 1), (5, 2, 2)])
    keys = count_keys(raw, ["set_pathway"], state_is_member=True)
    assert [key[1] for key in keys] == ["shelter", "training", "clinic+training", "shelter+training"]


@given(st.lists(st.text(st.sampled_from('ab+>"\n '), min_size=1), min_size=1, unique=True))
def test_a_written_set_is_read_back_whatever_the_names(names: list[str]) -> None:
    assert read_set(write_set(names)) == names


def test_raw_counts_cannot_be_pickled() -> None:
    with pytest.raises(TypeError, match="stay in memory"):
        pickle.dumps(plain([(1, 0, 1)]))


def test_raw_counts_cannot_be_copied() -> None:
    with pytest.raises(TypeError, match="stay in memory"):
        copy.deepcopy(plain([(1, 0, 1)]))


def test_raw_counts_are_no_json() -> None:
    with pytest.raises(TypeError):
        json.dumps(plain([(1, 0, 1)]))


def test_raw_counts_have_no_dictionary_to_dump() -> None:
    with pytest.raises(TypeError):
        vars(plain([(1, 0, 1)]))


def test_raw_counts_print_no_number() -> None:
    raw = plain([(1, 0, 1), (2, 0, 1)])
    assert {repr(raw), str(raw), f"{raw}"} == {"RawCounts(not shown)"}
