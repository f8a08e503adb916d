"""Compare filters with filters: all pairs whose Dice coefficient reaches a threshold, exactly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from linkage import kernel
from linkage.candidates.pair_graph import PairGraph, Rows, offsets_of
from linkage.errors import BadInput
from schemas.console import SILENT, Progress
from schemas.encodings import Bits

BLOCK_PAIRS = 1 << 28
"""Record pairs compared at one go: a second or so, after which progress is told and an interrupt is heard."""


_Row = TypeVar("_Row", np.uint32, np.int64)


@dataclass(frozen=True, eq=False)
class CandidatePairs:
    """Pairs with a score at or over the threshold.

    Attributes:
        left, right: uint32 (pairs,); row numbers.
        score: float64 (pairs,); Dice coefficients, falling; ties by left, then right.
    """

    left: NDArray[np.uint32]
    right: NDArray[np.uint32]
    score: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.score)


def candidate_pairs(
    left_bits: Bits, right_bits: Bits, threshold: float, *, threads: int | None = None
) -> CandidatePairs:
    """All pairs of a record of one list and a record of another whose score is `threshold` or over.

    Args:
        left_bits, right_bits: uint8 (n, bytes) and (m, bytes), most significant bit first.
        threshold: in (0, 1].
        threads: None: all that this process may use. Changes the time, never the result.

    Raises:
        BadInput: not such arrays, of different lengths, or a threshold or number of threads out of range.
    """
    _check([left_bits, right_bits], threshold, threads)
    return CandidatePairs(*_falling(*kernel.scan(left_bits, right_bits, threshold, threads=threads)))


def candidate_pairs_inside(bits: Bits, threshold: float, *, threads: int | None = None) -> CandidatePairs:
    """All pairs of records of one list, left < right, whose score is `threshold` or over; see `candidate_pairs`."""
    _check([bits], threshold, threads)
    return CandidatePairs(*_falling(*kernel.scan(bits, bits, threshold, inside=True, threads=threads)))


def compare_members(
    bits: Sequence[Bits], floor: float, *, threads: int | None = None, progress: Progress = SILENT
) -> PairGraph:
    """All candidate pairs of a co-op: every member with every other, and with itself.

    Args:
        bits: for each member uint8 (records, bytes), most significant bit first; all of one length.
        floor: the least score of a candidate, in (0, 1].
        threads: None: all that this process may use. Changes the time, never the result.
        progress: is told record pairs, as they are done.

    Raises:
        BadInput: as for `candidate_pairs`.
    """
    _check(bits, floor, threads)
    offsets = offsets_of([len(one) for one in bits])
    blocks = list(_blocks([len(one) for one in bits]))
    found: list[tuple[Rows, Rows, NDArray[np.float64]]] = []
    with progress.stage("comparing", sum(block.pairs for block in blocks)) as advance:
        for block in blocks:
            found.append(_compare_block(bits, offsets, block, floor, threads))
            advance(block.pairs)
    left, right, score = (np.concatenate(column) for column in zip(_no_pairs(), *found, strict=True))
    return PairGraph(offsets, *_falling(left, right, score), floor=floor)


@dataclass(frozen=True)
class _Block:
    """Rows start .. end - 1 of one member against all of another, or against their followers in their own list."""

    left_member: int
    right_member: int
    start: int
    end: int
    pairs: int

    @property
    def inside(self) -> bool:
        return self.left_member == self.right_member


def _blocks(sizes: Sequence[int]) -> Iterator[_Block]:
    for left, rows in enumerate(sizes):
        for right in range(left, len(sizes)):
            step = max(1, BLOCK_PAIRS // max(1, sizes[right]))
            for start in range(0, rows, step):
                end = min(start + step, rows)
                pairs = (end - start) * sizes[right]
                if left == right:  # row i has rows - 1 - i followers
                    pairs = (end - start) * (rows - 1) - (start + end - 1) * (end - start) // 2
                yield _Block(left, right, start, end, pairs)


def _compare_block(
    bits: Sequence[Bits], offsets: Rows, block: _Block, floor: float, threads: int | None
) -> tuple[Rows, Rows, NDArray[np.float64]]:
    first = block.start if block.inside else 0
    rows, others = bits[block.left_member][block.start : block.end], bits[block.right_member][first:]
    left, right, score = kernel.scan(rows, others, floor, inside=block.inside, threads=threads)
    return left + (offsets[block.left_member] + block.start), right + (offsets[block.right_member] + first), score


def _no_pairs() -> tuple[Rows, Rows, NDArray[np.float64]]:
    return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float64)


def _falling(
    left: NDArray[_Row], right: NDArray[_Row], score: NDArray[np.float64]
) -> tuple[NDArray[_Row], NDArray[_Row], NDArray[np.float64]]:
    order = np.lexsort((right, left, -score))
    return left[order], right[order], score[order]


def _check(bits: Sequence[Bits], threshold: float, threads: int | None) -> None:
    # (1) every list is an array of filters
    for number, one in enumerate(bits):
        if one.ndim != 2 or one.dtype != np.uint8:
            raise BadInput(f"list {number} of filters is not a uint8 array (records, bytes)")
    # (2) of one length
    if len({one.shape[1] for one in bits}) > 1:
        raise BadInput("filters have different lengths", fix="compare encodings of one linkage schema")
    # (3) a threshold that means something (NaN fails this too)
    if not 0.0 < threshold <= 1.0:
        raise BadInput("the threshold must be over 0 and at most 1")
    # (4) somebody to do the work
    if threads is not None and threads < 1:
        raise BadInput("there must be at least one thread")
