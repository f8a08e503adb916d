"""What a member knows without any release: the counts that it can make from its own rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from linkage.events import Events
from linkage.pathways.raw_counts import CountKey
from linkage.pathways.tables.draft import ALL
from schemas.pathway_text import read_path

_OF_MEMBER = frozenset({"member", "records", "doubles", "filled"})
_OF_STATE = frozenset({"state", "dwell", "dwell open", "flow", "late"})  # the first text is the state
_OF_TWO = frozenset({"pair", "lag", "never"})  # the first two are


def known_by_members(events: Events, keys: Iterable[CountKey]) -> Mapping[str, frozenset[CountKey]]:
    """For each member the counts that are made of its own rows alone.

    Its link map tells a member which of its records are one person. So it knows its people and records, and all counts
    about nothing but states in which it alone served anybody.
    """
    served = np.zeros((len(events.states), max(len(events.members), 1)), bool)
    served[events.state, events.member] = True
    only = {
        name: events.members[int(served[state].argmax())]
        for state, name in enumerate(events.states)
        if served[state].sum() == 1
    }
    known: dict[str, set[CountKey]] = {name: set() for name in events.members}
    for key in keys:
        owners = {key[1]} if key[0] in _OF_MEMBER else {only.get(state) for state in _states_of(key)}
        if len(owners) == 1 and (owner := owners.pop()) in known:
            known[owner].add(key)
    return {name: frozenset(keys) for name, keys in known.items()}


def _states_of(key: CountKey) -> tuple[str, ...]:
    """The states that a count is about, where it is about nothing else."""
    if key[0] in _OF_STATE or (key[0] == "within" and key[2] == ALL):
        return key[1:2]
    if key[0] in _OF_TWO:
        return key[1:3]
    if key[0] == "contains":
        return tuple(state for step in read_path(key[1]) for state in step)
    return ()
