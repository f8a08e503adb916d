"""From events to people's histories: who was where, when, until when anything is known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from linkage.events import Events
from linkage.pathways.histories.episodes import Episodes, join_episodes
from linkage.pathways.histories.numbering import Numbers, Sequences, number_sequences, rank, starts_of
from linkage.pathways.histories.steps import Steps, steps_of
from linkage.pathways.plan import Plan


@dataclass(frozen=True, eq=False)
class Histories:
    """The people of some events, numbered without gaps.

    Attributes:
        events: what was traced.
        people: how many people there are.
        who: int64 (events,); whose each event is.
        until: the last period or day in which a state's beginning would be known.
        episodes: everybody's. Without times each lasts from 0 to 0, which tells only who was where.
    """

    events: Events
    people: int
    who: Numbers
    until: int
    episodes: Episodes

    @cached_property
    def came(self) -> Episodes:
        """Each person's first episode in each state."""
        return self.episodes.where(self.episodes.is_first)

    @cached_property
    def ordered(self) -> Steps:
        """Everybody's states by first beginning, each once."""
        return steps_of(self.came)

    @cached_property
    def steps(self) -> Steps:
        """Everybody's episodes by beginning."""
        return steps_of(self.episodes)

    @cached_property
    def walk(self) -> Steps:
        """Everybody's steps without those that equal the one before."""
        return self.steps.collapsed()

    @cached_property
    def sets(self) -> tuple[Numbers, Sequences]:
        """The number of everybody's set of states, and the sets."""
        return number_sequences(starts_of(self.came.person, self.people), self.came.state, max(self.came.states, 1))

    @cached_property
    def orders(self) -> tuple[Numbers, Sequences]:
        """The number of everybody's ordered pathway, and the pathways, of codes of `ordered`."""
        return number_sequences(self.ordered.starts, self.ordered.code, self.ordered.codes)


def trace(events: Events, plan: Plan) -> Histories:
    """The histories of everybody who has an event.

    A spell that had not ended when last heard of is open and lasts until the last day that is known: the earlier of
    the as-of day and the window's last. Where the plan has neither, until the latest day on which any record starts or
    is known to have ended.
    """
    people, who = _number_people(events.person)
    until = known_until(events, plan)
    times = (np.zeros(len(who), np.int64), np.zeros(len(who), np.int64), np.zeros(len(who), bool))
    if events.timed:
        end = events.end.astype(np.int64)
        if plan.known_until is None:
            end = np.where(events.is_open, until, end)
        times = (events.start.astype(np.int64), end, events.is_open)
    spells = Episodes(people, len(events.states), who, events.state.astype(np.int64, copy=False), *times)
    return Histories(events, people, who, until, join_episodes(spells, plan.gap))


def _number_people(person: Numbers) -> tuple[int, Numbers]:
    if not len(person):
        return 0, np.empty(0, np.int64)
    least = int(person.min())
    distinct, who = rank(person - least, int(person.max()) - least + 1)
    return len(distinct), who


def known_until(events: Events, plan: Plan) -> int:
    """The last period or day that is known: the plan's or, where it has none, the latest that any record tells of."""
    if plan.known_until is not None:
        return plan.known_until
    if not events.timed or not len(events):
        return 0
    closed = events.end[~events.is_open]
    return max(int(events.start.max()), int(closed.max()) if len(closed) else int(events.start.max()))
