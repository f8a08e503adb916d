"""Tables of who was where, whenever: `unduplicated`, `set_pathway`, `overlap_pairs`."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from linkage.pathways.histories.numbering import Numbers, Sequences, number_sequences, rank, starts_of
from linkage.pathways.raw_counts import CountKey, Derived, Rule
from linkage.pathways.tables.draft import PEOPLE, Draft, Rows
from linkage.pathways.traits import Trait
from schemas.pathway_text import write_set

SUM_OF_PEOPLE: CountKey = ("sum of people",)
ALL_MEMBERS = "all members"  # no member's name holds a space


def count_sets(draft: Draft) -> None:
    """Count people by the states they were in, and by the members they are at. Every release needs it."""
    trait, has = _trait_of_sets(*draft.histories.sets, len(draft.states))
    trait.count(PEOPLE, np.arange(trait.sorts))
    draft.sets = [write_set(draft.states[state] for state in np.flatnonzero(row)) for row in has]
    _count_each(trait, [("set", text) for text in draft.sets])
    _count_having(trait, has, [draft.people_in(state) for state in range(len(draft.states))])
    if draft.wants("overlap_pairs"):
        for a, b in combinations(range(len(draft.states)), 2):
            trait.count(("pair", draft.states[a], draft.states[b]), np.flatnonzero(has[:, a] & has[:, b]))
    draft.unknowns.guarded += [("set", text) for text in draft.sets]  # also where a table shows them
    draft.traits.append(trait)
    if draft.wants("unduplicated", "link_quality"):
        draft.at_members = (trait, has) if draft.plan.state_is_member else _trait_of_members(draft)
    if draft.wants("unduplicated"):
        _count_members(draft, *draft.at_members)


def _count_members(draft: Draft, trait: Trait, has: NDArray[np.bool_]) -> None:
    number = np.arange(len(draft.members))
    for name in (("records",), SUM_OF_PEOPLE):
        keys = [(*name, member) if name == ("records",) else name for member in draft.members]
        _count_having(trait, has, keys)
    people = np.bincount(trait.value, minlength=trait.sorts) @ has
    surplus = _records(draft) - people
    columns = draft.unknowns.add(surplus)
    for sort in ("doubles", "records"):
        draft.unknowns.counts([(sort, member) for member in draft.members], number, columns)
    draft.unknowns.guarded += [("doubles", member) for member in draft.members]
    draft.unknowns.persons([("records", member) for member in draft.members], people.tolist())


def _trait_of_members(draft: Draft) -> tuple[Trait, NDArray[np.bool_]]:
    """Where states are services: the members that people are at, which no table may tell of few."""
    events, members = draft.histories.events, max(len(draft.members), 1)
    pairs, _ = rank(draft.histories.who * members + events.member, draft.histories.people * members)
    person, member = np.divmod(pairs, members)
    numbered = number_sequences(starts_of(person, draft.histories.people), member, members)
    trait, has = _trait_of_sets(*numbered, len(draft.members))
    keys: list[CountKey] = [("members", write_set(draft.members[at] for at in np.flatnonzero(row))) for row in has]
    _count_each(trait, keys)
    _count_having(trait, has, [("member", name) for name in draft.members])
    draft.unknowns.guarded += keys
    draft.traits.append(trait)
    return trait, has


def _records(draft: Draft) -> Numbers:
    """int64 (members,): client records with an event."""
    events = draft.histories.events
    owner = np.full(int(events.record.max()) + 1 if len(events) else 0, -1, np.int64)
    owner[events.record] = events.member
    return np.bincount(owner[owner >= 0], minlength=len(draft.members))


def _trait_of_sets(number: Numbers, tree: Sequences, items: int) -> tuple[Trait, NDArray[np.bool_]]:
    """Which set of items each person has, and bool (sets, items): what is in each."""
    distinct, value = rank(number, len(tree))
    return Trait(value, len(distinct)), _incidence(tree, distinct, items)


def _incidence(tree: Sequences, numbers: Numbers, width: int) -> NDArray[np.bool_]:
    """bool (numbers, width): which codes each of some sequences has."""
    has = np.zeros((len(numbers), width), bool)
    rows, left = np.arange(len(numbers)), numbers
    while (going := left > 0).any():
        rows, left = rows[going], left[going]
        has[rows, tree.last[left]] = True
        left = tree.parent[left]
    return has


def _count_each(trait: Trait, keys: list[CountKey]) -> None:
    trait.counts(keys, np.arange(trait.sorts), np.arange(trait.sorts))


def _count_having(trait: Trait, has: NDArray[np.bool_], keys: list[CountKey]) -> None:
    sorts, which = np.nonzero(has)
    trait.counts(keys, which, sorts)


def unduplicated(draft: Draft) -> None:
    """`unduplicated`: people at each member, and over all members.

    Of a member: `records` are its client records with an event in the window; `people` are the persons that these are;
    `duplicate_share` is 1 - people / records. Of all members: `people` are counted once however many members they are
    at, `sum_of_people` once for each; `reduction` is 1 - people / sum_of_people. Members' people sum to
    `sum_of_people`.
    """
    rows: Rows = []
    for name in draft.members:
        records, people = ("records", name), ("member", name)
        rows.append(((name,), (records, people, Derived(Rule.REDUCTION, (people, records)), None, None)))
    reduction = Derived(Rule.REDUCTION, (PEOPLE, SUM_OF_PEOPLE))
    rows.append(((ALL_MEMBERS,), (None, PEOPLE, None, SUM_OF_PEOPLE, reduction)))
    measures = ("records", "people", "duplicate_share", "sum_of_people", "reduction")
    draft.put("unduplicated", "People at each member, and over all members", (("member",), measures), rows)


def set_pathway(draft: Draft) -> None:
    """`set_pathway`: people whose states are exactly these, whenever they were there. Sums to people."""
    draft.put_pathways("set_pathway", "People who were in exactly these states", "states", "set", draft.sets)


def overlap_pairs(draft: Draft) -> None:
    """`overlap_pairs`: for two states the people who were in both, whenever and wherever else they were.

    `people_a` and `people_b` are those in each; the shares are people / people_a and people / people_b; `jaccard` is
    people / (people_a + people_b - people). People in three states are in three rows: rows do not sum to anything.
    """
    rows: Rows = []
    for a, b in combinations(range(len(draft.states)), 2):
        names = draft.states[a], draft.states[b]
        both, of_a, of_b = ("pair", *names), draft.people_in(a), draft.people_in(b)
        shares = Derived(Rule.SHARE, (both, of_a)), Derived(Rule.SHARE, (both, of_b))
        rows.append((names, (both, of_a, of_b, *shares, Derived(Rule.JACCARD, (both, of_a, of_b)))))
    columns = (("a", "b"), ("people", "people_a", "people_b", "share_of_a", "share_of_b", "jaccard"))
    draft.put("overlap_pairs", "People who were in both of two states", columns, rows)
