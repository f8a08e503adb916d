"""The table `transition_matrix`: from each state to the next."""

from __future__ import annotations

import numpy as np

from linkage.pathways.histories.numbering import Numbers, distinct
from linkage.pathways.raw_counts import CountKey, Derived, Rule
from linkage.pathways.tables.draft import ALL, PEOPLE, SEVERAL, Draft, Rows
from linkage.pathways.tables.orders import count_ends
from schemas.pathway_text import write_set

START, END = "(start)", "(end)"


def transition_matrix(draft: Draft) -> None:
    """`transition_matrix`: moves from a state to the next different one.

    A person's steps are those of `sequence_pathway`, uncut: every two neighbours are a move, and so are the way in,
    from `(start)` to the first step, and the way out, from the last step to `(end)`, which says that no other state
    came until the as-of day. A step of two or more states is `(several)`; from `(several)` to `(several)` the states
    differ. Somebody who moves often counts often.

    `row_share` is moves / the row `(all)` of the same `from`. What comes to a state equals what goes from it; the row
    `(start)` is `first_touch`, the column `(end)` is `last_touch`, and both sum to people.
    """
    nodes = [*draft.states, SEVERAL]
    sources, targets = [*nodes, START], [*nodes, END]
    source, target, person = _moves(draft)
    pairs = [(a, b) for a in range(len(sources)) for b in range(len(targets)) if _can_be(a, b, len(draft.states))]
    of, to = np.array(pairs, np.int64).reshape(-1, 2).T
    cell, size = source * len(targets) + target, len(sources) * len(targets)
    columns = draft.unknowns.add(np.bincount(cell, minlength=size)[of * len(targets) + to])
    keys: list[CountKey] = [("move", sources[a], targets[b]) for a, b in pairs]
    draft.unknowns.counts(keys, np.arange(len(pairs)), columns)
    draft.unknowns.persons(keys, _people(cell, person, size)[of * len(targets) + to].tolist())
    wholes: list[CountKey] = [*(("move", node, ALL) for node in nodes), PEOPLE]
    draft.unknowns.counts(wholes[:-1], of[of < len(nodes)], columns[of < len(nodes)])
    draft.unknowns.persons(wholes[:-1], _people(source, person, len(sources))[:-1].tolist())
    _tie(draft, of, to, columns)
    rows: Rows = [(key[1:], (key, Derived(Rule.SHARE, (key, wholes[a])))) for key, a in zip(keys, of, strict=True)]
    ends = np.flatnonzero(np.diff(of, append=-1)) + 1
    for at in reversed(range(len(sources))):
        rows.insert(int(ends[at]), ((sources[at], ALL), (wholes[at], None)))
    draft.put("transition_matrix", "Moves from a state to the next", (("from", "to"), ("moves", "row_share")), rows)


def _moves(draft: Draft) -> tuple[Numbers, Numbers, Numbers]:
    """From which node each move goes, to which, and whose it is; `(start)` and `(end)` are one more than the nodes."""
    walk, states = draft.histories.walk, len(draft.states)
    node = np.minimum(walk.code, states)
    everyone, outside = np.arange(walk.people), np.full(walk.people, states + 1)
    goes_on = np.flatnonzero(np.diff(walk.person) == 0)
    source = np.concatenate([outside, node[goes_on], node[walk.starts[1:] - 1]])
    target = np.concatenate([node[walk.starts[:-1]], node[goes_on + 1], outside])
    return source, target, np.concatenate([everyone, walk.person[goes_on], everyone])


def _can_be(source: int, target: int, several: int) -> bool:
    """Whether anybody can move so: not to the same state, and not past all of them."""
    return source != target or source == several


def _people(cell: Numbers, person: Numbers, cells: int) -> Numbers:
    """int64 (cells,): how many different people each cell has."""
    people = int(person.max()) + 1 if len(person) else 0
    once = distinct(cell * people + person)
    return np.bincount(once // max(people, 1), minlength=cells)


def _tie(draft: Draft, of: Numbers, to: Numbers, columns: Numbers) -> None:
    """What comes to a node goes from it; what comes from the start and goes to the end is in other tables too."""
    several = len(draft.states)
    for node in range(several + 1):
        draft.unknowns.tie_columns(columns[to == node], columns[of == node])
    for sort, here, there in (("first", of, to), ("last", to, of)):
        texts = count_ends(draft, sort)
        single = [write_set([state]) for state in draft.states]
        for state, text in enumerate(single):
            draft.unknowns.tie([(sort, text)], columns[(here == several + 1) & (there == state)])
        tied = [(sort, text) for text in texts if text not in single]
        draft.unknowns.tie(tied, columns[(here == several + 1) & (there == several)])
