"""anonlink's greedy solvers: candidate pairs, best first, become groups of records that are candidates of each other.

The work is done by `native/`, which makes anonlink 0.15.3's groups exactly; `benchmarks/solve.py` says how fast.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from linkage.candidates.pair_graph import PairGraph, Rows, offsets_of
from linkage.clustering import _native
from linkage.clustering.groups import Groups, groups_by_first
from linkage.errors import BadInput
from schemas.console import Advance, unheard

Record = tuple[int, int]
"""(member, row), as anonlink writes a record."""

RecordGroups = tuple[tuple[Record, ...], ...]
"""Groups of two records or more: groups by first record, records by member and row."""

CandidatesOfAnonlink = tuple[ArrayLike, tuple[ArrayLike, ArrayLike], tuple[ArrayLike, ArrayLike]]
"""(scores, (member, member), (row, row)), as anonlink writes candidate pairs."""

MERGE_THRESHOLD = 0.5
"""anonlink's own default of its probabilistic solver."""

LARGEST = 2**32 - 1
"""The largest member or row number: anonlink keeps them in 32 bits."""

DENSE = 8
"""Row numbers are used as they are while the rows they leave room for are at most so many times the pairs."""

NO_MEMBERS: Rows = np.empty(0, np.int64)


def solve_greedy(candidates: CandidatesOfAnonlink) -> RecordGroups:
    """Groups of records, as anonlink's `greedy_solve` finds them, over any number of members.

    Pairs are taken in the order given. Two groups merge once every pair of a record of one and a record of the other
    has come by.

    Args:
        candidates: scores (falling), the two members and the two rows of each pair. The solver looks at the order
            alone, never at the scores.

    Returns:
        The groups of two records or more, in an order that does not change from run to run: groups by first record,
        records by member and row.

    Raises:
        BadInput: columns of different lengths, or members or rows that are no whole numbers from 0 to 2^32 - 1.
    """
    return solve_probabilistic_greedy(candidates, merge_threshold=1.0, deduplicated=False)


def solve_probabilistic_greedy(
    candidates: CandidatesOfAnonlink, *, merge_threshold: float = MERGE_THRESHOLD, deduplicated: bool = True
) -> RecordGroups:
    """Groups of records, as anonlink's `probabilistic_greedy_solve` finds them.

    Args:
        candidates: see `solve_greedy`.
        merge_threshold: in [0, 1]; two groups merge once this share of the pairs between them has come by.
        deduplicated: never put two records of one member into a group.

    Returns:
        See `solve_greedy`.

    Raises:
        BadInput: see `solve_greedy`; or a merge threshold out of range.
    """
    scores, members, rows = candidates
    columns = [_numbers(column) for column in (*members, *rows)]
    if len({np.shape(scores), *(column.shape for column in columns)}) > 1:
        raise BadInput("scores, members and rows have different lengths", where="candidates")
    numbered = _number_records(*columns)
    label = label_greedy(
        numbered.left,
        numbered.right,
        len(numbered.row),
        member=numbered.member if deduplicated else None,
        merge_threshold=merge_threshold,
    )
    return tuple(_groups_of(label, numbered))


def label_greedy(
    left: Rows,
    right: Rows,
    records: int,
    *,
    member: Rows | None = None,
    merge_threshold: float = 1.0,
    advance: Advance = unheard,
) -> Rows:
    """The solvers above on columns of record numbers, for millions of pairs.

    Args:
        left, right: int64 (pairs,); record numbers, in the order in which the pairs are to be taken, best first.
        records: how many records there are.
        member: int64 (records,); whose each record is: no two records of a member come into one group. None: they may.
        merge_threshold: see `solve_probabilistic_greedy`; 1 is `solve_greedy`.
        advance: told 0 about ten times a second; what it raises ends the work.

    Returns:
        int64 (records,); the lowest record of each record's group.

    Raises:
        BadInput: columns of other shapes, record numbers out of range, or a merge threshold outside [0, 1].
    """
    left, right = (np.ascontiguousarray(side, np.int64) for side in (left, right))
    owners = NO_MEMBERS if member is None else np.ascontiguousarray(member, np.int64)
    try:
        told = partial(advance, 0)
        return _native.greedy(left, right, records, owners, merge_threshold, member is not None, told)
    except (TypeError, ValueError) as refused:  # nanobind's TypeError names the types it wants
        raise BadInput(f"the solver refuses its input: {refused}", where="candidates") from refused


