"""Find people: candidate pairs become a threshold and the groups of records held to be one person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from linkage.candidates.pair_graph import PairGraph
from linkage.clustering.average import cluster_average
from linkage.clustering.chance import correct_for_chance
from linkage.clustering.greedy import cluster_greedy
from linkage.clustering.groups import Groups
from linkage.clustering.threshold import Strangers, Threshold, settle_threshold
from schemas import Agreement, Clustering
from schemas.encodings import Bits


@dataclass(frozen=True, eq=False)
class People:
    """Records held to be one person.

    Attributes:
        threshold: where the pairs were cut, and how that was found.
        groups: which records are one person.
    """

    threshold: Threshold
    groups: Groups


def find_people(
    graph: PairGraph,
    bits: Sequence[Bits],
    agreement: Agreement,
    strangers: Strangers,
    rng: np.random.Generator,
    *,
    threads: int | None = None,
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
    """
    duplicates = agreement.duplicates_inside_member
    if agreement.clustering is Clustering.GREEDY:
        threshold = settle_threshold(graph, agreement, rng)
        return People(threshold, cluster_greedy(graph, threshold.value, inside_too=duplicates))
    judged = graph if agreement.threshold is not None else correct_for_chance(graph, bits)

    def cluster(cut: float) -> Groups:
        return cluster_average(
            judged, cut, missing_score=strangers.typical, one_per_member=not duplicates, threads=threads
        )

    threshold = settle_threshold(judged, agreement, rng, cluster)
    return People(threshold, cluster(threshold.value))
