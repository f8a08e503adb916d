"""Which service records count, and whose they are."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from linkage.errors import BadInput, WrongAgreement
from linkage.events import Events, UnlinkedServices, gather_events
from schemas import Agreement, Services, Unit
from schemas.agreement import parse_agreement
from schemas.encodings import Origin
from schemas.services import OPEN_END

JANUARY = 636  # months from 1970-01 to 2023-01


def agreement(
    extra: str = "", *, level: str = 'data_level = "period"\nperiod = "month"', state: str = "member"
) -> Agreement:
    return parse_agreement(
        f'project = "p"\npurpose = "q"\nmembers = ["b", "a"]\n{level}\nstate = "{state}"\n'
        f'tables = ["set_pathway"]\n{extra}'
    )


def tokens(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 16), dtype=np.uint8)


def services(rows: list[tuple[int, int, int]], known: np.ndarray, *, names: tuple[str, ...] = ("s",)) -> Services:
    """Rows of (row of the token, start, end)."""
    at, start, end = (np.array([row[i] for row in rows], np.int64) for i in range(3))
    return Services(
        known[at], np.zeros(len(rows), np.uint16), names, Unit.MONTH, start.astype(np.int32), end.astype(np.int32)
    )


def gather(rows: list[tuple[int, int, int]], extra: str = "") -> Events:
    known, none = tokens(3), tokens(0)
    person = [np.array([7, 8, 9]), np.empty(0, np.int64)]
    return gather_events(agreement(extra), [services(rows, known), services([], none)], [known, none], person)


def test_an_event_is_about_the_person_of_its_token() -> None:
    assert gather([(2, 1, 2), (0, 1, 1)]).person.tolist() == [9, 7]


def test_a_record_is_in_the_window_when_its_last_period_is_the_first_of_the_window() -> None:
    assert len(gather([(0, JANUARY - 5, JANUARY)], "window_start = 2023-01-01")) == 1


def test_a_record_that_ends_before_the_window_does_not_count() -> None:
    assert len(gather([(0, JANUARY - 5, JANUARY - 1)], "window_start = 2023-01-01")) == 0


def test_the_window_does_not_hold_its_last_day() -> None:
    assert len(gather([(0, JANUARY, JANUARY), (1, JANUARY - 1, JANUARY - 1)], "window_end = 2023-01-01")) == 1


def test_a_window_holds_its_last_period() -> None:
    assert len(gather([(0, JANUARY, JANUARY)], "window_end = 2023-02-01")) == 1


def test_an_open_end_lasts_until_the_as_of_day() -> None:
    assert gather([(0, 1, OPEN_END)], "as_of = 2023-01-31").end.tolist() == [JANUARY]


def test_an_end_after_the_as_of_day_is_not_known_yet() -> None:
    assert gather([(0, 1, JANUARY + 3)], "as_of = 2023-01-31").end.tolist() == [JANUARY]


def test_a_record_that_starts_after_the_as_of_day_is_left_out() -> None:
    assert gather([(0, JANUARY, OPEN_END), (1, JANUARY + 1, OPEN_END)], "as_of = 2023-01-31").person.tolist() == [7]


def test_without_an_as_of_day_open_ends_last_until_the_window_ends() -> None:
    assert gather([(0, 1, OPEN_END)], "window_end = 2023-02-01").end.tolist() == [JANUARY]


def test_without_as_of_day_and_window_open_ends_stay_open() -> None:
    assert gather([(0, 1, OPEN_END)]).end.tolist() == [OPEN_END]


def test_a_closed_end_after_the_window_is_kept() -> None:
    assert gather([(0, 1, JANUARY + 9)], "window_end = 2023-02-01").end.tolist() == [JANUARY + 9]


def test_records_of_another_member_are_numbered_after_the_first_ones() -> None:
    first, second = tokens(3), tokens(2, seed=1)
    lists = [services([(1, 1, 1)], first), services([(1, 1, 1)], second)]
    events = gather_events(agreement(), lists, [first, second], [np.arange(3), np.arange(2)])
    assert (events.record.tolist(), events.member.tolist()) == ([1, 4], [0, 1])


def test_a_service_of_the_same_name_at_two_members_is_one_state() -> None:
    known = tokens(1)
    lists = [services([(0, 1, 1)], known, names=("x", "w")), services([(0, 1, 1)], known, names=("w",))]
    events = gather_events(agreement(state="service"), lists, [known, known], [np.arange(1), np.arange(1)])
    assert [events.states[i] for i in events.state] == ["x", "w"]


def test_at_level_membership_there_are_no_times() -> None:
    known, none = tokens(1), np.empty(0, np.int32)
    mine = Services(known, np.zeros(1, np.uint16), ("s",), Unit.NONE, none, none)
    level = agreement(level='data_level = "membership"')
    events = gather_events(level, [mine, mine], [known, known], [np.arange(1), np.arange(1)])
    assert (len(events), len(events.start), events.timed) == (2, 0, False)


def test_a_token_that_the_link_map_does_not_have_is_refused_by_number_only() -> None:
    known, strange = tokens(3), tokens(5, seed=1)
    lists = [services([(0, 1, 1), (1, 1, 1)], strange), services([], tokens(0))]
    with pytest.raises(UnlinkedServices, match="2 service records") as refusal:
        gather_events(agreement(), lists, [known, tokens(0)], [np.arange(3), np.empty(0, np.int64)])
    assert strange[0].tobytes().hex() not in str(refusal.value)


def test_tokens_that_differ_in_their_last_byte_only_are_told_apart() -> None:
    known = np.zeros((2, 16), np.uint8)
    known[1, 15] = 1
    lists = [services([(1, 1, 1), (0, 1, 1)], known), services([], tokens(0))]
    events = gather_events(agreement(), lists, [known, tokens(0)], [np.array([5, 6]), np.empty(0, np.int64)])
    assert events.person.tolist() == [6, 5]


def test_a_token_that_the_link_map_has_twice_is_refused() -> None:
    known = np.zeros((2, 16), np.uint8)
    with pytest.raises(BadInput, match="same token"):
        gather_events(
            agreement(),
            [services([], known), services([], known)],
            [known, tokens(0)],
            [np.arange(2), np.empty(0, np.int64)],
        )


def test_services_in_another_unit_are_refused() -> None:
    known = tokens(1)
    with pytest.raises(WrongAgreement, match="month, not quarter"):
        gather_events(
            agreement(level='data_level = "period"\nperiod = "quarter"'),
            [services([(0, 1, 1)], known)] * 2,
            [known] * 2,
            [np.arange(1)] * 2,
        )


def test_services_of_another_member_are_refused() -> None:
    known = tokens(1)
    mine = services([(0, 1, 1)], known)
    other = Services(mine.tokens, mine.service, mine.names, mine.unit, mine.start, mine.end, Origin(member="a"))
    with pytest.raises(WrongAgreement, match="another member"):
        gather_events(agreement(), [other, other], [known] * 2, [np.arange(1)] * 2)


def test_services_need_a_link_map_for_each_member() -> None:
    with pytest.raises(BadInput, match="each member"):
        gather_events(agreement(), [services([], tokens(0))], [tokens(0)], [np.empty(0, np.int64)])


def test_a_day_is_a_unit_too() -> None:
    known = tokens(1)
    day = (date(2023, 1, 1) - date(1970, 1, 1)).days
    start = np.array([day - 1, day], np.int32)
    mine = Services(known[[0, 0]], np.zeros(2, np.uint16), ("s",), Unit.DAY, start, start)
    level = agreement("window_start = 2023-01-01", level='data_level = "day"')
    assert gather_events(level, [mine] * 2, [known] * 2, [np.arange(1)] * 2).start.tolist() == [day, day]
