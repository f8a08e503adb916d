"""Mathematics: encodings in, groups and counts out. No identity, no clock, no network, no database.

The names below are what others build on; they are loaded when first used (`schemas/lazily.py`).
"""

from typing import TYPE_CHECKING

from schemas.lazily import lazy_names

if TYPE_CHECKING:
    from linkage.candidates.compare import CandidatePairs, candidate_pairs, stream_pairs
    from linkage.candidates.kept import KeptTiles
    from linkage.candidates.pair_graph import PairGraph
    from linkage.clustering.average import cluster_average
    from linkage.clustering.greedy import solve_greedy, solve_probabilistic_greedy
    from linkage.clustering.groups import Groups
    from linkage.linking import Linked, link
    from linkage.release.read_release import Release, read_release

__all__ = [
    "CandidatePairs",
    "Groups",
    "KeptTiles",
    "Linked",
    "PairGraph",
    "Release",
    "candidate_pairs",
    "cluster_average",
    "link",
    "read_release",
    "solve_greedy",
    "solve_probabilistic_greedy",
    "stream_pairs",
]

__getattr__ = lazy_names(
    __name__,
    {
        "CandidatePairs": "linkage.candidates.compare",
        "Groups": "linkage.clustering.groups",
        "KeptTiles": "linkage.candidates.kept",
        "Linked": "linkage.linking",
        "PairGraph": "linkage.candidates.pair_graph",
        "candidate_pairs": "linkage.candidates.compare",
        "cluster_average": "linkage.clustering.average",
        "Release": "linkage.release.read_release",
        "link": "linkage.linking",
        "read_release": "linkage.release.read_release",
        "solve_greedy": "linkage.clustering.greedy",
        "solve_probabilistic_greedy": "linkage.clustering.greedy",
        "stream_pairs": "linkage.candidates.compare",
    },
)