def cluster_greedy(graph: PairGraph, threshold: float, *, inside_too: bool, advance: Advance = unheard) -> Groups:
    """Groups by `solve_greedy` from the candidate pairs at or over the threshold.

    Args:
        graph: candidate pairs over all members.
        threshold: the lowest score of a pair in a group.
        inside_too: take pairs inside a member's own list as well.
        advance: as for `label_greedy`.
    """
    wanted = graph.score >= threshold
    if not inside_too:
        wanted &= ~graph.inside
    # Every pair of a group is a candidate, so without pairs inside members no group has two records of one. Said
    # beforehand it changes no group, as the graph has each pair once, and spares counting where a member is shared.
    member = None if inside_too else graph.member
    first = label_greedy(graph.left[wanted], graph.right[wanted], graph.records, member=member, advance=advance)
    return groups_by_first(graph.offsets, first)


@dataclass(frozen=True, eq=False)
class _Numbered:
    """Pairs of record numbers, which rise with member and row, and what they stand for."""

    left: Rows
    right: Rows
    member: Rows
    row: Rows


def _numbers(column: ArrayLike) -> Rows:
    numbers = np.asarray(column)
    if numbers.ndim != 1 or (numbers.size and numbers.dtype.kind not in "iu"):
        raise BadInput("members and rows are not columns of whole numbers", where="candidates")
    if numbers.size and not 0 <= int(numbers.min()) <= int(numbers.max()) <= LARGEST:
        raise BadInput(f"members and rows run from 0 to {LARGEST}", where="candidates")
    return numbers.astype(np.int64)


def _number_records(left_member: Rows, right_member: Rows, left_row: Rows, right_row: Rows) -> _Numbered:
    member, row = np.concatenate([left_member, right_member]), np.concatenate([left_row, right_row])
    most = DENSE * len(member)
    if not len(member) or int(member.max()) > most:
        return _number_sparse(member, row)
    rows = np.zeros(int(member.max()) + 1, np.int64)
    np.maximum.at(rows, member, row + 1)
    if int(rows.sum()) > most:
        return _number_sparse(member, row)
    offsets = offsets_of(rows.tolist())
    number = offsets[member] + row
    owner = np.repeat(np.arange(len(rows)), rows)
    half = len(left_row)
    return _Numbered(number[:half], number[half:], owner, np.arange(offsets[-1]) - offsets[owner])


def _number_sparse(member: Rows, row: Rows) -> _Numbered:
    """Number only the records that are in a pair: rows may be anything up to 2^32, and few."""
    keys = member.astype(np.uint64) << np.uint64(32) | row.astype(np.uint64)
    known, number = np.unique(keys, return_inverse=True)
    half = len(row) // 2
    owner, rows = ((known >> np.uint64(32)).astype(np.int64), (known & np.uint64(LARGEST)).astype(np.int64))
    return _Numbered(number[:half], number[half:], owner, rows)


def _groups_of(label: NDArray[np.int64], numbered: _Numbered) -> Iterator[tuple[Record, ...]]:
    grouped = np.flatnonzero(np.bincount(label, minlength=len(label))[label] > 1)
    order = grouped[np.argsort(label[grouped], kind="stable")]
    starts = np.flatnonzero(np.diff(label[order], prepend=-1)).tolist()
    records = list(zip(numbered.member[order].tolist(), numbered.row[order].tolist(), strict=True))
    for start, end in pairwise([*starts, len(records)]):
        yield tuple(records[start:end])
