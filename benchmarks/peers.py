"""Who takes part in the comparison: our kernels, anonlink, and two libraries that compare bits fast.

Each is called the way that is best for it, on one thread, and must give the very same pairs with the same scores.
Neither faiss nor NumKong knows the Dice coefficient with a threshold. Each gives a superset by a bound that it does
know, and the exact cut of that superset is inside its time:

* faiss: `IndexBinaryFlat.range_search`. Dice >= t is Hamming <= (1-t)(|a|+|b|); queries go by popcount, so that each
  block has the radius that its longest record needs, and no more.
* NumKong: Jaccard distances of all pairs from `jaccards_packed`, in blocks that stay in the cache. Dice >= t is
  Jaccard distance <= 2(1-t)/(2-t).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module

import numpy as np
from anonlink.similarities import dice_coefficient_accelerated
from numpy.typing import NDArray

from benchmarks.machine import installed
from linkage import kernel
from linkage.candidates.compare import CandidatePairs, candidate_pairs
from linkage.kernel.reference import popcounts
from schemas.encodings import Bits

ANONLINK, FAISS, NUMKONG = "anonlink", "faiss", "NumKong"
PACKAGES = {FAISS: "faiss-cpu", NUMKONG: "numkong"}
"""Peers that need not be installed."""

FAISS_QUERIES = 256  # in a block: few enough for one radius to fit them all, enough to make a call worth its while
NUMKONG_CELLS = 1 << 20  # of a block of distances: 4 MiB
FLOAT32_SLACK = 1e-5  # how far a 32-bit Jaccard distance may be off, and more
ROUNDING = 1  # bits that the floating-point radius may be off

Find = Callable[[float], CandidatePairs]
"""Threshold -> all candidate pairs, in any order."""


@dataclass(frozen=True)
class Contestant:
    """Somebody who finds candidate pairs.

    Attributes:
        name: for people.
        prepare: takes the two lists and gives the function that is timed.
        ours: whether it is one of our kernels.
    """

    name: str
    prepare: Callable[[Bits, Bits], Find]
    ours: bool = False


def contestants() -> tuple[list[Contestant], list[str]]:
    """Everybody who is here, ours first; and, in words, who is not."""
    here = [Contestant(name, _ours(name), ours=True) for name in kernel.available()]
    here.append(Contestant(ANONLINK, _anonlink))
    entries = {FAISS: _faiss, NUMKONG: _numkong}
    here += [Contestant(name, entries[name]) for name, package in PACKAGES.items() if installed(package)]
    absent = [f"{name} left out: {package} is not installed" for name, package in PACKAGES.items()]
    return here, [line for line, package in zip(absent, PACKAGES.values(), strict=True) if not installed(package)]


def peers_use() -> dict[str, str]:
    """The instruction sets that the peers say they use here."""
    told = {}
    if installed(PACKAGES[FAISS]):
        told[FAISS] = str(import_module("faiss").get_compile_options()).strip()
    if installed(PACKAGES[NUMKONG]):
        capabilities = import_module("numkong").get_capabilities()
        told[NUMKONG] = " ".join(name for name, there in capabilities.items() if there)
    return told


@contextmanager
def forced(name: str) -> Iterator[None]:
    """Use that kernel inside the block, whatever the environment says."""
    before = os.environ.get(kernel.FORCE)
    os.environ[kernel.FORCE] = name
    try:
        yield
    finally:
        if before is None:
            del os.environ[kernel.FORCE]
        else:
            os.environ[kernel.FORCE] = before


def same_pairs(one: CandidatePairs, other: CandidatePairs) -> bool:
    """Whether both hold the same pairs with the same scores, to the last bit, in whatever order."""
    a, b = _in_order(one), _in_order(other)
    return all(np.array_equal(x, y) for x, y in ((a.left, b.left), (a.right, b.right), (a.score, b.score)))


def first_records(pairs: CandidatePairs, records: int) -> CandidatePairs:
    """Those of the pairs whose records are both among the first of their lists."""
    return _kept(pairs, (pairs.left < records) & (pairs.right < records))


def first_left_records(pairs: CandidatePairs, records: int) -> CandidatePairs:
    """Those of the pairs whose left record is among the first of its list."""
    return _kept(pairs, pairs.left < records)


def _ours(name: str) -> Callable[[Bits, Bits], Find]:
    def prepare(left: Bits, right: Bits) -> Find:
        def find(threshold: float) -> CandidatePairs:
            with forced(name):
                return candidate_pairs(left, right, threshold, threads=1)

        return find

    return prepare


def _anonlink(left: Bits, right: Bits) -> Find:
    lists = [[row.tobytes() for row in bits] for bits in (left, right)]

    def find(threshold: float) -> CandidatePairs:
        scores, (rows, columns) = dice_coefficient_accelerated(lists, threshold)
        return CandidatePairs(np.asarray(rows, np.uint32), np.asarray(columns, np.uint32), np.asarray(scores))

    return find


def _faiss(left: Bits, right: Bits) -> Find:
    faiss = import_module("faiss")
    faiss.omp_set_num_threads(1)

    def find(threshold: float) -> CandidatePairs:
        index = faiss.IndexBinaryFlat(right.shape[1] * 8)
        index.add(right)
        counts, longest = popcounts(left), int(popcounts(right).max())
        order = np.argsort(counts)
        parts = []
        for start in range(0, len(left), FAISS_QUERIES):
            rows = order[start : start + FAISS_QUERIES]
            radius = _farthest(int(counts[rows[-1]]), longest, threshold) + 1  # faiss: strictly less
            limits, _, columns = index.range_search(left[rows], radius)
            parts.append((np.repeat(rows, np.diff(limits.astype(np.int64))), columns))
        return _cut(left, right, parts, threshold)

    return find


def _numkong(left: Bits, right: Bits) -> Find:
    numkong = import_module("numkong")

    def find(threshold: float) -> CandidatePairs:
        packed = numkong.hammings_pack(right, dtype="uint1")
        step = max(1, NUMKONG_CELLS // len(right))
        limit = np.float32(2 * (1 - threshold) / (2 - threshold) + FLOAT32_SLACK)
        parts = []
        for start in range(0, len(left), step):
            block = left[start : start + step]
            distances = np.asarray(numkong.jaccards_packed(block, packed)).reshape(-1)
            rows, columns = np.divmod(np.flatnonzero(distances <= limit), len(right))
            parts.append((rows + start, columns))
        return _cut(left, right, parts, threshold)

    return find


def _farthest(popcount: int, longest: int, threshold: float) -> int:
    """The largest Hamming distance of a candidate whose left record has `popcount` ones or fewer.

    The right record has at most `longest`, and no more than (2-t)/t times the left one's: else they are too unlike.
    """
    other = min(longest, popcount * (2 - threshold) / threshold)
    return int((1 - threshold) * (popcount + other)) + ROUNDING


def _cut(
    left: Bits, right: Bits, parts: list[tuple[NDArray[np.int64], NDArray[np.int64]]], threshold: float
) -> CandidatePairs:
    """Score pairs exactly, and keep those at or over the threshold."""
    rows, columns = (np.concatenate(side) for side in zip(*parts, strict=True))
    common = popcounts(left[rows] & right[columns])
    total = popcounts(left)[rows] + popcounts(right)[columns]
    pairs = CandidatePairs(rows.astype(np.uint32), columns.astype(np.uint32), 2.0 * common / np.maximum(total, 1))
    return _kept(pairs, pairs.score >= threshold)


def _kept(pairs: CandidatePairs, wanted: NDArray[np.bool_]) -> CandidatePairs:
    return CandidatePairs(pairs.left[wanted], pairs.right[wanted], pairs.score[wanted])


def _in_order(pairs: CandidatePairs) -> CandidatePairs:
    order = np.lexsort((pairs.right, pairs.left))
    return CandidatePairs(pairs.left[order], pairs.right[order], pairs.score[order])
