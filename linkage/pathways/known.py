"""What a member knows without any release: the counts that it can make from its own rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from linkage.events import Events
from linkage.pathways.raw_counts import CountKey

_OF_MEMBER = frozenset({"member", "records", "surplus"})
_OF_STATE = frozenset({"state", "dwell", "dwell open", "flow"})  # the first text is the state
_OF_TWO = frozenset({"pair", "lag", "never"})  # the first two are


def known_by_members(events: Events, keys: Iterable[CountKey]) -> Mapping[str, frozenset[CountKey]]:
    """For each member the counts that are made of its own rows alone.

    Its link map tells a member which of its records are one person. So it knows its people and records, and all counts
    about a state (or two) in which it alone served anybody.
    """
    alone = np.full(len(events.states), -1)
    for state in range(len(events.states)):
        at = events.member[events.state == state]
        if len(at) and (at == at[0]).all():
            alone[state] = at[0]
    owner = {name: int(alone[state]) for state, name in enumerate(events.states)}
    number = {name: at for at, name in enumerate(events.members)}
    known: dict[int, set[CountKey]] = {at: set() for at in range(len(events.members))}
    for key in keys:
        owners: set[int] = set()
        if key[0] in _OF_MEMBER:
            owners = {number[key[1]]}
        elif key[0] in _OF_STATE:
            owners = {owner[key[1]]}
        elif key[0] in _OF_TWO:
            owners = {owner[key[1]], owner[key[2]]}
        if len(owners) == 1 and (one := owners.pop()) >= 0:
            known[one].add(key)
    return {name: frozenset(known[at]) for at, name in enumerate(events.members)}
