"""Definitions one by one, on the smallest histories that show them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.errors import BadInput, WrongAgreement
from linkage.events import Events
from linkage.pathways.count_tables import MAKERS, count_tables
from linkage.pathways.histories.bands import bands_from
from linkage.pathways.histories.survival import quantiles
from linkage.pathways.hud_lsa import group_of
from linkage.pathways.plan import Plan
from linkage.pathways.raw_counts import Statistic
from schemas import Level, Unit
from schemas.pathway_text import read_path, read_set, write_path, write_set
from schemas.pathways_asked import PathAsked
from schemas.tables import TABLE_LEVELS
from tests.linkage.pathways.evaluate import rows_of
from tests.linkage.pathways.test_properties import NAMES, events_of, plan

A, B, C = 0, 1, 2  # clinic, shelter, training


def table(
    name: str, rows: list[tuple[int, int, int, int]], **more: object
) -> dict[tuple[str, ...], tuple[object, ...]]:
    """A table of closed spells (person, state, first day, last day)."""
    events = events_of([(who, state, start, end - start, False) for who, state, start, end in rows])
    return rows_of(count_tables(events, plan(name, **more)), name)


def test_six_empty_days_are_no_gap_and_seven_are() -> None:
    assert table("dwell", [(1, A, 0, 1), (1, A, 8, 9)])["clinic", "all"][3] == 9
    assert table("dwell", [(1, A, 0, 1), (1, A, 9, 9)])["clinic", "all"][3] == 1


def test_in_and_out_on_one_day_is_a_stay_of_no_days() -> None:
    assert table("dwell", [(1, A, 5, 5)])["clinic", "0"][0] == 1


def test_equal_starts_are_one_step_in_name_order() -> None:
    assert ("shelter>clinic+training",) in table("ordered_pathway", [(1, C, 5, 5), (1, A, 5, 5), (1, B, 4, 4)])


def test_a_sixth_step_is_cut() -> None:
    spells = [(1, at % 2, 10 * at, 10 * at) for at in range(6)]
    assert table("sequence_pathway", spells) == {("clinic>shelter>clinic>shelter>clinic>…",): (1,)}


def test_a_return_needs_more_than_fourteen_days_out() -> None:
    assert table("transition_within", [(1, A, 0, 1), (1, A, 16, 16)], follow_up=30)["clinic", "clinic", "all"][0] == 1
    soon = table("transition_within", [(1, A, 0, 1), (1, A, 15, 15)], follow_up=30)
    assert soon["clinic", "clinic", "all"][0] == 0
    assert soon["clinic", "(none)", "all"][0] == 1  # left on day 15


def test_coming_on_the_day_of_leaving_is_a_move_of_no_days() -> None:
    assert table("transition_within", [(1, A, 0, 9), (1, B, 9, 12)])["clinic", "shelter", "0"][0] == 1


def test_two_states_on_one_day_are_several() -> None:
    found = table("transition_within", [(1, A, 0, 9), (1, B, 12, 12), (1, C, 12, 12)])
    assert found["clinic", "(several)", "1-7"][0] == 1


def test_whoever_was_there_all_along_does_not_come() -> None:
    found = table("transition_within", [(1, A, 5, 9), (1, B, 0, 70)])
    assert found["clinic", "(none)", "all"][0] == 1


def test_a_path_does_not_use_one_episode_twice() -> None:
    there_and_back = (PathAsked(("clinic", "shelter", "clinic")),)
    once = table("contains_path", [(1, A, 5, 9), (1, B, 5, 9)], paths=there_and_back)
    twice = table("contains_path", [(1, A, 5, 9), (1, B, 5, 9), (1, A, 30, 31)], paths=there_and_back)
    assert [row[0] for row in (*once.values(), *twice.values())] == [0, 1]


def test_a_median_has_as_many_people_beyond_it_as_there_are_on_its_smaller_side() -> None:
    events = events_of([(who, A, 0, days, False) for who, days in enumerate([1, 2, 3, 4, 5])])
    raw = count_tables(events, plan("dwell"))
    row = dict(raw.tables["dwell"].rows)["clinic", "all"]
    quartiles = [entry for entry in row if isinstance(entry, Statistic)]
    assert [(entry.value, entry.beyond) for entry in quartiles] == [(2.0, 2), (3.0, 3), (4.0, 2)]


def test_a_median_that_most_have_not_reached_is_not_applicable() -> None:
    done, cut = np.array([[0, 1, 0, 0]]), np.array([[0, 0, 0, 3]])
    assert quantiles(done, cut).days.tolist() == [[1, -1, -1]]


def test_bands_are_cut_at_both_ends() -> None:
    assert bands_from(15, 100).names == ("15-30", "31-60", "61-90", "91-100")
    assert bands_from(0, 8).names == ("0", "1-7", "8")
    assert bands_from(40, 30).names == ()
    assert bands_from(0).names[-2:] == ("731-1094", "1095+")


@pytest.mark.parametrize(
    ("used", "group"),
    [
        (["ES"], "ES/SH"),
        (["Safe Haven", "Emergency Shelter - Night-by-Night"], "ES/SH"),
        (["ES", "TH", "RRH"], "ES/SH+TH+RRH"),
        (["PH - Permanent Supportive Housing (disability required for entry)", "13"], "RRH+PSH"),
        (["TH", "PSH"], "all other"),
        (["ES", "Street Outreach"], "ES/SH"),
        (["Street Outreach"], "no such project"),
    ],
)
def test_a_system_path_is_the_set_of_shelter_and_housing_types(used: list[str], group: str) -> None:
    assert group_of(used) == group


def test_the_preset_groups_people_by_system_path() -> None:
    events = events_of([(1, A, 0, 1, False), (1, B, 9, 1, False), (2, C, 0, 1, False), (3, 3, 0, 1, False)])
    states = ("ES", "RRH", "Street Outreach", "TH")
    named = Events(*(getattr(events, name) if name != "states" else states for name in events.__dataclass_fields__))
    rows = rows_of(
        count_tables(named, plan("grouped_pathway", preset="hud-lsa", state_is_member=False)), "grouped_pathway"
    )
    assert {keys[0]: row[0] for keys, row in rows.items() if row[0]} == {"ES/SH+RRH": 1, "TH": 1, "no such project": 1}
    assert len(rows) == 13


def test_the_preset_wants_states_named_by_project_type() -> None:
    with pytest.raises(BadInput, match="project type"):
        count_tables(events_of([(1, A, 0, 1, False)]), plan("grouped_pathway", preset="hud-lsa"))


@pytest.mark.parametrize("name", [name for name in MAKERS if TABLE_LEVELS[name] is not Level.MEMBERSHIP])
def test_without_times_a_table_of_times_is_refused(name: str) -> None:
    one = np.zeros(1, np.int64)
    untimed = Events(NAMES, NAMES, one, one, one, one, np.empty(0, np.int32), np.empty(0, np.int32), False)
    with pytest.raises(WrongAgreement, match=name):
        count_tables(untimed, Plan((name,), Unit.NONE))


@pytest.mark.parametrize("name", [name for name in MAKERS if TABLE_LEVELS[name] is Level.DAY])
def test_with_periods_a_table_of_days_is_refused(name: str) -> None:
    with pytest.raises(WrongAgreement, match=f"{name} needs days"):
        count_tables(events_of([(1, A, 0, 1, False)]), plan(name, unit=Unit.MONTH))


def test_without_times_people_are_counted_by_where_they_were() -> None:
    person, state = np.array([1, 1, 1, 2]), np.array([2, 0, 2, 0])
    none = np.empty(0, np.int32)
    untimed = Events(NAMES, NAMES, person, state, np.arange(4), state, none, none, False)
    raw = count_tables(untimed, Plan(("unduplicated", "set_pathway", "overlap_pairs"), Unit.NONE))
    assert rows_of(raw, "set_pathway") == {("clinic",): (1,), ("clinic+training",): (1,)}
    assert rows_of(raw, "unduplicated")["training",][:2] == (2, 1)


NAMED = st.lists(st.text(st.sampled_from('ab+>"\n …'), min_size=1), min_size=1, unique=True)


@given(NAMED)
def test_a_written_set_is_read_back_whatever_the_names(names: list[str]) -> None:
    assert read_set(write_set(names)) == names


@given(st.lists(NAMED, min_size=1))
def test_a_written_path_is_read_back_whatever_the_names(steps: list[list[str]]) -> None:
    assert read_path(write_path(steps)) == tuple(tuple(step) for step in steps)


@pytest.mark.parametrize("text", ["", ">", "a>", "+a", "a>>b", "a+>b"])
def test_a_pathway_with_a_missing_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="pathway"):
        read_path(text)
