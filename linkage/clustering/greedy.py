"""anonlink's greedy solver: candidate pairs, best first, become groups in which every pair is a candidate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from linkage.candidates.pair_graph import PairGraph
from linkage.clustering.groups import Groups, number_groups

Record = tuple[int, int]
"""(member, row), as anonlink writes a record."""

CandidatesOfAnonlink = tuple[ArrayLike, tuple[ArrayLike, ArrayLike], tuple[ArrayLike, ArrayLike]]
"""(scores, (member, member), (row, row)), as anonlink writes candidate pairs."""


def solve_greedy(candidates: CandidatesOfAnonlink) -> tuple[tuple[Record, ...], ...]:
    """Groups of records, as anonlink's `greedy_solve` finds them, over any number of members.

    The solver is anonlink's own (0.15.3); what is added is an order that does not change from run to run: groups by
    first record, records by member and row.

    Args:
        candidates: scores (falling), the two members and the two rows of each pair.

    Returns:
        The groups of two records or more.
    """
    from anonlink.solving import greedy_solve  # heavy, and needed where this solver is chosen only

    scores, members, rows = candidates
    groups: Sequence[Sequence[Record]] = greedy_solve(
        (
            np.asarray(scores, np.float64),
            tuple(np.ascontiguousarray(side, np.uint32) for side in members),
            tuple(np.ascontiguousarray(side, np.uint32) for side in rows),
        )
    )
    return tuple(sorted(tuple(sorted((int(m), int(r)) for m, r in group)) for group in groups))


def cluster_greedy(graph: PairGraph, threshold: float, *, inside_too: bool) -> Groups:
    """Groups by `solve_greedy` from the candidate pairs at or over the threshold.

    Args:
        graph: candidate pairs over all members.
        threshold: the lowest score of a pair in a group.
        inside_too: take pairs inside a member's own list as well.
    """
    wanted = graph.score >= threshold
    if not inside_too:
        wanted &= ~graph.inside
    sides, member = (graph.left[wanted], graph.right[wanted]), graph.member
    members = (member[sides[0]], member[sides[1]])
    rows = (sides[0] - graph.offsets[members[0]], sides[1] - graph.offsets[members[1]])
    label = np.arange(graph.records)
    for group in solve_greedy((graph.score[wanted], members, rows)):
        records = [int(graph.offsets[m]) + r for m, r in group]
        label[records] = records[0]
    return number_groups(graph.offsets, label)
