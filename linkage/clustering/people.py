"""Find people: candidate pairs become a threshold and the groups of records held to be one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from linkage.candidates.pair_graph import PairGraph
from linkage.clustering.average import cluster_average
from linkage.clustering.balance import MOST_CUTS, Cluster
from linkage.clustering.chance import correct_for_chance
from linkage.clustering.distance import ruler_of
from linkage.clustering.greedy import cluster_greedy
from linkage.clustering.groups import Groups
from linkage.clustering.recuts import Recut, recut
from linkage.clustering.score_bands import ScoreBands, band_scores
from linkage.clustering.threshold import Strangers, Threshold, settle_threshold
from linkage.heeding import heeded
from schemas import Agreement, Clustering
from schemas.console import SILENT, Advance, Progress
from schemas.encodings import Bits


@dataclass(frozen=True, eq=False)
class People:
    """Records held to be one person.

    Attributes:
        threshold: where the pairs were cut, and how that was found.
        groups: which records are one person.
        recuts: which would be, were the cut a little lower, a little higher; none where neither could be tried.
        scores: the pairs by the scores that were cut.
        judged: the pairs themselves, with these scores.
    """

    threshold: Threshold
    groups: Groups
    recuts: tuple[Recut, ...]
    scores: ScoreBands
    judged: PairGraph


def find_people(
    graph: PairGraph,
    bits: Sequence[Bits],
    agreement: Agreement,
    strangers: Strangers,
    rng: np.random.Generator,
    *,
    threads: int | None = None,
    progress: Progress = SILENT,
) -> People:
    """Cluster the candidate pairs as the agreement asks.

    A threshold that the agreement gives is a Dice coefficient, and greedy clustering is anonlink's: both take the
    scores as they are. Where average linkage finds its own threshold, scores are corrected for chance first and the
    threshold is where wrong and missed links balance after clustering.

    Args:
        graph: candidate pairs with Dice coefficients, each member's own included.
        bits: each member's CLKs, uint8 (n, bytes).
        agreement: threshold, clustering, and whether lists may hold duplicates.
        strangers: what a pair that is no candidate counts.
        rng: for the resampled counts of the threshold's standard error.
        threads: None: all that this process may use. Changes the time, never the result.
        progress: is told clusterings: at most as many as it was promised.
    """
    with progress.stage("clustering", _most_clusterings(agreement)) as advance:
        return _find_people(graph, bits, agreement, strangers, rng, threads, advance)


_BESIDE = 2  # cuts: one below, one above


def _most_clusterings(agreement: Agreement) -> int:
    """The last one, those beside it, and before it those among which an average linkage looks for its threshold."""
    looks_for_one = agreement.threshold is None and agreement.clustering is Clustering.AVERAGE
    return 1 + _BESIDE + (MOST_CUTS if looks_for_one else 0)


def _find_people(
    graph: PairGraph,
    bits: Sequence[Bits],
    agreement: Agreement,
    strangers: Strangers,
    rng: np.random.Generator,
    threads: int | None,
    advance: Advance,
) -> People:
    duplicates = agreement.duplicates_inside_member
    ruler = ruler_of(bits, agreement.linkage_schema.xor_folds)
    if agreement.clustering is Clustering.GREEDY:
        threshold = settle_threshold(graph, agreement, rng, ruler, advance=advance)

        def solve(cut: float) -> Groups:
            groups = cluster_greedy(graph, cut, inside_too=duplicates, advance=advance)
            advance(1)
            return groups

        return _people(graph, threshold, strangers, solve)
    judged = graph if agreement.threshold is not None else heeded(lambda: correct_for_chance(graph, bits), advance)

    def cluster(cut: float) -> Groups:
        groups = cluster_average(
            judged,
            cut,
            missing_score=strangers.typical,
            one_per_member=not duplicates,
            threads=threads,
            advance=advance,
        )
        advance(1)
        return groups

    threshold = settle_threshold(judged, agreement, rng, ruler, cluster, advance)
    return _people(judged, threshold, strangers, cluster)


def _people(judged: PairGraph, threshold: Threshold, strangers: Strangers, cluster: Cluster) -> People:
    groups = cluster(threshold.value)
    return People(threshold, groups, recut(threshold, strangers, cluster), band_scores(judged, groups), judged)
