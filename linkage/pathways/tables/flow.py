"""The table `flow_by_period`: who comes to a state, comes back, stays and leaves, period by period."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from linkage.pathways.histories.episodes import Episodes, join_episodes
from linkage.pathways.histories.numbering import Numbers
from linkage.pathways.plan import TOUCHING
from linkage.pathways.raw_counts import CountKey, Entry
from linkage.pathways.tables.draft import Draft, Rows
from schemas import Unit
from schemas.periods import period_name

NEW, RETURNING, CONTINUING, LEAVING = MEASURES = ("new", "returning", "continuing", "leaving")


@dataclass(frozen=True, eq=False)
class _Stays:
    """Runs of periods without a gap in which people are in a state: those that reach the periods shown.

    Attributes:
        periods: Unit.MONTH or Unit.QUARTER.
        first, last: the first and the last period shown.
        runs: ordered by person, state and start.
    """

    periods: Unit
    first: int
    last: int
    runs: Episodes


def flow_by_period(draft: Draft) -> None:
    """`flow_by_period`: people in a state in a period, by whether they were there before and after.

    Somebody is in a state in every period that an episode touches. `new`: in none before; `returning`: not in the one
    before, but in an earlier one; `continuing`: in the one before, too; these three sum to the people present.
    `leaving`: not in the next one; not applicable for the last period, as nobody knows. At level day, periods are
    months. Periods run from the window's first to the last that is known. Whoever's record began before the window
    continues in its first period; a record that ended before the window is not known, so that person is new.

    The sum of `new`, with those who continue in the first period, is the people of the state.
    """
    stays = _stays(draft)
    texts = [period_name(at, stays.periods) for at in range(stays.first, stays.last + 1)]
    rows: Rows = []
    # nothing is known of any period of the window where all that was heard of, still open, began before it
    for state, name in enumerate(draft.states if texts else ()):
        counts = _counts(stays, state)
        columns = draft.unknowns.add(counts.ravel()).reshape(counts.shape)
        keys: list[CountKey] = [("flow", name, text, measure) for measure in MEASURES for text in texts]
        draft.unknowns.counts(keys[:-1], np.arange(len(keys) - 1), columns.ravel()[:-1])  # the last one nobody knows
        for at in range(len(texts) - 1):
            draft.unknowns.tie_columns(columns[:3, at], columns[[3, 2], [at, at + 1]])
        draft.unknowns.tie([draft.people_in(state)], np.append(columns[0], columns[2, :1]))
        for text in texts:
            entries: list[Entry] = [("flow", name, text, measure) for measure in MEASURES]
            rows.append(((name, text), (*entries[:3], None if text == texts[-1] else entries[3])))
    title = "People who come to a state, come back, stay and leave"
    draft.put("flow_by_period", title, (("state", "period"), MEASURES), rows)


def _stays(draft: Draft) -> _Stays:
    """Episodes in periods: what touches a period is there for all of it."""
    histories, plan = draft.histories, draft.plan
    runs, periods = histories.episodes, plan.unit
    earliest = int(runs.start.min()) if len(runs) else histories.until
    first, last = earliest if plan.first is None else plan.first, histories.until
    if plan.unit is Unit.DAY:
        periods = Unit.MONTH
        first, last = (int(_months(np.array([day]))[0]) for day in (first, last))
        runs = replace(runs, start=_months(runs.start), end=_months(runs.end))
    if not len(runs) and plan.first is None:
        last = first - 1  # no window and nobody: no period to show
    return _Stays(periods, first, last, join_episodes(runs, TOUCHING))


def _months(days: Numbers) -> Numbers:
    """int64: the month of each day, both counted from 1970-01."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _counts(stays: _Stays, state: int) -> Numbers:
    """int64 (4, periods): people new, returning, continuing and leaving."""
    runs, size = stays.runs, max(stays.last - stays.first + 1, 0)
    mine = runs.state == state
    start, end = runs.start[mine] - stays.first, np.minimum(runs.end[mine] - stays.first, size - 1)
    is_first = runs.is_first[mine]
    shown = start >= 0
    counts = np.zeros((4, size), np.int64)
    counts[0] = np.bincount(start[shown & is_first], minlength=size)
    counts[1] = np.bincount(start[shown & ~is_first], minlength=size)
    going = np.bincount(np.maximum(start + 1, 0), minlength=size + 1)[:size]  # those who continue, from here on
    gone = np.bincount(end + 1, minlength=size + 1)[:size]
    counts[2] = np.cumsum(going) - np.cumsum(gone)
    counts[3, :-1] = np.bincount(end, minlength=size)[: size - 1]
    return counts
