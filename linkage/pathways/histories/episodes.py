"""Episodes: one person's service records in one state, joined over short gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.pathways.histories.numbering import Numbers, order_of


@dataclass(frozen=True, eq=False)
class Episodes:
    """Spells of people in states, ordered by person, state and start. Those of one person and state are apart.

    Attributes:
        people, states: how many there are; `person` and `state` are numbers under them.
        person, state: int64 (episodes,).
        start, end: int64 (episodes,); the first and the last day or period, inclusive.
        is_open: bool (episodes,); whether the person was still there when last heard of.
    """

    people: int
    states: int
    person: Numbers
    state: Numbers
    start: Numbers
    end: Numbers
    is_open: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.person)

    @property
    def is_first(self) -> NDArray[np.bool_]:
        """bool (episodes,): whether it is its person's first in its state."""
        changed = np.ones(len(self), bool)
        changed[1:] = (np.diff(self.person) != 0) | (np.diff(self.state) != 0)
        return changed

    def where(self, kept: NDArray[np.bool_]) -> Episodes:
        """Some of them."""
        return self.at(np.flatnonzero(kept))

    def at(self, rows: NDArray[np.intp]) -> Episodes:
        """Some of them, in this order."""
        person, state, start, end = (column[rows] for column in (self.person, self.state, self.start, self.end))
        return Episodes(self.people, self.states, person, state, start, end, self.is_open[rows])


def join_episodes(spells: Episodes, gap: int) -> Episodes:
    """Join spells of one person in one state that have fewer than `gap` empty days (or periods) between them.

    Spells may overlap and come in any order. A joined one is open where any of its spells is; it lasts until the latest
    end of them.

    Args:
        gap: 1 joins those that overlap or follow on the next day; 7 also those with six empty days between them.
    """
    spells = _in_order(spells)
    if not len(spells):
        return spells
    is_first = spells.is_first
    until = _latest_end(spells, is_first)
    apart = is_first.copy()
    apart[1:] |= spells.start[1:] - until[:-1] - 1 >= gap
    at = np.flatnonzero(apart)
    last = np.append(at[1:], len(spells)) - 1
    return Episodes(
        spells.people,
        spells.states,
        spells.person[at],
        spells.state[at],
        spells.start[at],
        until[last],
        np.logical_or.reduceat(spells.is_open, at),
    )


def _in_order(spells: Episodes) -> Episodes:
    if not len(spells):
        return spells
    earliest = int(spells.start.min())
    columns = (spells.person, spells.state, spells.start - earliest)
    order = order_of(columns, (spells.people, spells.states, int(columns[2].max()) + 1))
    return spells.at(order)


def _latest_end(spells: Episodes, is_first: NDArray[np.bool_]) -> Numbers:
    """int64 (spells,): the latest end of a person's spells in a state so far."""
    earliest = int(spells.end.min())
    room = int(spells.end.max()) - earliest + 1
    lift = (np.cumsum(is_first) - 1) * room  # every group lies over all before it, so that one running maximum does
    latest: Numbers = np.maximum.accumulate(spells.end - earliest + lift) - lift + earliest
    return latest
