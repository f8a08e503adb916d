"""What hangs together: every count of a release as a sum of unknown whole numbers of people."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from linkage.pathways.raw_counts import CountKey, Derived, Entry, RawCounts, RawTable, Statistic

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Pool:
    """A table with a row that takes the rare ones.

    Attributes:
        table: its name.
        named: the numbers of the counts that have a row of their own, as long as they are shown.
        total: the number of the count of everybody in the table; shown when the row of the rare ones is, or when
            nobody is in it.
    """

    table: str
    named: Numbers
    total: int


@dataclass(frozen=True, eq=False)
class Relations:
    """Every count as a sum over unknowns; unknowns that no count tells apart are one.

    Attributes:
        keys: the counts, by number.
        weights: int64 csr (counts, unknowns). The row of a pool's total counts everybody in the table.
        identities: int64 csr (identities, unknowns); each is 0, and every reader knows that.
        people: int64 (unknowns,); the true numbers.
        persons: int64 (counts,); how many different people are behind a count.
        cells: int64 (counts,); the cells that go when a count is hidden; 0 where no table shows it.
        watched: bool (counts,); no table shows it, and it may not be worked out where it is small.
        pools: the tables with a row for rare ones.
    """

    keys: tuple[CountKey, ...]
    weights: csr_array
    identities: csr_array
    people: Numbers
    persons: Numbers
    cells: Numbers
    watched: Flags
    pools: tuple[Pool, ...]

    @cached_property
    def at(self) -> Mapping[CountKey, int]:
        """The number of every count."""
        return {key: number for number, key in enumerate(self.keys)}

    @cached_property
    def values(self) -> Numbers:
        """int64 (counts,): the true counts."""
        values: Numbers = self.weights @ self.people
        return values

    @cached_property
    def pool_of(self) -> Numbers:
        """int64 (counts,): the pool that a count has a row of its own in; -1 where none."""
        pool = np.full(len(self.keys), -1)
        for number, one in enumerate(self.pools):
            pool[one.named] = number
        return pool

    def numbers(self, keys: Iterable[CountKey]) -> Numbers:
        """The numbers of those of the keys that there are."""
        return np.array(sorted(self.at[key] for key in keys if key in self.at), np.int64)


def relate(raw: RawCounts, tables: Collection[str], also: Collection[CountKey] = ()) -> Relations:
    """The relations between the counts of these tables, the guarded ones, those that members know, and some more."""
    shown = {name: raw.tables[name] for name in raw.tables if name in tables}
    at = {key: number for number, key in enumerate(raw.keys)}
    cells: dict[CountKey, int] = {}
    for table in shown.values():
        for key in _cells_of(table):
            cells[key] = cells.get(key, 0) + 1
    pooled = [table for table in shown.values() if table.pooled and table.rows]
    for table in pooled:
        cells.setdefault(_key_of_rest(table), 1)
    known = {key for one in raw.known.values() for key in one}
    kept = sorted({at[key] for key in (*cells, *raw.guarded, *known, *also) if key in at})
    keys = tuple(raw.keys[number] for number in kept)
    row = {key: number for number, key in enumerate(keys)}
    pools = tuple(_pool(table, row) for table in pooled)
    weights = _with_totals(csr_array(raw.weights[kept]).astype(np.int64), pools)
    identities = csr_array(raw.identities).astype(np.int64)
    merged, people = _merged(csr_array(vstack([weights, identities])), raw.people)
    persons = np.asarray(raw.persons, np.int64)[kept]
    for pool in pools:
        persons[pool.total] = (merged[[pool.total]] @ people)[0]
    cell_counts = np.array([cells.get(key, 0) for key in keys], np.int64)
    guarded = set(raw.guarded)
    return Relations(
        keys,
        csr_array(merged[: len(keys)]),
        csr_array(merged[len(keys) :]),
        people,
        persons,
        cell_counts,
        np.array([key in guarded for key in keys], bool) & (cell_counts == 0),
        pools,
    )


def counts_in(entry: Entry) -> tuple[CountKey, ...]:
    """The counts that a cell is made of."""
    match entry:
        case None:
            return ()
        case Derived():
            return entry.of
        case Statistic():
            return (entry.of,)
        case _:
            return (entry,)


def _cells_of(table: RawTable) -> Iterator[CountKey]:
    for _, row in table.rows:
        for entry in row:
            yield from counts_in(entry)


def _pool(table: RawTable, row: Mapping[CountKey, int]) -> Pool:
    named = [row[key] for keys, entries in table.rows for key in counts_in(entries[0]) if keys != (table.pooled,)]
    return Pool(table.name, np.array(named, np.int64), row[_key_of_rest(table)])


def _key_of_rest(table: RawTable) -> CountKey:
    """The count of the people in the row of the rare ones; there may be nobody, and then the table has no such row."""
    keys, (entry, *_) = table.rows[-1]
    (key,) = counts_in(entry)
    return key if keys == (table.pooled,) else (key[0], table.pooled)


def _with_totals(weights: csr_array, pools: Iterable[Pool]) -> csr_array:
    """In the place of each pool's last row: everybody in the table."""
    size = weights.shape[0]
    pairs = [(number, number) for number in range(size)]
    pairs += [(pool.total, int(number)) for pool in pools for number in pool.named]
    row, column = np.array(pairs, np.int64).reshape(-1, 2).T
    return csr_array(csr_array((np.ones(len(row), np.int64), (row, column)), shape=(size, size)) @ weights)


def _merged(rows: csr_array, people: Numbers) -> tuple[csr_array, Numbers]:
    """The same rows and people with equal columns made one; columns of zeros go."""
    columns = rows.tocsc()
    columns.sort_indices()
    place: dict[tuple[bytes, bytes], int] = {}
    which = np.empty(rows.shape[1], np.int64)
    for number in range(rows.shape[1]):
        part = slice(columns.indptr[number], columns.indptr[number + 1])
        content = columns.indices[part].tobytes(), columns.data[part].tobytes()
        which[number] = place.setdefault(content, len(place)) if content[0] else -1
    # a column of zeros was skipped without taking a number, or number and content agree
    used = which >= 0
    first = np.full(len(place), -1)
    first[which[used][::-1]] = np.flatnonzero(used)[::-1]
    summed = np.bincount(which[used], weights=people[used], minlength=len(place))
    return csr_array(columns[:, first]), np.rint(summed).astype(np.int64)
