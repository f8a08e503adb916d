"""The table `link_quality`: how far lists could be linked, by what the linker knows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from linkage.pathways.histories.numbering import Numbers
from linkage.pathways.link_facts import LinkFacts
from linkage.pathways.raw_counts import CountKey, Derived, Entry, Rule
from linkage.pathways.tables.draft import PEOPLE, Draft, Rows

ALL_MEMBERS = "all members"  # no member's name holds a space
YES, NO = "yes", "no"
LINKED, NOT_LINKED = "linked", "not linked"
FILLED = (("95 % or more", 0.95), ("85 to 95 %", 0.85), ("under 85 %", 0.0))
"""Bands of the usual number of bits. At the example co-op's clinic, CLKs of records that lack nothing have 376 bits set
on average (15 more or less), those that lack one field 348, two 305 (docs/decisions/0012)."""


def link_quality(draft: Draft) -> None:
    """`link_quality`: people of each member by whether they are at another one, and by how full their records are;
    people by the number of members; pairs of records by score.

    Topics `linked`, `complete` and `group_size` count people, as all tables do: those with an event in the window. Then
    `linked` and `group_size` are sums of the people that other tables count, and hang together with them. The fields of
    a record are not known where it is linked; `complete` goes by the bits that its CLK has set, as a share of what most
    have, and takes a person's fullest record at the member. `score` counts all candidate pairs that the run found, of
    one member or two, whenever they were served.
    """
    trait, has = draft.at_members
    many = has.sum(axis=1)
    rows: Rows = []
    for number, name in enumerate(draft.members):
        for text, which in ((YES, many > 1), (NO, many == 1)):
            key: CountKey = ("linked", name, text)
            trait.count(key, np.flatnonzero(has[:, number] & which))
            rows.append((("linked", name, text), (key, Derived(Rule.SHARE, (key, ("member", name))))))
    if len(draft.facts.bits):
        rows += _complete(draft, many[trait.value] > 1)
    for size in range(1, len(draft.members) + 1):
        key = ("at members", str(size))
        trait.count(key, np.flatnonzero(many == size))
        rows.append((("group_size", ALL_MEMBERS, str(size)), (key, Derived(Rule.SHARE, (key, PEOPLE)))))
    rows += _scores(draft, draft.facts)
    columns = (("topic", "member", "category"), ("count", "share"))
    draft.put("link_quality", "How well records could be linked", columns, rows)


def _complete(draft: Draft, is_linked: NDArray[np.bool_]) -> Rows:
    """People of each member by how full their records are, and whether they are at another member."""
    counts = _by_filled(draft, is_linked)
    rows: Rows = []
    for number, name in enumerate(draft.members):
        columns = draft.unknowns.add(counts[number].ravel()).reshape(counts[number].shape)
        for at, (band, _) in enumerate(FILLED):
            # the member has its own encodings: it knows how many are in a band
            draft.unknowns.count(("filled", name, band), columns[at])
            for link, (text, how) in enumerate(((LINKED, YES), (NOT_LINKED, NO))):
                key: CountKey = ("complete", name, band, how)
                draft.unknowns.count(key, columns[at, [link]])
                share: Entry = Derived(Rule.SHARE, (key, ("member", name)))
                rows.append((("complete", name, f"{band}, {text}"), (key, share)))
        for link, how in enumerate((YES, NO)):
            draft.unknowns.tie([("linked", name, how)], columns[:, link])
    return rows


def _by_filled(draft: Draft, is_linked: NDArray[np.bool_]) -> Numbers:
    """int64 (members, bands, 2): people by the fullest record that they have at a member; linked, not linked."""
    histories, members = draft.histories, len(draft.members)
    events, facts = histories.events, draft.facts
    fullest = np.full((histories.people, members), -1.0)
    np.maximum.at(fullest, (histories.who, events.member), facts.bits[events.record] / facts.usual_bits)
    person, member = np.nonzero(fullest >= 0)
    limits = np.array([limit for _, limit in FILLED])
    band = (fullest[person, member][:, None] < limits).sum(axis=1)
    cell = (member * len(FILLED) + band) * 2 + ~is_linked[person]
    return np.bincount(cell, minlength=members * len(FILLED) * 2).reshape(members, len(FILLED), 2)


def _scores(draft: Draft, facts: LinkFacts) -> Rows:
    keys: list[CountKey] = [("score", band) for band in facts.bands]
    columns = draft.unknowns.add(facts.pairs)
    draft.unknowns.counts(keys, np.arange(len(keys)), columns)
    draft.unknowns.persons(keys, np.minimum(facts.people, facts.pairs).tolist())
    return [(("score", ALL_MEMBERS, band), (key, None)) for band, key in zip(facts.bands, keys, strict=True)]
