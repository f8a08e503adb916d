"""A pattern: which counts a draft of a release shows, what that tells a reader, and what must not be worked out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from linkage.disclosure.policies import Policy
from linkage.disclosure.relations import Flags, Numbers, Pool, Relations

FREE = np.int64(2**40)
"""As good as no limit: more than all people there are."""

_NEARLY = 1e-6  # people; as near as HiGHS comes

Limits = tuple[Numbers, Numbers]
"""By how much each count may differ from the truth at least and at most: int64 (counts,) each."""

OUTSIDE = ""
"""The reader who has no rows of its own."""


@dataclass(frozen=True, eq=False)
class Guarded:
    """Counts that no reader may work out.

    Attributes:
        weights: int64 csr (guarded, unknowns).
        values: int64 (guarded,); the true counts.
        number: int64 (guarded,); the number of the count in `Relations`, -1 where it is a remainder of counts.
        spread: int64 (guarded,); how far apart the least and the most that it may be have to lie.
        top: int64 (guarded,); what the most has to be at least.
    """

    weights: csr_array
    values: Numbers
    number: Numbers
    spread: Numbers
    top: Numbers

    def __len__(self) -> int:
        return len(self.values)

    def some(self, which: Flags | Numbers) -> Guarded:
        """Those of them."""
        weights = csr_array(self.weights[which])
        return Guarded(weights, self.values[which], self.number[which], self.spread[which], self.top[which])


@dataclass(eq=False)
class Pattern:
    """A draft of a release.

    Attributes:
        relations: how the counts hang together.
        policy, minimum: the rule.
        shown: bool (counts,); which counts are shown, or were by an earlier release. A count in a pool that is not
            shown is part of the row of the rare ones; a pool's total is shown when that row is.
        before: what earlier releases of the same people tell of counts: int64 (2, counts), least and most; equal where
            they told the count. -1 and FREE where they told nothing.
        once: bool (counts,); counts that an earlier release of the same people hid.
        reach: int64 (counts,); what the most that a hidden count may be has to be at least, for all that a reader
            knows of the same count in a release of other people; 0 where nothing of the kind.
        changed: bool (counts,); counts that are hidden because they differ by a few people from an earlier release.
        told: int64 (2, counts); least and most that the number tells that is shown for a count.
    """

    relations: Relations
    policy: Policy
    minimum: int
    shown: Flags
    told: Numbers
    before: Numbers = field(default_factory=lambda: np.empty((2, 0), np.int64))
    once: Flags = field(default_factory=lambda: np.empty(0, bool))
    reach: Numbers = field(default_factory=lambda: np.empty(0, np.int64))
    changed: Flags = field(default_factory=lambda: np.empty(0, bool))

    def __post_init__(self) -> None:
        size = len(self.relations.keys)
        if not self.before.size:
            self.before = np.array([[-1], [FREE]], np.int64) * np.ones(size, np.int64)
        self.once = self.once if len(self.once) else np.zeros(size, bool)
        self.reach = self.reach if len(self.reach) else np.zeros(size, np.int64)
        self.changed = self.changed if len(self.changed) else np.zeros(size, bool)

    @property
    def need(self) -> int:
        """How far apart the least and the most of a hidden count have to lie."""
        return self.minimum - 1

    def limits(self, pinned: Flags) -> Limits:
        """By how much each count may differ from the truth at least and at most, for all that a reader knows.

        Args:
            pinned: bool (counts,); counts that the reader knows by itself.
        """
        relations, values = self.relations, self.relations.values
        low, high = -values, np.full(len(values), FREE)
        cells = (relations.cells > 0) & (relations.pool_of < 0)
        low[cells] = np.minimum(self.policy.hidden_least - values[cells], 0)
        for pool in relations.pools:
            low[pool.total] = min(self.policy.hidden_least - self.rest(pool), 0)
        low[self.shown], high[self.shown] = (self.told - values)[:, self.shown]
        low = np.maximum(low, self.before[0] - values)
        high = np.minimum(high, self.before[1] - values)
        fixed: Flags = pinned | ((values == 0) & self.shown)
        low[fixed] = high[fixed] = 0
        return low, high

    def room(self, pinned: Flags) -> Numbers:
        """int64 (counts,): by how much each count could fall if it were hidden; -1 where it cannot be."""
        relations = self.relations
        fall = relations.values - np.where(relations.pool_of < 0, self.policy.hidden_least, 0)
        for pool in relations.pools:
            fall[pool.total] = self.rest(pool) - self.policy.hidden_least
        told = self.before[1] < FREE  # what was told before cannot be taken back
        can = self.shown & (relations.cells > 0) & ~pinned & ~told & (fall >= 0)
        for pool in relations.pools:
            can[pool.total] &= self.rest(pool) > 0
        return np.where(can, fall, -1)

    def hidden_cells(self) -> Numbers:
        """The numbers of the counts that cells hide, small ones or others; not the rows of pools."""
        relations = self.relations
        hidden = (relations.cells > 0) & ~self.shown & (relations.pool_of < 0)
        hidden[[pool.total for pool in relations.pools]] = False
        return np.flatnonzero(hidden)

    def is_plausible(self, changed: NDArray[np.float64]) -> Flags:
        """bool (co-ops,): whether the rule would hide anything of a co-op in which counts differ so from the truth.

        A reader knows that something was small, or nothing would be hidden at all; unless counts may be hidden because
        they changed.

        Args:
            changed: float64 (co-ops, counts); by how much each count differs.
        """
        hidden = self.hidden_cells()
        values = self.relations.values[hidden]
        few = self.relations.persons[hidden] < np.minimum(values, self.minimum)  # many moves of a few people
        truly = self.policy.small(values, values, self.minimum)
        if few.any() or not truly.any() or self.changed.any():
            return np.ones(len(changed), bool)
        there = values + changed[:, hidden]
        least = self.policy.hidden_least
        small = (there > least - _NEARLY) & (there < self.minimum - 1 + _NEARLY)
        return np.asarray(small.any(axis=1), bool)

    def hide(self, counts: Numbers) -> None:
        """Hide shown counts. What is taken out of a pool's named rows is in the row of the rare ones."""
        self.shown[counts] = False

    def may_show(self, number: int) -> bool:
        """Whether a hidden count that is not small may be shown: a row of rare ones must not become small by it."""
        relations = self.relations
        for pool in relations.pools:
            rest = self.rest(pool)
            if number == pool.total:
                return rest == 0 or rest >= self.minimum
            if number in pool.named and self.shown[pool.total]:
                left = rest - int(relations.values[number])
                return left == 0 or left >= self.minimum
        return True

    def named(self, pool: Pool) -> Numbers:
        """The numbers of the counts that have a row of their own."""
        return pool.named[self.shown[pool.named]]

    def rest(self, pool: Pool) -> int:
        """How many people are in the row of the rare ones."""
        values = self.relations.values
        return int(values[pool.total] - values[self.named(pool)].sum())

    def rest_row(self, pool: Pool) -> NDArray[np.int64]:
        """int64 (unknowns,): what the row of the rare ones is made of."""
        weights = self.relations.weights
        total: NDArray[np.int64] = weights[[pool.total]].toarray()[0] - weights[self.named(pool)].sum(axis=0)
        return total

    def guarded(self) -> Guarded:
        """What must not be worked out from this draft; each count once.

        (1) Counts that a cell hides, in this release or in an earlier one of the same people; (2) small ones that no
        table shows; (3) hidden rows of rare ones; (4) the small remainder of any count whose other people are in named
        rows of a pool, since the count less the named rows would tell it.
        """
        relations = self.relations
        small = self.policy.small(relations.values, relations.persons, self.minimum) & (relations.values > 0)
        is_total = np.zeros(len(relations.keys), bool)
        is_total[[pool.total for pool in relations.pools]] = True
        cells = (relations.cells > 0) & (relations.pool_of < 0) & ~is_total
        # a count of nobody that nobody could be in is known by all who know which kinds of people there are
        some = np.diff(relations.weights.indptr) > 0
        hidden = ((cells | self.once | self.changed) & ~self.shown | relations.watched & small) & some  # (1), (2)
        number = np.flatnonzero(hidden & ~is_total)
        rests = list(self._small_rests(small))
        rests += [self.rest_row(one) for one in relations.pools if not self.shown[one.total] and self.rest(one)]  # (3)
        distinct = list({row.tobytes(): row for row in rests}.values())
        dense = csr_array(np.array(distinct, np.int64).reshape(len(distinct), len(relations.people)))
        weights = csr_array(vstack([relations.weights[number], dense]))
        values = weights @ relations.people
        top = np.full(len(values), self.minimum, np.int64)
        top[: len(number)] = np.maximum(top[: len(number)], self.reach[number])
        numbers = np.concatenate([number, np.full(len(values) - len(number), -1)])
        return Guarded(weights, values, numbers, np.full(len(values), self.need, np.int64), top)

    def _small_rests(self, small: Flags) -> Iterator[NDArray[np.int64]]:
        relations = self.relations
        seen = self.shown | (relations.cells > 0) & (relations.pool_of < 0) | relations.watched & small
        for pool in relations.pools:
            named = self.named(pool)
            if not len(named):
                continue
            unnamed = self.rest_row(pool)
            others = np.flatnonzero(seen & (relations.pool_of != relations.pools.index(pool)))
            others = others[others != pool.total]
            rows = relations.weights[others]
            rests = csr_array(rows.multiply(unnamed[None, :]))
            rests.eliminate_zeros()
            values = rests @ relations.people
            is_part = np.diff(rests.indptr) < np.diff(rows.indptr)
            ones = rows.max(axis=1).toarray().ravel() == 1
            for number in np.flatnonzero((values > 0) & (values < self.minimum) & is_part & ones):
                yield rests[[number]].toarray()[0]


