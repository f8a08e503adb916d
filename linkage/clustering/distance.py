"""Distances between records: scores on a scale on which what two fields take off adds up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.candidates.pair_graph import PairGraph
from linkage.kernel.reference import popcounts
from schemas.encodings import Bits

Curve = NDArray[np.float64]

WIDTH = 0.02  # of a bin of distances, about: some dozen up to the cut, each with counts in it
FEWEST_BINS = 3  # up to the cut


@dataclass(frozen=True)
class Ruler:
    """Turns scores into distances: the share of a filter's length in which two records would differ unfolded.

    A Dice coefficient s of two records with `fill` of their bits set means that 2 fill (1 - s) of the bits differ. Each
    xor fold joins two bits; of two that differ with chance d the fold differs with 2 d (1 - d). Undone fold by fold,
    what one field's disagreement takes off and what another one's takes off add up.

    Attributes:
        fill: mean share of bits set, of the folded filters.
        folds: xor folds of the linkage schema.
    """

    fill: float
    folds: int

    def distance(self, score: Curve | float) -> Curve:
        """float64, in lengths of a folded filter; rising as scores fall."""
        differ = np.minimum(2 * self.fill * (1 - np.asarray(score, np.float64)), 0.5)
        for _ in range(self.folds):
            differ = (1 - np.sqrt(1 - 2 * differ)) / 2
        distance: Curve = differ * 2**self.folds
        return distance


def ruler_of(bits: Sequence[Bits], folds: int) -> Ruler:
    """The ruler of these members' CLKs, uint8 (n, bytes) each."""
    set_bits = sum(int(popcounts(member).sum()) for member in bits)
    return Ruler(set_bits / max(sum(8 * member.size for member in bits), 1), folds)


@dataclass(frozen=True)
class Bins:
    """Bins of distances of equal width, such that the cut is an edge.

    Attributes:
        ruler: what distances are measured with.
        width: of a bin.
        cut: how many bins lie at or over the cut in score.
        number: how many bins there are; beyond them not every pair is a candidate.
    """

    ruler: Ruler
    width: float
    cut: int
    number: int

    def histogram(self, score: Curve) -> Curve:
        """float64 (number,): how many of the scores fall into each bin; scores beyond are left out."""
        bin_of = np.ceil(self.ruler.distance(score) / self.width - _ON_EDGE).astype(np.int64) - 1
        return np.bincount(np.maximum(bin_of, 0), minlength=self.number)[: self.number].astype(np.float64)


_ON_EDGE = 1e-9  # a score at the cut is not cut off, whatever rounding says


def lay_bins(ruler: Ruler, cut: float, lowest: float) -> Bins:
    """Bins of about WIDTH from score 1 down to `lowest`, with an edge at the score `cut`."""
    to_cut = float(ruler.distance(cut))
    bins = max(round(to_cut / WIDTH), FEWEST_BINS)
    width = max(to_cut, FEWEST_BINS * _ON_EDGE) / bins
    return Bins(ruler, width, bins, max(int(float(ruler.distance(lowest)) / width + _ON_EDGE), bins))


@dataclass(frozen=True, eq=False)
class PairCounts:
    """Histograms of candidate pairs by distance.

    Attributes:
        bins: the distances.
        across, inside: float64 (bins,); pairs of two members, pairs of one member.
        ratio: all pairs across members over all pairs inside members.
    """

    bins: Bins
    across: Curve
    inside: Curve
    ratio: float


def count_pairs(graph: PairGraph, bins: Bins, ratio: float) -> PairCounts:
    """Count the candidate pairs by distance."""
    inside = graph.inside
    return PairCounts(bins, bins.histogram(graph.score[~inside]), bins.histogram(graph.score[inside]), ratio)
