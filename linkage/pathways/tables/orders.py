"""Tables of who came where in which order: `ordered_pathway`, `sequence_pathway`, `first_touch`, `last_touch`."""

from __future__ import annotations

import numpy as np

from linkage.pathways.histories.numbering import Numbers, number_sequences, rank
from linkage.pathways.tables.draft import Draft
from linkage.pathways.traits import Trait
from schemas.pathway_text import CUT, STEP

OTHER_PATHWAYS = "other pathways"  # without saying how many: that bounds the orders, and so the people, of a hidden set
MOST_STEPS = 5
"""A sequence is cut after so many steps."""


def ordered_pathway(draft: Draft) -> None:
    """`ordered_pathway`: people by the order in which they first came to each state.

    Each state is named once, by the start of its first episode (which may lie before the window, as only the record has
    to intersect it). States that begin in the same period (or on the same day) are one step, in name order:
    `shelter>clinic+training`. Sums to people.
    """
    steps = draft.histories.ordered
    number, tree = draft.histories.orders
    texts = {at: draft.path_text(steps, tree.read(at)) for at in _frequent(draft, number, len(tree), "ordered")}
    title = "People by the order in which they first came to each state"
    _put(draft, ("ordered_pathway", title, "ordered"), number, len(tree), texts)


def sequence_pathway(draft: Draft) -> None:
    """`sequence_pathway`: people by all their episodes in order of start.

    Episodes that begin together are one step; a step that equals the one before is left out; after 5 steps the rest is
    written `>…`. So `a>b>a` came back to a. Sums to people.
    """
    walk, length = draft.histories.walk.cut(MOST_STEPS)
    number, tree = number_sequences(walk.starts, walk.code, walk.codes)
    number = 2 * number + (length > MOST_STEPS)
    texts = {
        at: draft.path_text(walk, tree.read(at // 2)) + (STEP + CUT if at % 2 else "")
        for at in _frequent(draft, number, 2 * len(tree), "sequence")
    }
    title = f"People by their episodes in order, up to {MOST_STEPS} steps"
    _put(draft, ("sequence_pathway", title, "sequence"), number, 2 * len(tree), texts)


def _frequent(draft: Draft, number: Numbers, bound: int, sort: str) -> list[int]:
    """The pathways that may have a row: those of enough people, or all where others settled which have one."""
    people = np.bincount(number, minlength=bound)
    least = 1 if sort in draft.named else max(draft.plan.pool_under, 1)
    return np.flatnonzero(people >= least).tolist()


def _put(draft: Draft, names: tuple[str, str, str], number: Numbers, bound: int, texts: dict[int, str]) -> None:
    """The trait and the table of pathways; those without a row are one sort, the last."""
    table, title, sort = names
    if (settled := draft.named.get(sort)) is not None:
        texts = {at: text for at, text in texts.items() if text in settled}
    place = np.full(bound, len(texts), np.int64)
    place[list(texts)] = np.arange(len(texts))
    value = place[number]
    trait = Trait(value, len(texts) + 1)
    every = np.arange(len(texts) + 1)
    trait.counts([(sort, text) for text in [*texts.values(), OTHER_PATHWAYS]], every, every)
    draft.traits.append(trait)
    pooled = bool((value == len(texts)).any())
    draft.put_pathways(table, title, "pathway", sort, texts.values(), OTHER_PATHWAYS, pooled=pooled)


def first_touch(draft: Draft) -> None:
    """`first_touch`: people by the state of their earliest episode; a tie is a row of its own, `clinic+shelter`.

    Sums to people, and is the row `(start)` of `transition_matrix` (which has all ties in `(several)`).
    """
    texts = count_ends(draft, "first")
    draft.put_pathways("first_touch", "People by the state they came to first", "state", "first", texts)


def last_touch(draft: Draft) -> None:
    """`last_touch`: people by the state of the episode that began last; a tie is a row of its own.

    The episode that began last need not be the one that ended last. Sums to people, and is the column `(end)` of
    `transition_matrix`.
    """
    texts = count_ends(draft, "last")
    draft.put_pathways("last_touch", "People by the state they came to last", "state", "last", texts)


def count_ends(draft: Draft, sort: str) -> list[str]:
    """Count people by their first or last step, once; gives the steps as tables write them."""
    if sort not in draft.ends:
        walk = draft.histories.walk
        distinct, value = rank(walk.first if sort == "first" else walk.last, walk.codes)
        texts = [draft.step_text(walk, int(one)) for one in distinct]
        trait = Trait(value, len(texts))
        trait.counts([(sort, text) for text in texts], np.arange(len(texts)), np.arange(len(texts)))
        draft.traits.append(trait)
        draft.ends[sort] = texts
    return draft.ends[sort]
