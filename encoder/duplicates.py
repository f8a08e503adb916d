"""People who are twice in one member's list: found here, listed here, kept or merged as the steward says.

Two records are looked at where two of first name, last name and birth date are equal after cleaning; how alike they are
is then the Dice coefficient of their CLKs, as between members. So the work grows with the list and not with its square,
and a person of whom two of the three are spelled differently is not found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from encoder.clients import Clients
from encoder.fields import known_field
from schemas.encodings import Bits

_TELLING = ("first_name", "last_name", "birth_date")
_MOST_ALIKE = 32
"""Records with the same two of the three: more are a common name or a default, and no person many times over."""

_ALIKE, _VERY_ALIKE = 0.70, 0.80
"""Dice coefficients from which on a pair is listed, and from which on it is called very alike and may be merged unseen.

By `python -m benchmarks.duplicates`, on the example co-op: of the pairs over 0.70 92 % are one person,
and 97 % of all who are twice are found; over 0.80, all are one person, and 92 % are found.
"""
_PART = 1 << 16  # pairs that are compared at a time


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs of records that may be one person, the most alike first.

    Attributes:
        rows: int64 (p, 2); rows of the clients, the earlier first.
        score: float64 (p,); Dice coefficient of the two CLKs.
    """

    rows: NDArray[np.int64]
    score: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.score)

    def listed(self, ids: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
        """Each pair's client ids, score and how alike they are, in a word."""
        for (one, other), score in zip(self.rows.tolist(), self.score.tolist(), strict=True):
            yield ids[one], ids[other], f"{score:.3f}", strength(score)


Same = Callable[[Pairs, Sequence[str]], NDArray[np.bool_]]
"""Says which of the pairs are one person, bool (p,), given the clients' ids too."""


def strength(score: float) -> str:
    """How alike two records are, in words."""
    return "the same" if score == 1.0 else "very alike" if score >= _VERY_ALIKE else "alike"


def near_duplicates(people: Clients, bits: Bits, place: NDArray[np.int64]) -> Pairs:
    """The pairs of records that may be one person.

    Args:
        people: the clients, cleaned.
        bits: uint8 (n, bytes); their CLKs, in any order.
        place: int64 (n,); where in `bits` each record's is.
    """
    records = max(len(people.ids), 1)
    found = [np.empty(0, np.int64)]
    for part in _looked_at(people, records):  # most are not alike: none of those is kept
        score = _dice(bits, place[np.stack(np.divmod(part, records), axis=1)])
        found.append(part[score >= _ALIKE])
    rows = np.stack(np.divmod(np.unique(np.concatenate(found)), records), axis=1)
    score = np.concatenate([np.empty(0), *(_dice(bits, place[part]) for part in _parts(rows))])
    order = np.lexsort((rows[:, 1], rows[:, 0], -score))
    return Pairs(rows[order], score[order])


def keep_apart(pairs: Pairs, ids: Sequence[str]) -> NDArray[np.bool_]:  # noqa: ARG001 (as all that say who is one)
    """No pair is one person: each record is encoded."""
    return np.zeros(len(pairs), np.bool_)


def merge_very_alike(pairs: Pairs, ids: Sequence[str]) -> NDArray[np.bool_]:  # noqa: ARG001 (as above)
    """Those that are very alike, or the same, are one person."""
    return pairs.score >= _VERY_ALIKE


def kept_of_each(people: Clients, same: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each record the one that is encoded for its person, int64 (n,): the fullest, and of these the first.

    Args:
        people: the clients, cleaned.
        same: int64 (p, 2); pairs of rows that are one person.
    """
    kept = _first_of_each(len(people.ids), same)
    rows = np.unique(same)  # only these are looked at: all others are their person's one record
    full = np.zeros(len(rows), np.int64)
    for column in people.columns:
        full += np.array([bool(column.texts[code]) for code in column.codes[rows].tolist()], np.bool_)
    rows = rows[np.lexsort((rows, -full, kept[rows]))]
    _, start, person = np.unique(kept[rows], return_index=True, return_inverse=True)
    kept[rows] = rows[start][person]
    return kept


def _first_of_each(records: int, same: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each record the first one of the same person, int64 (records,)."""
    first = np.arange(records)
    for one, other in same.tolist():
        low, high = sorted((_root(first, one), _root(first, other)))
        first[high] = low
    for row in np.unique(same).tolist():
        first[row] = _root(first, row)
    return first


def _root(first: NDArray[np.int64], row: int) -> int:
    while first[row] != row:
        row = int(first[row])
    return row


def _looked_at(people: Clients, records: int) -> Iterator[NDArray[np.int64]]:
    """The pairs that two of the three fields are equal of, in parts, some twice: the earlier row times the number of
    records, plus the other."""
    kinds = [known_field(field) for field in people.fields]
    columns = [people.columns[kinds.index(field)] for field in _TELLING if field in kinds]
    for one, other in combinations(columns, 2):
        full = one.where([bool(text) for text in one.texts]) & other.where([bool(text) for text in other.texts])
        rows = np.flatnonzero(full).astype(np.int32)
        keys = one.codes[rows].astype(np.int64) * len(other.texts) + other.codes[rows]
        yield from _equal_pairs(*_with_company(rows, keys), records)


def _with_company(rows: NDArray[np.int32], keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows, and their keys, of which others have the same key, but not too many; equal keys side by side, their
    rows in order. Of most keys there is one row: those are gone before anything else is made of a list's length."""
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    as_next = np.zeros(len(keys), np.bool_)
    as_next[:-1] = keys[1:] == keys[:-1]
    shared = as_next.copy()
    shared[1:] |= as_next[:-1]
    rows, keys = rows[order[shared]], keys[shared]
    del order, as_next, shared
    start = np.concatenate([np.zeros(min(len(keys), 1), np.int64), np.flatnonzero(np.diff(keys)) + 1])
    many = np.diff(start, append=len(keys))
    few = np.repeat(many <= _MOST_ALIKE, many)
    return rows[few].astype(np.int64), keys[few]


def _equal_pairs(rows: NDArray[np.int64], keys: NDArray[np.int64], records: int) -> Iterator[NDArray[np.int64]]:
    """All pairs of the rows with equal keys, which lie side by side; in parts."""
    for step in range(1, _MOST_ALIKE):
        equal = np.flatnonzero(keys[step:] == keys[:-step])
        if not len(equal):
            break
        yield from _parts(rows[equal] * records + rows[equal + step])  # in the order of rows, as the sort is stable


def _parts(rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    return (rows[start : start + _PART] for start in range(0, len(rows), _PART))


def _dice(bits: Bits, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """2 |a and b| / (|a| + |b|), 0 where neither has a bit; Dice 1945."""
    one, other = bits[pairs[:, 0]], bits[pairs[:, 1]]
    both = np.bitwise_count(one & other).sum(axis=1, dtype=np.int64)
    all_ = np.bitwise_count(one).sum(axis=1, dtype=np.int64) + np.bitwise_count(other).sum(axis=1, dtype=np.int64)
    score: NDArray[np.float64] = 2 * both / np.maximum(all_, 1)
    return score
