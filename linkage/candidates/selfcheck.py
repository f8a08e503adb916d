"""Check a run against its peer: score a sample of tiles again with anonlink, which must agree to the last bit.

What is not promised: a sample is no proof. It catches a kernel that is wrong on this machine or on data of this kind
(a broken instruction set, a bad build), not a fault in a handful of pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from linkage.candidates.pair_graph import PairGraph, Rows
from linkage.errors import BadInput, SelfCheckFailed
from schemas.console import SILENT, Progress
from schemas.encodings import Bits


@dataclass(frozen=True)
class SelfCheck:
    """What was scored again, and found equal.

    Attributes:
        tiles: how many tiles.
        pairs_checked: record pairs in them.
        candidates_checked: how many of these are candidate pairs.
    """

    tiles: int
    pairs_checked: int
    candidates_checked: int


@dataclass(frozen=True, eq=False)
class _Tile:
    """Some rows (record numbers over all members, rising) of one member, and some of another or of the same."""

    left: Rows
    right: Rows


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Scored pairs, by left, then right."""

    left: Rows
    right: Rows
    score: NDArray[np.float64]

    def sorted(self) -> _Pairs:
        order = np.lexsort((self.right, self.left))
        return _Pairs(self.left[order], self.right[order], self.score[order])

    def among(self, other: _Pairs) -> _Pairs:
        """Those that the other has too, whatever their scores."""
        known = set(zip(other.left.tolist(), other.right.tolist(), strict=True))
        kept = np.array([p in known for p in zip(self.left.tolist(), self.right.tolist(), strict=True)], bool)
        return _Pairs(self.left[kept], self.right[kept], self.score[kept])

    def same(self, other: _Pairs) -> bool:
        """Equal to the last bit of every score."""
        return (
            np.array_equal(self.left, other.left)
            and np.array_equal(self.right, other.right)
            and np.array_equal(self.score, other.score)
        )


def check_against_anonlink(
    bits: Sequence[Bits],
    graph: PairGraph,
    rng: Generator,
    *,
    complete: bool = True,
    tiles: int = 8,
    tile_records: int = 128,
    progress: Progress = SILENT,
) -> SelfCheck:
    """Score some tiles with anonlink; in each, the graph must hold the same pairs with the same scores.

    Args:
        bits: for each member uint8 (records, bytes): what the graph was made from.
        graph: the candidate pairs to check.
        rng: draws the tiles.
        complete: pairs that anonlink finds must not be missing; False where the graph comes from a search.
        tiles: how many; pairs of members take turns.
        tile_records: rows of each side of a tile, about half of them from candidate pairs.
        progress: is told tiles.

    Raises:
        BadInput: the graph is not of these lists.
        SelfCheckFailed: a pair is missing, too many, or has another score.
    """
    if [len(one) for one in bits] != np.diff(graph.offsets).tolist():
        raise BadInput("the graph was not made from these lists")
    pairs_checked = candidates = 0
    turns = _turns(bits, rng, tiles)
    with progress.stage("checking", len(turns)) as advance:
        for left_member, right_member in turns:
            tile = _draw(graph, left_member, right_member, rng, tile_records)
            theirs = _scored_by_anonlink(bits, graph, tile, left_member, right_member)
            ours = _of_graph(graph, tile)
            _require_same(ours, theirs if complete else theirs.among(ours), left_member, right_member)
            pairs_checked += int((tile.left[:, None] < tile.right[None, :]).sum())
            candidates += len(theirs.score)
            advance(1)
    return SelfCheck(len(turns), pairs_checked, candidates)


def _turns(bits: Sequence[Bits], rng: Generator, tiles: int) -> list[tuple[int, int]]:
    """Pairs of members that have records, in a random order, over and over."""
    filled = [member for member, one in enumerate(bits) if len(one)]
    pairs = [(left, right) for at, left in enumerate(filled) for right in filled[at:]]
    order = rng.permutation(len(pairs))
    return [pairs[order[turn % len(pairs)]] for turn in range(tiles if pairs else 0)]


def _draw(graph: PairGraph, left_member: int, right_member: int, rng: Generator, records: int) -> _Tile:
    of_left, of_right = _records_of(graph, left_member), _records_of(graph, right_member)
    between = np.flatnonzero(_within(graph.left, of_left) & _within(graph.right, of_right))
    known = rng.choice(between, min(records // 2, len(between)), replace=False)
    return _Tile(
        _fill(graph.left[known], of_left, rng, records),
        _fill(graph.right[known], of_right, rng, records),
    )


def _records_of(graph: PairGraph, member: int) -> Rows:
    return np.arange(graph.offsets[member], graph.offsets[member + 1])


def _within(rows: Rows, all_of_member: Rows) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (rows >= all_of_member[0]) & (rows <= all_of_member[-1])
    return inside


def _fill(known: Rows, all_of_member: Rows, rng: Generator, records: int) -> Rows:
    """The known rows, and others at random, until there are `records` or all."""
    others = np.setdiff1d(all_of_member, known)
    missing = min(max(records - (len(all_of_member) - len(others)), 0), len(others))
    return np.union1d(known, rng.choice(others, missing, replace=False))


def _of_graph(graph: PairGraph, tile: _Tile) -> _Pairs:
    there = np.isin(graph.left, tile.left) & np.isin(graph.right, tile.right)
    return _Pairs(graph.left[there], graph.right[there], graph.score[there]).sorted()


def _scored_by_anonlink(
    bits: Sequence[Bits], graph: PairGraph, tile: _Tile, left_member: int, right_member: int
) -> _Pairs:
    from anonlink.similarities import dice_coefficient_accelerated  # slow to import, and not needed to start

    datasets = [
        [row.tobytes() for row in bits[member][rows - graph.offsets[member]]]
        for member, rows in ((left_member, tile.left), (right_member, tile.right))
    ]
    scores, (left, right) = dice_coefficient_accelerated(datasets, _under_every_score(bits[left_member].shape[1] * 8))
    pairs = _Pairs(tile.left[np.asarray(left, np.int64)], tile.right[np.asarray(right, np.int64)], np.asarray(scores))
    kept = (pairs.score >= graph.floor) & (pairs.left < pairs.right)
    return _Pairs(pairs.left[kept], pairs.right[kept], pairs.score[kept]).sorted()


def _under_every_score(filter_bits: int) -> float:
    """A threshold that no pair with a bit in common misses: the least score there is is 1 / filter_bits.

    anonlink's own cut is not used, as it leaves out pairs exactly on some thresholds: it first bounds the difference
    of the popcounts by 2 * popcount * (1 / threshold - 1), rounded down (dice.cpp, calculate_max_difference). That is
    kept in 32 bits, so the threshold must not be smaller than needed: right for filters up to 46,340 bits.
    """
    return 1.0 / (filter_bits + 1)


def _require_same(ours: _Pairs, theirs: _Pairs, left_member: int, right_member: int) -> None:
    if ours.same(theirs):
        return
    our_pairs = set(zip(ours.left.tolist(), ours.right.tolist(), strict=True))
    their_pairs = set(zip(theirs.left.tolist(), theirs.right.tolist(), strict=True))
    missing, added = len(their_pairs - our_pairs), len(our_pairs - their_pairs)
    counts = (
        f"{missing} missing, {added} too many" if missing or added else "the same pairs, with other scores or twice"
    )
    raise SelfCheckFailed(
        f"the kernel's candidate pairs are not anonlink's: {counts}",
        where=f"members {left_member + 1} and {right_member + 1}",
        fix="use nothing of this run; run again with WAYLINK_KERNEL=scalar and report the processor",
    )
