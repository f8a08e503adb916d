"""The sums behind every count, gathered table by table until they are `RawCounts`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from scipy.sparse import csr_array

from linkage.pathways.histories.numbering import Numbers
from linkage.pathways.raw_counts import CountKey, RawCounts, RawTable

_Triplets = list[tuple[Numbers, Numbers, Numbers]]


class Unknowns:
    """Unknown numbers of people, the counts that are sums of them, and what is equal to what.

    Attributes:
        rows: the number of every count there is.
        guarded: counts that nobody may work out where they are small.
        tables: the raw tables so far.
    """

    def __init__(self) -> None:
        self.rows: dict[CountKey, int] = {}
        self.guarded: list[CountKey] = []
        self.tables: dict[str, RawTable] = {}
        self._people: list[Numbers] = []
        self._size = 0
        self._weights: _Triplets = []
        self._ties: _Triplets = []  # identity, unknown, weight
        self._key_ties: list[tuple[int, CountKey]] = []  # identity, count
        self._identities = 0
        self._persons: dict[CountKey, int] = {}

    def add(self, people: Numbers) -> Numbers:
        """More unknowns, with their true numbers; gives the numbers by which they are called here."""
        columns = np.arange(self._size, self._size + len(people))
        self._people.append(people.astype(np.int64))
        self._size += len(people)
        return columns

    def count(self, key: CountKey, columns: Numbers) -> None:
        """A count is the sum of these unknowns."""
        self.counts([key], np.zeros(len(columns), np.int64), columns)

    def counts(self, keys: Sequence[CountKey], which: Numbers, columns: Numbers) -> None:
        """Many counts at once: keys[which[i]] has columns[i] in its sum, each (key, column) named once."""
        numbers = np.array([self.rows.setdefault(key, len(self.rows)) for key in keys], np.int64)
        self._weights.append((numbers[which], columns, np.ones(len(columns), np.int64)))

    def tie(self, keys: Sequence[CountKey], columns: Numbers) -> None:
        """Everybody knows that the sum of these counts is the sum of these unknowns."""
        self._key_ties += [(self._identities, key) for key in keys]
        self.tie_columns(np.empty(0, np.int64), columns)

    def tie_columns(self, left: Numbers, right: Numbers) -> None:
        """Everybody knows that the sums of these unknowns are equal."""
        for columns, sign in ((left, 1), (right, -1)):
            self._ties.append((np.full(len(columns), self._identities), columns, np.full(len(columns), sign)))
        self._identities += 1

    def persons(self, keys: Sequence[CountKey], people: Iterable[int]) -> None:
        """How many different people stand behind counts that do not count people."""
        self._persons.update(zip(keys, people, strict=True))

    def raw_counts(self, order: Sequence[str], known: Mapping[str, frozenset[CountKey]]) -> RawCounts:
        """All of it; tables in this order."""
        people = np.concatenate([np.empty(0, np.int64), *self._people])
        weights = _matrix(self._weights, (len(self.rows), self._size))
        persons = weights @ people
        for key, number in self._persons.items():
            persons[self.rows[key]] = number
        ties = _matrix(self._ties, (self._identities, self._size)) + self._tied_counts() @ weights
        return RawCounts(
            list(self.rows),
            weights,
            people,
            tables={name: self.tables[name] for name in order if name in self.tables},
            persons=persons,
            identities=csr_array(ties.astype(np.int32)),
            guarded=self.guarded,
            known=known,
        )

    def _tied_counts(self) -> csr_array:
        """int32 (identities, counts): which counts an identity has on its left."""
        at = np.array([[identity, self.rows.get(key, -1)] for identity, key in self._key_ties], np.int64).reshape(-1, 2)
        at = at[at[:, 1] >= 0]  # what nothing is part of is 0
        return _matrix([(at[:, 0], at[:, 1], np.ones(len(at), np.int64))], (self._identities, len(self.rows)))


def _matrix(triplets: _Triplets, shape: tuple[int, int]) -> csr_array:
    """int32 csr: what stands in one place more than once is added up."""
    none = np.empty(0, np.int64)
    row, column, value = (np.concatenate(part) for part in zip((none, none, none), *triplets, strict=True))
    return csr_array((value.astype(np.int32), (row, column)), shape=shape)
