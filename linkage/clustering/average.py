"""Average linkage: candidate pairs become groups of records held to be one person."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np

from linkage.candidates.pair_graph import PairGraph
from linkage.clustering.groups import Groups, number_groups

_Edge = tuple[float, int]
"""Sum of the scores and number of the candidate pairs between two groups."""


def cluster_average(
    graph: PairGraph, threshold: float, *, missing_score: float, one_per_member: bool = False
) -> Groups:
    """Merge the two groups with the highest average score, again and again, down to the threshold.

    The average is over all pairs of records of the two groups; a pair that is no candidate counts `missing_score`.
    (Average linkage, UPGMA: Sokal and Michener 1958; on a sparse graph, so groups without a candidate pair between
    them never merge.)

    Deterministic: the same groups whatever the order of the pairs; equal averages are taken by first record, where a
    group's first record is the lowest one in it.

    Args:
        graph: candidate pairs over all members.
        threshold: the lowest average at which two groups merge.
        missing_score: what a pair under the graph's floor counts.
        one_per_member: never put two records of one member into a group.

    Returns:
        The groups; a record that merged with nothing is a group of its own.
    """
    merging = _Merging(graph, missing_score, one_per_member=one_per_member)
    queue = [(-score, a, b) for a, b, score in merging.averages() if score >= threshold]
    heapq.heapify(queue)
    while queue:
        falling, a, b = heapq.heappop(queue)
        if not merging.stands(a, b, -falling):
            continue
        merging.merge(a, b)
        for other in merging.neighbours[a]:
            if (average := merging.average(a, other)) >= threshold:
                heapq.heappush(queue, (-average, min(a, other), max(a, other)))
    return number_groups(graph.offsets, np.array([merging.first_of(r) for r in range(graph.records)], np.int64))


class _Merging:
    """Groups under way, each named by its first record."""

    def __init__(self, graph: PairGraph, missing_score: float, *, one_per_member: bool) -> None:
        self.missing_score = missing_score
        self.neighbours: dict[int, dict[int, _Edge]] = {}
        self.size = [1] * graph.records
        self.parent = list(range(graph.records))
        self.members = [{m} for m in graph.member.tolist()] if one_per_member else None
        for a, b, score in zip(graph.left.tolist(), graph.right.tolist(), graph.score.tolist(), strict=True):
            self.neighbours.setdefault(a, {})[b] = (score, 1)
            self.neighbours.setdefault(b, {})[a] = (score, 1)

    def averages(self) -> Iterator[tuple[int, int, float]]:
        """Each pair of groups with a candidate pair between them, once, and its average."""
        for a, edges in self.neighbours.items():
            for b in edges:
                if a < b:
                    yield a, b, self.average(a, b)

    def average(self, a: int, b: int) -> float:
        """The average score between two groups; missing pairs count `missing_score`."""
        total, pairs = self.neighbours[a][b]
        all_pairs = self.size[a] * self.size[b]
        return (total + self.missing_score * (all_pairs - pairs)) / all_pairs

    def stands(self, a: int, b: int, average: float) -> bool:
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
            total_before, pairs_before = into.get(other, (0.0, 0))
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
