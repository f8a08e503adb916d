"""What average linkage is, in plain Python: `native/` must find the same groups, exactly."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from fractions import Fraction
from itertools import count

import numpy as np

from linkage.candidates.pair_graph import PairGraph
from linkage.clustering.groups import Groups, number_groups
from schemas.console import Advance, unheard

SCORE_UNITS = 2**31
"""Scores are counted in 2^-31: whole numbers, so that sums do not depend on their order. Two Dice coefficients of
filters of b bits that differ do so by 1 / (2b)^2 or more, 2^-22 at 1024 bits: they stay apart."""

BETWEEN_TELLING = (
    1 << 12
)  # pairs of groups looked at between two tellings that work goes on: some hundredths of a second

_Edge = tuple[int, int]
"""Sum of the scores and number of the candidate pairs between two groups."""


def fixed(score: float) -> int:
    """A score in units of 2^-31."""
    return round(score * SCORE_UNITS)


def cluster_average(
    graph: PairGraph,
    threshold: float,
    *,
    missing_score: float,
    one_per_member: bool = False,
    advance: Advance = unheard,
) -> Groups:
    """See `linkage.clustering.average.cluster_average`; nothing is checked here."""
    merging = _Merging(graph, missing_score, one_per_member=one_per_member)
    least = fixed(threshold)
    queue = [(-average, a, b) for a, b, average in merging.averages() if average >= least]
    heapq.heapify(queue)
    for looks in count():
        if looks % BETWEEN_TELLING == 0:
            advance(0)
        if not queue:
            break
        falling, a, b = heapq.heappop(queue)
        if not merging.stands(a, b, -falling):
            continue
        merging.merge(a, b)
        for other in merging.neighbours[a]:
            if (average := merging.average(a, other)) >= least:
                heapq.heappush(queue, (-average, min(a, other), max(a, other)))
    return number_groups(graph.offsets, np.array([merging.first_of(r) for r in range(graph.records)], np.int64))


class _Merging:
    """Groups under way, each named by its first record."""

    def __init__(self, graph: PairGraph, missing_score: float, *, one_per_member: bool) -> None:
        self.missing_score = fixed(missing_score)
        self.neighbours: dict[int, dict[int, _Edge]] = {}
        self.size = [1] * graph.records
        self.parent = list(range(graph.records))
        self.members = [{m} for m in graph.member.tolist()] if one_per_member else None
        for a, b, score in zip(graph.left.tolist(), graph.right.tolist(), graph.score.tolist(), strict=True):
            self.neighbours.setdefault(a, {})[b] = (fixed(score), 1)
            self.neighbours.setdefault(b, {})[a] = (fixed(score), 1)

    def averages(self) -> Iterator[tuple[int, int, Fraction]]:
        """Each pair of groups with a candidate pair between them, once, and its average."""
        for a, edges in self.neighbours.items():
            for b in edges:
                if a < b:
                    yield a, b, self.average(a, b)

    def average(self, a: int, b: int) -> Fraction:
        """The average score between two groups, in units; missing pairs count `missing_score`."""
        total, pairs = self.neighbours[a][b]
        all_pairs = self.size[a] * self.size[b]
        return Fraction(total + self.missing_score * (all_pairs - pairs), all_pairs)

    def stands(self, a: int, b: int, average: Fraction) -> bool:
        """Whether both groups still exist with this average between them, and may merge."""
        if self.parent[a] != a or self.parent[b] != b or self.average(a, b) != average:
            return False
        return self.members is None or self.members[a].isdisjoint(self.members[b])

    def merge(self, a: int, b: int) -> None:
        """Take group b (the later one) into group a."""
        into, absorbed = self.neighbours[a], self.neighbours.pop(b)
        del into[b], absorbed[a]
        for other, (total, pairs) in absorbed.items():
            edges = self.neighbours[other]
            del edges[b]
            total_before, pairs_before = into.get(other, (0, 0))
            into[other] = edges[a] = (total_before + total, pairs_before + pairs)
        self.size[a] += self.size[b]
        self.parent[b] = a
        if self.members is not None:
            self.members[a] |= self.members[b]

    def first_of(self, record: int) -> int:
        """The first record of the group that a record is in (paths are shortened on the way)."""
        while self.parent[record] != record:
            self.parent[record] = self.parent[self.parent[record]]
            record = self.parent[record]
        return record
