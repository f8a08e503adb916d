"""Raw counts: every number that some table shows, as a sum of unknown numbers of people. In memory only.

The contract between counting (`linkage/pathways`, which makes one) and disclosure control (`linkage/disclosure`, which
alone reads one). What a clever reader can work out depends on how the counts hang together: that is what stands here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

CountKey = tuple[str, ...]
"""Which count: its sort, then the texts that say which one, such as ("set", "clinic+shelter")."""


class Rule(StrEnum):
    """How a number is made of counts."""

    SHARE = "share"  # of (part, whole): part / whole
    JACCARD = "jaccard"  # of (both, a, b): both / (a + b - both)
    REDUCTION = "reduction"  # of (fewer, more): 1 - fewer / more


@dataclass(frozen=True)
class Derived:
    """A number made of counts: hidden with any of them, not applicable where it would divide by zero."""

    rule: Rule
    of: tuple[CountKey, ...]


@dataclass(frozen=True)
class Statistic:
    """A number of a distribution, such as a median.

    Attributes:
        value: None where the distribution does not reach it (a median of mostly open stays).
        of: the count of people whose distribution it is: hidden with it.
        beyond: the fewest people on either side of it; where they are under the minimum it is hidden.
    """

    value: float | None
    of: CountKey
    beyond: int


Entry = CountKey | Derived | Statistic | None
"""What stands in one cell of a raw table; None: not applicable."""


@dataclass(frozen=True)
class RawTable:
    """A table before disclosure control: where each count goes.

    Attributes:
        name: one of `schemas.tables.TABLE_LEVELS`.
        title: one line for people.
        keys, measures: names of the columns.
        rows: for each row its keys, then one entry for each measure; in an order that tells nothing of the counts.
        listed_if_any: rows are there only because somebody is in them, so a reader knows that each is at least 1.
        pooled: the text of the row that takes the rare ones ("" where rows are never pooled). Such a table has one key
            and one measure, and every person is in exactly one of its rows.
    """

    name: str
    title: str
    keys: tuple[str, ...]
    measures: tuple[str, ...]
    rows: Sequence[tuple[tuple[str, ...], tuple[Entry, ...]]]
    listed_if_any: bool = False
    pooled: str = ""


class RawCounts:
    """Counts as sums of unknowns. Cannot be pickled, copied, serialised or printed.

    An unknown is a number of people (or moves of people) who are alike in every count of one block of tables. Blocks
    have unknowns of their own, so that their number stays small; what a reader knows to be equal across blocks
    (everybody of one is counted in another) stands in `identities`.

    Attributes:
        keys: every count; `weights` has a row for each.
        weights: int32 csr (keys, unknowns), none negative; a count is its row times `people`.
        people: int64 (unknowns,), none negative; the true numbers.
        persons: int64 (keys,); how many different people stand behind a count (a count of moves may have fewer).
        identities: int32 csr (identities, unknowns); `identities @ people` is 0, and every reader knows that.
        tables: the raw tables, by name, in the order of TABLE_LEVELS.
        guarded: counts that must not be worked out where they are small, whether or not a table shows them: the people
            of one exact set of states (and of members), a member's doubles (records less people).
        known: for each member the counts it can make from its own rows.
        recounts: int64 (cuts, keys); every count when the same clustering is cut a little lower or a little higher;
            (0, keys) where that was not tried.
    """

    __slots__ = ("guarded", "identities", "keys", "known", "people", "persons", "recounts", "tables", "weights")

    def __init__(
        self,
        keys: Sequence[CountKey],
        weights: csr_array,
        people: NDArray[np.int64],
        *,
        tables: Mapping[str, RawTable],
        persons: NDArray[np.int64] | None = None,
        identities: csr_array | None = None,
        guarded: Sequence[CountKey] = (),
        known: Mapping[str, frozenset[CountKey]] | None = None,
        recounts: NDArray[np.int64] | None = None,
    ) -> None:
        self.keys, self.weights, self.people, self.tables = tuple(keys), weights, people, tables
        values = weights @ people
        self.persons = values if persons is None else persons
        self.identities = csr_array((0, len(people)), dtype=np.int32) if identities is None else identities
        self.guarded, self.known = tuple(guarded), known or {}
        self.recounts = np.empty((0, len(self.keys)), np.int64) if recounts is None else recounts

    def __repr__(self) -> str:
        return "RawCounts(not shown)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("raw counts stay in memory: they are not copied, pickled or serialised")
