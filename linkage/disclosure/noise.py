"""The policy `dp-laplace`: noise on every count instead of hiding, so that no release tells much of any one person.

A mechanism is epsilon-differentially private if whatever is published is at most e^epsilon times as likely with a
person as without (Dwork, McSherry, Nissim and Smith, TCC 2006). Counts that one person changes by `most` together get
noise of the discrete Laplace distribution of scale `most / epsilon` (Ghosh, Roughgarden and Sundararajan, STOC 2009);
OpenDP draws it. What is made of noised numbers afterwards, such as sums and shares, tells no more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import combinations

import numpy as np

from linkage.disclosure.publish import NOT_APPLICABLE, RULES, SHARE_DIGITS, counts_of
from linkage.disclosure.relations import Numbers
from linkage.errors import BadInput
from linkage.pathways.raw_counts import CountKey, Derived, Entry, RawCounts, RawTable, Statistic
from schemas import Agreement, Cell, ReleaseTable, Status
from schemas.pathway_text import read_set, write_set

Noise = Callable[[Numbers, float], Numbers]
"""Adds noise of a scale to int64 counts."""

_SETS = {"set_pathway": "set", "first_touch": "first", "last_touch": "last"}
"""Tables whose rows are sets of members, and their sort of count: all sets have a row."""

_SORTS = {
    "unduplicated": ("set",),
    "set_pathway": ("set",),
    "overlap_pairs": ("set",),
    "grouped_pathway": ("group",),
    "contains_path": ("contains", "set"),
    "first_touch": ("first",),
    "last_touch": ("last",),
}
"""The sorts of count that each table is made of."""


@dataclass(frozen=True, eq=False)
class Asked:
    """Counts that get noise together.

    Attributes:
        sort: the first text of their keys.
        keys: which; they and their order depend on the agreement alone.
        values: int64 (keys,); the true counts.
        most: by how much all of them together change, at most, when one person is left out or added.
    """

    sort: str
    keys: tuple[CountKey, ...]
    values: Numbers
    most: int


def asked_of(raw: RawCounts, agreement: Agreement) -> tuple[Asked, ...]:
    """All counts that the agreement's tables need noise for, sort by sort.

    One person has one set of members, one first and one last touch and one group, and can have taken every pathway
    of `contains_path`.
    """
    sorts = dict.fromkeys(sort for table in agreement.tables for sort in _SORTS[table])
    values = dict(zip(raw.keys, (raw.weights @ raw.people).tolist(), strict=True))
    asked = []
    for sort in sorts:
        keys = _keys(sort, raw, agreement)
        counts = np.array([values.get(key, 0) for key in keys], np.int64)
        asked.append(Asked(sort, keys, counts, len(keys) if sort == "contains" else 1))
    return tuple(asked)


def _keys(sort: str, raw: RawCounts, agreement: Agreement) -> tuple[CountKey, ...]:
    if sort in _SETS.values():
        return tuple((sort, text) for text in _all_sets(agreement))
    table = raw.tables["contains_path" if sort == "contains" else "grouped_pathway"]
    return tuple(dict.fromkeys((sort, *keys) for keys, _ in table.rows))


def _all_sets(agreement: Agreement) -> tuple[str, ...]:
    """Every set of members that somebody could be in, the small ones first."""
    members = agreement.members
    return tuple(write_set(one) for size in range(1, len(members) + 1) for one in combinations(members, size))


def scale_of(asked: Asked, sorts: int, epsilon: float) -> float:
    """The scale of the noise: each of so many sorts may spend the same part of epsilon."""
    return asked.most * sorts / epsilon


def noise_tables(raw: RawCounts, agreement: Agreement, noise: Noise) -> dict[str, ReleaseTable]:
    """The agreement's tables, every number in them made of counts with noise.

    Args:
        raw: what was counted; its tables are the agreement's.
        agreement: says members, tables and epsilon.
        noise: adds the noise.
    """
    noised: dict[CountKey, int] = {}
    all_asked = asked_of(raw, agreement)
    for asked in all_asked:
        counts = noise(asked.values, scale_of(asked, len(all_asked), agreement.epsilon))
        noised.update(zip(asked.keys, counts.tolist(), strict=True))
    cells = _Cells(noised)
    return {name: cells.table(raw.tables[name], agreement) for name in agreement.tables}


class _Cells:
    """Makes cells of noised numbers alone."""

    def __init__(self, noised: Mapping[CountKey, int]) -> None:
        self.noised = noised
        self.sets = [(frozenset(read_set(key[1])), number) for key, number in noised.items() if key[0] == "set"]

    def table(self, table: RawTable, agreement: Agreement) -> ReleaseTable:
        """The table with all rows that it could have."""
        rows = [(keys, tuple(self.cell(entry) for entry in entries)) for keys, entries in table.rows]
        counts = counts_of(table)
        if table.name in _SETS:
            texts = _all_sets(agreement)
            rows = [((text,), (self.cell((_SETS[table.name], text)),)) for text in texts]
            counts = frozenset(table.measures)
        return ReleaseTable(table.name, table.title, table.keys, table.measures, rows, counts)

    def cell(self, entry: Entry) -> Cell:
        """One number; not applicable where it cannot be made of noised ones."""
        if entry is None or isinstance(entry, Statistic):
            return NOT_APPLICABLE
        if isinstance(entry, Derived):
            numbers = [number for key in entry.of if (number := self.number(key)) is not None]
            value = RULES[entry.rule](numbers) if len(numbers) == len(entry.of) else None
            share = None if value is None else round(min(max(value, 0.0), 1.0), SHARE_DIGITS)
            return NOT_APPLICABLE if share is None else Cell(share, Status.NOISED)
        number = self.number(entry)
        return NOT_APPLICABLE if number is None else Cell(number, Status.NOISED)

    def number(self, key: CountKey) -> int | None:
        """A count as it is published; people at members are sums over sets, and no count is under 0."""
        match key:
            case ("people",):
                number = sum(one for _, one in self.sets)
            case ("sum of people",):
                number = sum(len(members) * one for members, one in self.sets)
            case ("member" | "pair", *names):
                number = sum(one for members, one in self.sets if members.issuperset(names))
            case _ if key in self.noised:
                number = self.noised[key]
            case _:  # client records: one person may have any number of them
                return None
        return max(number, 0)


def opendp_noise(counts: Numbers, scale: float) -> Numbers:
    """Discrete Laplace noise, from the system's own randomness: nobody can repeat it.

    Raises:
        BadInput: OpenDP is not installed.
    """
    if find_spec("opendp") is None:
        raise BadInput('policy "dp-laplace" needs OpenDP', fix="pip install 'waylink[dp]'")
    import opendp.prelude as dp

    dp.enable_features("contrib")
    space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")
    measurement = space >> dp.m.then_laplace(scale=scale)
    noised: Numbers = np.array(measurement(counts.tolist()), np.int64)
    return noised
