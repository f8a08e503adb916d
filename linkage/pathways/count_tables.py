"""Count: events in, every table of the plan as raw counts out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from linkage.errors import WrongAgreement
from linkage.events import Events
from linkage.pathways.histories.trace import trace
from linkage.pathways.known import known_by_members
from linkage.pathways.link_facts import NOT_KNOWN, LinkFacts
from linkage.pathways.plan import Plan
from linkage.pathways.raw_counts import RawCounts
from linkage.pathways.tables.contains import contains_path
from linkage.pathways.tables.draft import Draft
from linkage.pathways.tables.dwell import dwell
from linkage.pathways.tables.flow import flow_by_period
from linkage.pathways.tables.groups import grouped_pathway
from linkage.pathways.tables.lag import lag
from linkage.pathways.tables.membership import count_sets, overlap_pairs, set_pathway, unduplicated
from linkage.pathways.tables.moves import transition_matrix
from linkage.pathways.tables.orders import first_touch, last_touch, ordered_pathway, sequence_pathway
from linkage.pathways.tables.quality import link_quality
from linkage.pathways.tables.within import transition_within
from linkage.pathways.traits import count_alike
from schemas import Level, Unit
from schemas.tables import TABLE_LEVELS

MAKERS: Mapping[str, Callable[[Draft], None]] = {
    "unduplicated": unduplicated,
    "set_pathway": set_pathway,
    "overlap_pairs": overlap_pairs,
    "ordered_pathway": ordered_pathway,
    "sequence_pathway": sequence_pathway,
    "first_touch": first_touch,
    "last_touch": last_touch,
    "transition_matrix": transition_matrix,
    "flow_by_period": flow_by_period,
    "contains_path": contains_path,
    "grouped_pathway": grouped_pathway,
    "transition_within": transition_within,
    "dwell": dwell,
    "lag": lag,
    "link_quality": link_quality,
}
"""Who makes which table. Each adds unknowns, counts of them, what is equal, and the rows."""

POOLED: Mapping[str, str] = {"ordered_pathway": "ordered", "sequence_pathway": "sequence"}
"""The tables with a row for rare pathways, and the sort of their counts."""


def count_tables(events: Events, plan: Plan, facts: LinkFacts = NOT_KNOWN) -> RawCounts:
    """Count every table of a plan.

    Args:
        events: service records that count, with their persons; in any order.
        plan: the tables, and the numbers in their definitions.
        facts: what the linker knows of records and pairs.

    Raises:
        WrongAgreement: a table needs finer times than the events have.
    """
    return _count(events, plan, {}, facts)


def count_again(raw: RawCounts, events: Events, plan: Plan, facts: LinkFacts = NOT_KNOWN) -> NDArray[np.int64]:
    """Count what was counted before, on events with other persons.

    Args:
        raw: what `count_tables` gave on the same plan.
        events: the same events, whose `person` comes from another cut of the same clustering.
        plan, facts: as counted.

    Returns:
        int64 (keys,): the new value of each of `raw.keys`. The row of pooled pathways pools the same ones and any new.
    """
    pooled = ((sort, raw.tables[table]) for table, sort in POOLED.items() if table in raw.tables)
    named = {sort: frozenset(keys[0] for keys, _ in table.rows) for sort, table in pooled}
    again = _count(events, plan, named, facts)
    values = dict(zip(again.keys, (again.weights @ again.people).tolist(), strict=True))
    return np.array([values.get(key, 0) for key in raw.keys], np.int64)


def _count(events: Events, plan: Plan, named: Mapping[str, frozenset[str]], facts: LinkFacts) -> RawCounts:
    # (1) times as fine as the tables need
    for table in plan.tables:
        if not events.timed and TABLE_LEVELS[table] is not Level.MEMBERSHIP:
            raise WrongAgreement(f"table {table} needs times, which these events do not have")
        if plan.unit is not Unit.DAY and TABLE_LEVELS[table] is Level.DAY:
            raise WrongAgreement(f"table {table} needs days, which these events do not have")
    # (2) everybody's sets, then what the tables ask for; people alike in all that is asked become one unknown
    draft = Draft(trace(events, plan), plan, named, facts)
    count_sets(draft)
    for table in plan.tables:
        MAKERS[table](draft)
    count_alike(draft.traits, draft.histories.people, draft.unknowns)
    # (3) what members know by themselves
    known = known_by_members(events, draft.unknowns.rows)
    return draft.unknowns.raw_counts(list(TABLE_LEVELS), known)
