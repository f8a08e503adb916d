"""Candidate pairs by score, in bands, and how many people are behind each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.candidates.pair_graph import PairGraph
from linkage.clustering.groups import Groups

HUNDREDTHS = 2
"""Width of a band, in hundredths of score: narrow enough to see the valley, wide enough for counts that are shown."""


@dataclass(frozen=True, eq=False)
class ScoreBands:
    """Candidate pairs by score.

    Attributes:
        low: int64 (bands,); where each band begins, in hundredths, rising by HUNDREDTHS; the last one holds 1.0 too.
        pairs: int64 (bands,); candidate pairs of records with such a score, of one member or two.
        people: int64 (bands,); how many people these records are held to be.
    """

    low: NDArray[np.int64]
    pairs: NDArray[np.int64]
    people: NDArray[np.int64]


def band_scores(graph: PairGraph, groups: Groups) -> ScoreBands:
    """The pairs of a graph in bands of score from its floor to 1, with the people that the groups say they are."""
    first = int(np.floor(round(graph.floor * 100, 6))) // HUNDREDTHS
    last = 100 // HUNDREDTHS - 1
    at = np.clip(np.floor(np.round(graph.score * 100, 6)).astype(np.int64) // HUNDREDTHS, first, last) - first
    bands = last - first + 1
    people = np.zeros(bands, np.int64)
    for band in range(bands):
        inside = at == band
        people[band] = len(np.unique(groups.label[np.concatenate([graph.left[inside], graph.right[inside]])]))
    low = HUNDREDTHS * np.arange(first, last + 1, dtype=np.int64)
    return ScoreBands(low, np.bincount(at, minlength=bands).astype(np.int64), people)
