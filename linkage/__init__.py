"""Mathematics: encodings in, groups and counts out. No identity, no clock, no network, no database.

The names below are what others build on; they are loaded when first used (`schemas/lazily.py`).
"""

from typing import TYPE_CHECKING

from schemas.lazily import lazy_names

if TYPE_CHECKING:
    from linkage.cluster import cluster_average
    from linkage.compare import CandidatePairs, candidate_pairs
    from linkage.greedy import solve_greedy
    from linkage.groups import Groups
    from linkage.linking import Linked, link
    from linkage.pair_graph import PairGraph

__all__ = [
    "CandidatePairs",
    "Groups",
    "Linked",
    "PairGraph",
    "candidate_pairs",
    "cluster_average",
    "link",
    "solve_greedy",
]

__getattr__ = lazy_names(
    __name__,
    {
        "CandidatePairs": "linkage.compare",
        "Groups": "linkage.groups",
        "Linked": "linkage.linking",
        "PairGraph": "linkage.pair_graph",
        "candidate_pairs": "linkage.compare",
        "cluster_average": "linkage.cluster",
        "link": "linkage.linking",
        "solve_greedy": "linkage.greedy",
    },
)
