"""The table `grouped_pathway`: the agreement's own groups of pathways."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from linkage.errors import BadInput
from linkage.pathways.histories.numbering import Numbers, distinct
from linkage.pathways.hud_lsa import GROUPS, NO_SUCH_PROJECT, group_of
from linkage.pathways.raw_counts import CountKey
from linkage.pathways.tables.draft import Draft, Rows
from linkage.pathways.traits import Trait
from schemas.pathway_text import read_path
from schemas.pathways_asked import ALL_OTHER, HUD_LSA


def grouped_pathway(draft: Draft) -> None:
    """`grouped_pathway`: people by groups of pathways that the agreement names.

    A pathway with `>` is an ordered one, as in `ordered_pathway`; one without is a set, whatever the order, as in
    `set_pathway`. Somebody is in the group that names their ordered pathway; else in the one that names their set; else
    in `all other`. So everybody is in one group: sums to people. With the preset `hud-lsa` the groups are the twelve
    SystemPath sets of HUD's LSA, and `no such project` for people in no shelter or housing project.
    """
    if draft.plan.preset == HUD_LSA:
        names, value = [*GROUPS, ALL_OTHER, NO_SUCH_PROJECT], _system_path(draft)
    else:
        names, value = [*(group.name for group in draft.plan.groups), ALL_OTHER], _by_pathway(draft)
    keys: list[CountKey] = [("group", name) for name in names]
    trait = Trait(value, len(names))
    trait.counts(keys, np.arange(len(names)), np.arange(len(names)))
    draft.traits.append(trait)
    rows: Rows = [(key[1:], (key,)) for key in keys]
    draft.put("grouped_pathway", "People by groups of pathways", (("group",), ("people",)), rows)


def _system_path(draft: Draft) -> Numbers:
    """int64 (people,): the number of everybody's SystemPath."""
    number, tree = draft.histories.sets
    if not any(group_of([name]) != NO_SUCH_PROJECT for name in draft.states) and draft.histories.people:
        raise BadInput(
            "the preset hud-lsa finds no project type among the services",
            fix="name services ES, SH, TH, RRH, PSH, or as HUD's project types are written",
        )
    place = {name: at for at, name in enumerate([*GROUPS, ALL_OTHER, NO_SUCH_PROJECT])}
    group = np.zeros(len(tree), np.int64)
    for at in distinct(number).tolist():
        group[at] = place[group_of([draft.states[state] for state in tree.read(at)])]
    return group[number]


def _by_pathway(draft: Draft) -> Numbers:
    """int64 (people,): the number of everybody's group."""
    value = np.full(draft.histories.people, len(draft.plan.groups), np.int64)
    asked = [(read_path(text), at) for at, group in enumerate(draft.plan.groups) for text in group.pathways]
    for path, at in sorted(asked, key=lambda one: len(one[0]) > 1):  # an order says more than a set, and wins
        value[_who_took(draft, path)] = at
    return value


def _who_took(draft: Draft, path: tuple[tuple[str, ...], ...]) -> NDArray[np.bool_]:
    """bool (people,): whose pathway this is; a single step is a set."""
    histories, place = draft.histories, {name: at for at, name in enumerate(draft.states)}
    found: int | None = None
    if all(name in place for step in path for name in step):
        steps = [sorted(place[name] for name in step) for step in path]
        if len(steps) == 1:
            found = histories.sets[1].find(steps[0])
        else:
            codes = [histories.ordered.code_of(step) for step in steps]
            found = None if None in codes else histories.orders[1].find([code for code in codes if code is not None])
    number = (histories.sets if len(path) == 1 else histories.orders)[0]
    took: NDArray[np.bool_] = number == (-1 if found is None else found)
    return took
