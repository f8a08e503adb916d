"""Groups: records held to be one person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.candidates.pair_graph import Rows


@dataclass(frozen=True, eq=False)
class Groups:
    """Which records are held to be one person.

    Attributes:
        offsets: int64 (members + 1,); member m's records are offsets[m] .. offsets[m + 1] - 1.
        label: int64 (records,); the person of each record, 0 .. people - 1, numbered by first record.
    """

    offsets: Rows
    label: NDArray[np.int64]

    @property
    def people(self) -> int:
        """Number of people found (a record that linked to nothing is a person of its own)."""
        return int(self.label.max()) + 1 if len(self.label) else 0

    def of_member(self, member: int) -> NDArray[np.int64]:
        """int64 (records of that member,): the person of each of its records."""
        return self.label[self.offsets[member] : self.offsets[member + 1]]

    @property
    def linked(self) -> int:
        """Number of people found at two members or more."""
        at = np.unique(np.stack([self.label, self._member]), axis=1)[0]
        return int((np.bincount(at) > 1).sum()) if len(at) else 0

    @property
    def links_across(self) -> int:
        """Number of pairs of records of two members that are in one group."""
        members = len(self.offsets) - 1
        return _pairs_alike(self.label) - _pairs_alike(self.label * members + self._member)

    @property
    def _member(self) -> NDArray[np.int64]:
        """int64 (records,): the member of each record, by number."""
        return np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets))


def _pairs_alike(label: NDArray[np.int64]) -> int:
    size = np.unique(label, return_counts=True)[1]
    return int((size * (size - 1) // 2).sum())


def number_groups(offsets: Rows, representative: NDArray[np.int64]) -> Groups:
    """Groups from any label per record, renumbered by first record so that equal groupings are equal arrays."""
    _, first, inverse = np.unique(representative, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return Groups(offsets, rank[inverse])


def groups_by_first(offsets: Rows, first: NDArray[np.int64]) -> Groups:
    """Groups from the lowest record of each record's group, int64 (records,); like `number_groups`, without sorting."""
    leads = first == np.arange(len(first))
    return Groups(offsets, (np.cumsum(leads) - 1)[first])
