"""Compare filters with filters: all pairs whose Dice coefficient reaches a threshold, exactly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage import kernel
from linkage.candidates.pair_graph import PairGraph, offsets_of
from linkage.errors import BadInput
from schemas.console import SILENT, Progress
from schemas.encodings import Bits

PART_PAIRS = float(1 << 28)
"""Record pairs that each thread compares at one go: half a second on a usual kernel, under two seconds on the slowest.
Then progress is told, and an interrupt heard."""

PART_CANDIDATES = 1 << 22
"""Candidates after which a part ends early: 64 MiB of them. What makes a stream of parts small."""


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
    left_bits: Bits, right_bits: Bits, threshold: float, *, threads: int | None = None, progress: Progress = SILENT
) -> CandidatePairs:
    """All pairs of a record of one list and a record of another whose score is `threshold` or over.

    Args:
        left_bits, right_bits: uint8 (n, bytes) and (m, bytes), most significant bit first.
        threshold: in (0, 1].
        threads: None: all that this process may use. Changes the time, never the result.
        progress: is told record pairs, as they are done.

    Raises:
        BadInput: not such arrays, of different lengths, or a threshold or number of threads out of range.
        MemoryError: the candidate pairs do not fit in memory; see `stream_pairs`.
    """
    return merge_parts(stream_pairs(left_bits, right_bits, threshold, threads=threads, progress=progress))


def candidate_pairs_inside(
    bits: Bits, threshold: float, *, threads: int | None = None, progress: Progress = SILENT
) -> CandidatePairs:
    """All pairs of records of one list, left < right, whose score is `threshold` or over; see `candidate_pairs`."""
    return merge_parts(stream_pairs(bits, None, threshold, threads=threads, progress=progress))


def stream_pairs(
    left_bits: Bits,
    right_bits: Bits | None,
    threshold: float,
    *,
    threads: int | None = None,
    progress: Progress = SILENT,
) -> Iterator[CandidatePairs]:
    """The candidate pairs in parts of some millions, as they are found: memory is that of the lists and one part.

    Each part is in the order that `CandidatePairs` states; the parts are in none, and how they are cut depends on the
    threads. right_bits None: the pairs inside the left list. Arguments and errors as for `candidate_pairs`.
    """
    require_comparable_lists([left_bits] if right_bits is None else [left_bits, right_bits], threshold, threads)
    scan = kernel.start_scan(left_bits, right_bits, threshold)
    workers = threads or kernel.usable_cpus()
    part_pairs = PART_PAIRS * min(workers, kernel.usable_cpus())
    with progress.stage("comparing", int(scan.pairs)) as advance:
        advance(int(scan.done))
        while not scan.finished:
            before = int(scan.done)
            yield CandidatePairs(*scan.take(part_pairs, PART_CANDIDATES, workers))
            advance(int(scan.done) - before)


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
    require_comparable_lists(bits, floor, threads)
    offsets = offsets_of([len(one) for one in bits])
    everyone = np.concatenate(bits) if len(bits) else np.empty((0, 0), np.uint8)
    found = candidate_pairs_inside(everyone, floor, threads=threads, progress=progress)
    return PairGraph(offsets, found.left.astype(np.int64), found.right.astype(np.int64), found.score, floor=floor)


def merge_parts(parts: Iterable[CandidatePairs]) -> CandidatePairs:
    """One list of pairs, in order, out of its parts: they are sorted, so a stable sort by merging has little to do."""
    found = list(parts)
    if len(found) == 1:
        return found[0]
    left, right = (
        np.concatenate([np.empty(0, np.uint32), *(getattr(part, side) for part in found)]) for side in ("left", "right")
    )
    score = np.concatenate([np.empty(0), *(part.score for part in found)])
    order = np.lexsort((left.astype(np.uint64) << 32 | right, -score))
    return CandidatePairs(left[order], right[order], score[order])


def require_comparable_lists(bits: Sequence[Bits], threshold: float, threads: int | None) -> None:
    """Prove that these arguments mean something; BadInput where they do not."""
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
