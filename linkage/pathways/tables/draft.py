"""What the makers of tables share: the histories, the plan, and the counts made so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from linkage.pathways.histories.steps import Steps
from linkage.pathways.histories.trace import Histories
from linkage.pathways.link_facts import NOT_KNOWN, LinkFacts
from linkage.pathways.plan import Plan
from linkage.pathways.raw_counts import CountKey, Entry, RawTable
from linkage.pathways.traits import Trait
from linkage.pathways.unknowns import Unknowns
from schemas.pathway_text import size_of, write_path, write_set

PEOPLE: CountKey = ("people",)

ALL = "(all)"  # a row's total: what its shares are shares of
SEVERAL = "(several)"  # two or more states that begin at the same time

Columns = tuple[tuple[str, ...], tuple[str, ...]]
Rows = list[tuple[tuple[str, ...], tuple[Entry, ...]]]


@dataclass(eq=False)
class Draft:
    """The counts of one release in the making.

    Attributes:
        histories, plan: what is counted, and how.
        named: by sort of count (such as "sequence") the pathways that have a row of their own, where that is settled
            already; else those of `plan.pool_under` people or more.
        unknowns, traits: what was made so far.
        facts: what the linker knows of records and pairs.
        at_members: the set of members that everybody is at, and bool (sets, members): who is in each; once made.
        sets: every set of states that somebody was in exactly, as tables write it.
        ends: by "first" and "last" the steps that somebody's walk begins or ends with, as tables write them; once made.
    """

    histories: Histories
    plan: Plan
    named: Mapping[str, frozenset[str]] = field(default_factory=dict)
    facts: LinkFacts = NOT_KNOWN
    at_members: tuple[Trait, NDArray[np.bool_]] = field(init=False)
    unknowns: Unknowns = field(default_factory=Unknowns)
    traits: list[Trait] = field(default_factory=list)
    sets: list[str] = field(default_factory=list)
    ends: dict[str, list[str]] = field(default_factory=dict)

    @property
    def members(self) -> tuple[str, ...]:
        """The members' names."""
        return self.histories.events.members

    @property
    def states(self) -> tuple[str, ...]:
        """The states' names."""
        return self.histories.events.states

    def wants(self, *tables: str) -> bool:
        """Whether any of these tables is asked for."""
        return not set(tables).isdisjoint(self.plan.tables)

    def people_in(self, state: int) -> CountKey:
        """The count of a state's people: a member's, where states are members, so that nothing is counted twice."""
        return ("member" if self.plan.state_is_member else "state", self.states[state])

    def step_text(self, steps: Steps, code: int) -> str:
        """A step as tables write it: `clinic+training`."""
        return write_set(self.states[state] for state in steps.states_of(code))

    def path_text(self, steps: Steps, codes: Iterable[int]) -> str:
        """A pathway as tables write it: `shelter>clinic+training`."""
        return write_path([self.states[state] for state in steps.states_of(code)] for code in codes)

    def put(self, name: str, title: str, columns: Columns, rows: Rows, *, listed_if_any: bool = False) -> None:
        """A table is made; its columns are keys and measures."""
        self.unknowns.tables[name] = RawTable(name, title, *columns, rows, listed_if_any=listed_if_any)

    def put_pathways(
        self, name: str, title: str, key: str, sort: str, texts: Iterable[str], pool: str = "", *, pooled: bool = False
    ) -> None:
        """A table of people by pathways that occur, in an order that tells nothing of the counts.

        Args:
            key: what the column of pathways is called.
            sort: of the counts.
            pool: what the row is called that takes the pathways without a row; it is the last.
            pooled: whether somebody is in that row.
        """
        keys: list[CountKey] = [(sort, text) for text in sorted(texts, key=size_of)]
        keys += [(sort, pool)] if pooled else []
        rows: Rows = [(count[1:], (count,)) for count in keys]
        table = RawTable(name, title, (key,), ("people",), rows, listed_if_any=True, pooled=pool)
        self.unknowns.tables[name] = table
