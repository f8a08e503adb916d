"""The release of a co-op whose truth is known: its shown counts, their estimates, and the true numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from benchmarks.known_coops import KnownCoop, Labels, pairs_across, people_by_set
from linkage.candidates.compare import compare_members
from linkage.clustering.distance import ruler_of
from linkage.clustering.groups import Groups
from linkage.clustering.people import find_people
from linkage.clustering.threshold import How, sample_strangers
from linkage.linkage_error.adjust import adjust, draw_people
from linkage.linkage_error.link_rates import LinkRates, estimate_link_rates, rates_from
from schemas import Cell, ReleaseTable
from schemas.pathway_text import write_set
from schemas.tables import HIDDEN

MINIMUM = 11  # people of a shown count, as an agreement has it that says nothing else


@dataclass(frozen=True, eq=False)
class LinkedCoop:
    """A co-op linked, the threshold found, and its links judged.

    Attributes:
        groups: records held to be one person.
        rates: as published; None where the data cannot tell.
    """

    coop: KnownCoop
    groups: Groups
    rates: LinkRates | None


@dataclass(frozen=True)
class Row:
    """One shown count: its table, what it counts, the published number and estimate, and the true number."""

    table: str
    key: tuple[str, ...]
    counted: int
    estimate: int
    low: int
    high: int
    true: int

    @property
    def covered(self) -> bool:
        """Whether the truth is in the interval."""
        return self.low <= self.true <= self.high


def link_known(coop: KnownCoop) -> LinkedCoop:
    """Link a co-op and judge the links as a run does."""
    strangers = sample_strangers(coop.bits, coop.agreement, np.random.default_rng(1))
    graph = compare_members(coop.bits, strangers.floor)
    people = find_people(graph, coop.bits, coop.agreement, strangers, np.random.default_rng(2))
    rates = estimate_link_rates(
        people.judged,
        people.groups,
        coop.agreement.members,
        people.threshold,
        ruler_of(coop.bits, coop.agreement.linkage_schema.xor_folds),
        np.random.default_rng(3),
        is_balanced=people.threshold.how is How.FOUND,
    )
    return LinkedCoop(coop, people.groups, rates_from(rates.as_dict()) if rates else None)


def released_rows(linked: LinkedCoop, rates: LinkRates) -> list[Row]:
    """Every count with an estimate: of MINIMUM people or more. (What a release hides to guard others is shown here.)"""
    coop = linked.coop
    names = coop.agreement.members
    counted, true = (people_by_set(coop.member, label, len(names)) for label in (linked.groups.label, coop.truth))
    published = _tables(counted, names)
    drawn = draw_people(published, rates, names, MINIMUM)
    tables = adjust(published, drawn) if drawn else published
    truth = {(name, keys): cells[0].value for name, one in _tables(true, names, 0).items() for keys, cells in one.rows}
    rows = []
    for name, table in tables.items():
        for keys, cells in table.rows:
            if cells[0].value is not None:
                counted_people, estimate, low, high = (int(cell.value or 0) for cell in (cells[0], *cells[-3:]))
                people = int(truth.get((name, keys)) or 0)
                rows.append(Row(name, keys, counted_people, estimate, low, high, people))
    return rows


def _tables(
    people: Mapping[tuple[int, ...], int], names: Sequence[str], least: int = MINIMUM
) -> dict[str, ReleaseTable]:
    """`set_pathway` and `overlap_pairs`, with counts of 1 to `least` - 1 people hidden."""

    def cell(number: int) -> Cell:
        return HIDDEN if 0 < number < least else Cell(number)

    def at(*places: int) -> Cell:
        return cell(sum(number for members, number in people.items() if set(places) <= set(members)))

    sets = [((write_set([names[m] for m in members]),), (cell(number),)) for members, number in people.items()]
    pairs = [((names[a], names[b]), (at(a, b), at(a), at(b))) for a, b in combinations(range(len(names)), 2)]
    counts = ("people", "people_a", "people_b")
    return {
        "set_pathway": ReleaseTable("set_pathway", "", ("states",), counts[:1], sets),
        "overlap_pairs": ReleaseTable("overlap_pairs", "", ("a", "b"), counts, pairs),
    }


def right_shares(coop: KnownCoop, label: Labels) -> tuple[float, float]:
    """True precision and recall of the links across members."""
    both = np.unique(np.stack([label, coop.truth]), axis=1, return_inverse=True)[1].ravel()
    linked, one_person, right = (pairs_across(coop.member, one) for one in (label, coop.truth, both))
    return right / max(linked, 1), right / max(one_person, 1)
