"""The table `lag`: how long from leaving one state to entering another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.pathways.histories.bands import ALL_BANDS, bands_from
from linkage.pathways.histories.episodes import Episodes
from linkage.pathways.histories.numbering import Numbers
from linkage.pathways.histories.survival import quantiles
from linkage.pathways.raw_counts import CountKey
from linkage.pathways.tables.draft import Draft, Rows
from linkage.pathways.tables.dwell import QUARTILE_NAMES, by_band, statistics


def lag(draft: Draft) -> None:
    """`lag`: days from first leaving a state to first entering another one after it.

    Somebody leaves a state on the last day of their first episode there, if it had ended and that day lies in the time
    for which beginnings are known (until the earlier of the as-of day and the window's last). The entering is the first
    episode of the other state that begins on that day or later: whoever was there already, and stays, has not entered.
    The bands hold people who arrived; `never_arrived` are the others who left, and for them the days known after
    leaving count in the quartiles (Kaplan-Meier). For every other state the two together are the people who left.
    """
    left = _leavings(draft)
    bands, rest = bands_from(0), _rest(draft, left)
    rows: list[Rows] = [[] for _ in draft.states]
    for target, target_name in enumerate(draft.states):
        arrived, never = _days_until(draft, left, target)
        in_band, found = by_band(arrived, bands), quantiles(arrived, never)
        for source, name in enumerate(draft.states):
            if source == target:
                continue
            columns = draft.unknowns.add(np.append(in_band[source], never[source].sum()))
            keys: list[CountKey] = [("lag", name, target_name, band) for band in bands.names]
            all_key, never_key = ("lag", name, target_name, ALL_BANDS), ("never", name, target_name)
            draft.unknowns.counts([*keys, never_key], np.arange(len(columns)), columns)
            draft.unknowns.count(all_key, columns[:-1])
            draft.unknowns.tie([draft.people_in(source)], np.append(columns, rest[source]))
            rows[source] += [(key[1:], (key, None, None, None, None)) for key in keys]
            rows[source].append((all_key[1:], (all_key, never_key, *statistics(found, source, all_key))))
    title = "People by the days from leaving one state to entering another"
    columns_of = (("from", "to", "band"), ("people", "never_arrived", *QUARTILE_NAMES))
    draft.put("lag", title, columns_of, [row for of_source in rows for row in of_source])


@dataclass(frozen=True, eq=False)
class _Leavings:
    """First leavings of states.

    Attributes:
        episodes: what ended; ordered by person, then state.
        until: the last day that is known.
        followed: int64; days known after each leaving.
        size: one more than the most days that anything can take.
    """

    episodes: Episodes
    until: int
    followed: Numbers
    size: int


def _leavings(draft: Draft) -> _Leavings:
    came, until = draft.histories.came, draft.histories.until
    left = came.where(~came.is_open & (came.end <= until))
    followed = until - left.end
    return _Leavings(left, until, followed, int(followed.max()) + 1 if len(left) else 1)


def _rest(draft: Draft, left: _Leavings) -> Numbers:
    """An unknown for each state's people who have not left it (or too late); gives their columns."""
    came, states = draft.histories.came, len(draft.states)
    rest = np.bincount(came.state, minlength=states) - np.bincount(left.episodes.state, minlength=states)
    columns = draft.unknowns.add(rest)
    if draft.wants("dwell"):
        late = rest - np.bincount(came.state[came.is_open], minlength=states)
        late_columns = draft.unknowns.add(late)
        for state, name in enumerate(draft.states):
            draft.unknowns.count(("late", name), late_columns[state : state + 1])
            draft.unknowns.tie([("dwell open", name), ("late", name)], columns[state : state + 1])
    return columns


def _days_until(draft: Draft, left: _Leavings, target: int) -> tuple[Numbers, Numbers]:
    """int64 (states, days) twice: people who arrived after so many days, and who had not after so many."""
    shape = (len(draft.states), left.size)
    everybody = _histogram(left.episodes.state, left.followed, shape)
    at, days = _arrivals(draft.histories.episodes, left, target)
    state, followed = left.episodes.state[at], left.followed[at]
    return _histogram(state, days, shape), everybody - _histogram(state, followed, shape)


def _histogram(group: Numbers, days: Numbers, shape: tuple[int, int]) -> Numbers:
    return np.bincount(group * shape[1] + days, minlength=shape[0] * shape[1]).reshape(shape)


def _arrivals(episodes: Episodes, left: _Leavings, target: int) -> tuple[NDArray[np.intp], Numbers]:
    """Which leavings were followed by an entering of `target`, and after how many days."""
    entered = episodes.where(episodes.state == target)
    if not len(entered) or not len(left.episodes):
        return np.empty(0, np.intp), np.empty(0, np.int64)
    comes = np.zeros(episodes.people, bool)
    comes[entered.person] = True
    at = np.flatnonzero(comes[left.episodes.person])
    earliest = min(int(entered.start.min()), int(left.episodes.end.min()))
    room = left.until - earliest + 1
    start = np.append(entered.person * room + entered.start - earliest, np.iinfo(np.int64).max)
    leaving = left.episodes.person[at] * room + left.episodes.end[at] - earliest
    days = start[np.searchsorted(start, leaving)] - leaving
    arrived = np.flatnonzero(days <= left.followed[at])  # else it is the next person's: `room` is more than is followed
    return at[arrived], days[arrived]
