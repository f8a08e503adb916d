"""Scores corrected for chance: what two records share beyond what two strangers with as many bits share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from linkage.candidates.pair_graph import PairGraph
from linkage.kernel.reference import popcounts
from schemas.encodings import Bits

HIGHEST = 1.0  # a pair scores no more, so that a threshold is read as before


def correct_for_chance(graph: PairGraph, bits: Sequence[Bits]) -> PairGraph:
    """The candidate pairs with scores from which the chance part of the Dice coefficient is taken.

    Two strangers with a and b bits set out of l share a b / l of them by chance, which is a Dice coefficient of
    2 a b / (l (a + b)). A record with missing fields has fewer bits, so its strangers score lower, and so do its
    matches: one cut on raw Dice coefficients misses them. The corrected score is

        Dice - 2 a b / (l (a + b)) + p / l,   at most 1,   p: the mean number of bits set

    so that records with the usual number of bits score what they scored before. (The idea is Cohen's, 1960, of
    agreement beyond chance; without his division by the room left, which did worse: docs/decisions/0006.)

    Args:
        graph: candidate pairs with Dice coefficients, as `compare_members` makes them.
        bits: each member's CLKs, uint8 (n, bytes).

    Returns:
        The pairs whose corrected score is at or over the graph's floor, in the same order of falling scores. Pairs
        with few bits that only the correction lifts over the floor are not there: they were no candidates.
    """
    popcount = np.concatenate([popcounts(member) for member in bits])
    length = bits[0].shape[1] * 8
    score = np.minimum(graph.score - _by_chance(popcount, graph, length) + popcount.mean() / length, HIGHEST)
    kept = np.flatnonzero(score >= graph.floor)
    order = kept[np.lexsort((graph.right[kept], graph.left[kept], -score[kept]))]
    return PairGraph(graph.offsets, graph.left[order], graph.right[order], score[order], graph.floor)


def _by_chance(popcount: NDArray[np.int64], graph: PairGraph, length: int) -> NDArray[np.float64]:
    """The Dice coefficient of strangers with as many bits as each pair has, float64 (pairs,)."""
    left, right = popcount[graph.left], popcount[graph.right]
    by_chance: NDArray[np.float64] = 2.0 * left * right / (length * np.maximum(left + right, 1))
    return by_chance
