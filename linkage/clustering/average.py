"""Average linkage: candidate pairs become groups of records held to be one person."""

from __future__ import annotations

from functools import partial

import numpy as np

from linkage.candidates.pair_graph import PairGraph
from linkage.clustering import _native, reference
from linkage.clustering.groups import Groups, groups_by_first
from linkage.errors import BadInput
from linkage.kernel import usable_cpus
from schemas.console import Advance, unheard


def cluster_average(
    graph: PairGraph,
    threshold: float,
    *,
    missing_score: float,
    one_per_member: bool = False,
    threads: int | None = None,
    advance: Advance = unheard,
) -> Groups:
    """Merge the two groups with the highest average score, again and again, down to the threshold.

    The average is over all pairs of records of the two groups; a pair that is no candidate counts `missing_score`.
    (Average linkage, UPGMA: Sokal and Michener 1958; on a sparse graph, so groups without a candidate pair between
    them never merge.)

    Deterministic: the same groups whatever the order of the pairs and the number of threads. Equal averages are taken
    by first record, then by the other group's first record, where a group's first record is the lowest one in it.
    Scores, the threshold and the missing score are read to 2^-31, and from there on nothing is rounded.

    `reference.cluster_average` says the same in Python. It does the work itself, slowly, where a missing pair counts
    as much as the threshold or more: then averages can rise, which `native/` takes for granted they do not.

    Args:
        graph: candidate pairs over all members, each pair once.
        threshold: the lowest average at which two groups merge, in [0, 1].
        missing_score: what a pair under the graph's floor counts, in [0, 1].
        one_per_member: never put two records of one member into a group.
        threads: None: all that this process may use. Changes the time, never the result.
        advance: told 0 about ten times a second; what it raises ends the work.

    Returns:
        The groups; a record that merged with nothing is a group of its own.

    Raises:
        BadInput: a threshold, missing score or number of threads out of range; a graph whose columns differ in length,
            that names records there are not, has a pair twice or not left < right, or scores outside [0, 1].
    """
    if threads is not None and threads < 1:
        raise BadInput("the number of threads must be 1 or more", where="threads")
    for name, score in (("threshold", threshold), ("missing_score", missing_score)):
        if not 0.0 <= score <= 1.0:
            raise BadInput("a score is between 0 and 1", where=name)
    if reference.fixed(missing_score) >= reference.fixed(threshold):
        return reference.cluster_average(
            graph, threshold, missing_score=missing_score, one_per_member=one_per_member, advance=advance
        )
    try:
        first = _native.average(
            np.ascontiguousarray(graph.left, np.int64),
            np.ascontiguousarray(graph.right, np.int64),
            np.ascontiguousarray(graph.score, np.float64),
            graph.records,
            graph.member if one_per_member else np.empty(0, np.int64),
            threshold,
            missing_score,
            threads or usable_cpus(),
            partial(advance, 0),
        )
    except (TypeError, ValueError) as refused:
        raise BadInput(f"the graph cannot be clustered: {refused}", where="candidate pairs") from refused
    return groups_by_first(graph.offsets, first)
