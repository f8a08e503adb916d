"""What an agreement with `policy = "dp-laplace"` may ask for: tables whose rows it alone decides, and its epsilon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.pathways_asked import Fault

DP_LAPLACE = "dp-laplace"
"""The policy that adds noise to every count and hides none."""

NOISED_TABLES = (
    "unduplicated", "set_pathway", "overlap_pairs", "grouped_pathway", "contains_path", "first_touch", "last_touch",
)  # fmt: skip
"""The tables that can have noise: which rows they have depends on the agreement alone, and one person changes few."""

MOST_MEMBERS = 10
"""Every set of members has a row, also those that nobody is in: 1,023 of ten."""


def noise_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Keys of an agreement that do not fit its policy."""
    if document.get("policy") != DP_LAPLACE:
        if "epsilon" in document:
            yield "epsilon", f'epsilon is allowed with policy "{DP_LAPLACE}" only'
        return
    if "epsilon" not in document:
        yield "policy", f'policy "{DP_LAPLACE}" needs epsilon: how much one release may tell of anybody, such as 1.0'
    if document.get("state") == "service":
        yield "state", f'policy "{DP_LAPLACE}" needs state "member": which services there are is known from data only'
    members, tables = document.get("members"), document.get("tables")
    if isinstance(members, list) and len(members) > MOST_MEMBERS:
        yield "policy", f'policy "{DP_LAPLACE}" is for {MOST_MEMBERS} members at most: every set of them has a row'
    for table in tables if isinstance(tables, list) else ():
        if table not in NOISED_TABLES:
            allowed = ", ".join(NOISED_TABLES)
            yield "tables", f'table "{table}" cannot have noise; allowed with policy "{DP_LAPLACE}": {allowed}'