def first_draft(relations: Relations, policy: Policy, minimum: int, told: Numbers) -> Pattern:
    """Everything shown that is not small; the rows of rare ones filled until they may be shown."""
    small = policy.small(relations.values, relations.persons, minimum)
    pattern = Pattern(relations, policy, minimum, ~small & (relations.cells > 0), told)
    for pool in relations.pools:
        fill_rest(pattern, pool)
    return pattern


def fill_rest(pattern: Pattern, pool: Pool) -> None:
    """Put the smallest named counts into the row of the rare ones until so many people are in it that it is shown.

    One that shares a set of people with a rare one goes first: it hides how many of them took the rare one.
    """
    relations = pattern.relations
    while 0 < pattern.rest(pool) < pattern.minimum and len(named := pattern.named(pool)):
        rare = pattern.rest_row(pool)
        rows = [n for n in np.flatnonzero((relations.pool_of < 0) & (relations.cells > 0)) if n != pool.total]
        near = relations.weights[rows]
        alike = near.T @ (near @ rare)  # for each unknown: how many counts it shares with rare ones
        likeness = relations.weights[named] @ alike / relations.weights[named].sum(axis=1)
        pattern.shown[named[np.lexsort((relations.values[named], -likeness))[0]]] = False
    rest = pattern.rest(pool)
    pattern.shown[pool.total] = rest >= pattern.minimum or not rest
