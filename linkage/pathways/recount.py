"""Recount: what every count would be, were the same clustering cut a little lower or a little higher.

Every count is a sum over people. So only the records of those who are other people at the other cut are counted, once
with the persons that they were and once with those that they become; the difference is all that changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from linkage.events import Events
from linkage.heeding import heeded
from linkage.pathways.count_tables import count_again
from linkage.pathways.histories.numbering import Numbers, rank
from linkage.pathways.histories.trace import known_until
from linkage.pathways.link_facts import NOT_KNOWN, LinkFacts
from linkage.pathways.plan import Plan
from linkage.pathways.raw_counts import RawCounts
from schemas.console import Advance, unheard


def recount(
    raw: RawCounts,
    events: Events,
    plan: Plan,
    persons: Sequence[NDArray[np.int64]],
    facts: LinkFacts = NOT_KNOWN,
    advance: Advance = unheard,
) -> None:
    """Count again for each other cut, and keep that in `raw.recounts`.

    Args:
        raw: what `count_tables` gave of these events and this plan.
        events: as counted.
        plan: as counted.
        persons: for each other cut int64 (records,): the person of every client record, numbered as `events.record`.
        facts: as counted.
        advance: told 1 after each cut, 0 meanwhile; what it raises ends the work.
    """
    events, plan = _of_all(events, plan)
    values, counts = raw.weights @ raw.people, []
    for person in persons:
        other = replace(events, person=person[events.record])
        changed = changed_people(events.person, other.person)
        was, now = (_counts(raw, _some(whole, changed), plan, facts, advance) for whole in (events, other))
        counts.append(values + now - was)
        advance(1)
    raw.recounts = np.array(counts, np.int64).reshape(len(persons), len(raw.keys))


def _counts(raw: RawCounts, events: Events, plan: Plan, facts: LinkFacts, advance: Advance) -> Numbers:
    return heeded(lambda: count_again(raw, events, plan, facts), advance)


def changed_people(person: Numbers, other: Numbers) -> NDArray[np.bool_]:
    """bool (events,): whose person has not the same events under the other numbers."""
    if not len(person):
        return np.empty(0, bool)
    was, now = (rank(one - one.min(), int(one.max() - one.min()) + 1)[1] for one in (person, other))
    changed: NDArray[np.bool_] = _mixed(was, now) | _mixed(now, was)
    return changed


def _mixed(group: Numbers, other: Numbers) -> NDArray[np.bool_]:
    """bool (events,): whose group has events of more than one other group."""
    one_of = np.empty(int(group.max()) + 1, np.int64)
    one_of[group] = other
    mixed = np.zeros(len(one_of), bool)
    mixed[group[other != one_of[group]]] = True
    return mixed[group]


def _some(events: Events, kept: NDArray[np.bool_]) -> Events:
    """The events of some people."""
    start, end, is_open = events.start, events.end, events.is_open
    if events.timed:
        start, end, is_open = start[kept], end[kept], is_open[kept]
    return replace(
        events,
        person=events.person[kept],
        member=events.member[kept],
        record=events.record[kept],
        state=events.state[kept],
        start=start,
        end=end,
        is_open=is_open,
    )


def _of_all(events: Events, plan: Plan) -> tuple[Events, Plan]:
    """The same, with what definitions take from all events said outright, so that it holds for some of them."""
    if not events.timed or not len(events):
        return events, plan
    until = known_until(events, plan)
    if plan.known_until is None:
        events = replace(events, end=np.where(events.is_open, until, events.end).astype(np.int32))
    first = int(events.start.min()) if plan.first is None else plan.first
    return events, replace(plan, first=first, as_of=until)
