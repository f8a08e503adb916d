"""Releases of co-ops given by how many people were at exactly which members."""

from collections.abc import Mapping

import numpy as np

from linkage.counting import count_release
from linkage.disclosure.protect import Protected
from linkage.link_map import LinkMap
from linkage.linkage_error.intervals import Interval
from linkage.linkage_error.link_rates import LinkRates
from schemas import Agreement, Services
from schemas.agreement import parse_agreement
from schemas.periods import Unit

MEMBERS = ("clinic", "school", "shelter")
RATES = LinkRates(
    Interval(0.98, 0.97, 0.987), Interval(0.95, 0.93, 0.965), {("clinic", "shelter"): Interval(0.92, 0.89, 0.945)}
)
AGREEMENT = """
project = "Known"
purpose = "Tests"
members = ["clinic", "school", "shelter"]
data_level = "membership"
tables = ["unduplicated", "set_pathway", "overlap_pairs"]
"""

Sets = Mapping[tuple[str, ...], int]


def agreement_of(more: str = "") -> Agreement:
    """The co-op's agreement, with more lines."""
    return parse_agreement(AGREEMENT + more)


def release_of(sets: Sets, rates: LinkRates | None = RATES, agreement: Agreement | None = None) -> Protected:
    """The release of a co-op with so many people at exactly each set of members, one record and service each."""
    at = {name: [] for name in MEMBERS}
    for person, names in enumerate(names for names, people in sets.items() for _ in range(people)):
        for name in names:
            at[name].append(person)
    maps = [_map(number, at[name]) for number, name in enumerate(MEMBERS)]
    none = np.zeros(0, np.int32)
    services = [
        Services(one.tokens, np.zeros(len(one.tokens), np.uint16), ("any",), Unit.NONE, none, none) for one in maps
    ]
    return count_release(agreement or agreement_of(), MEMBERS, services, maps, rates=rates)


def _map(number: int, people: list[int]) -> LinkMap:
    ids = np.zeros((len(people), 16), np.uint8)
    ids[:, :4] = np.array(people, "<u4").view(np.uint8).reshape(-1, 4)
    tokens = ids.copy()
    tokens[:, 15] = number + 1
    return LinkMap(tokens, ids)
