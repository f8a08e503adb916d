"""Every implementation against the reference on very many pairs: `python -m benchmarks.equal [--pairs 1e9]`.

Half of the pairs are of random filters of all lengths and fills, half of made-up people at the thresholds that matter.
The tests do the same on fewer pairs at each change; this is for a new implementation, processor or compiler.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

from benchmarks.datasets import CACHE, people_lists
from linkage import kernel
from linkage.kernel import _native, reference
from linkage.kernel.reference import Found
from schemas.encodings import Bits

SEED = 20261123
ROWS = 5_000  # 25 million pairs a case: the reference takes some seconds
MOST_BYTES = 160  # of a random filter: over the longest that a co-op would use
THRESHOLDS = (0.66, 0.7, 0.75, 0.8, 0.85, 0.9)
COPIES = 0.3  # share of random right records that are near copies of left ones

Case = tuple[Bits, Bits, float]


def random_cases(rng: Generator) -> Iterator[Case]:
    """Filters of any length and fill, some of them near copies, at any threshold; without end."""
    while True:
        width, fill = int(rng.integers(1, MOST_BYTES + 1)), rng.uniform(0.05, 0.95)
        left, right = (np.packbits(rng.random((ROWS, 8 * width), np.float32) < fill, axis=1) for _ in range(2))
        copies = rng.random(ROWS) < COPIES
        noise = np.packbits(rng.random((int(copies.sum()), 8 * width), np.float32) < rng.uniform(0, 0.2), axis=1)
        right[copies] = left[copies] ^ noise
        strangers = fill  # their expected score: far under it everything would be a candidate
        yield left, right, float(rng.uniform(min(strangers + 0.05, 0.95), 1.0))


def people_cases(rng: Generator, cache: Path) -> Iterator[Case]:
    """Blocks of two lists of people, with and without folds, at the usual thresholds; without end."""
    lists = [people_lists(SEED, 4 * ROWS, folds=folds, cache=cache) for folds in (0, 2)]
    while True:
        one = lists[int(rng.integers(2))]
        left, right = (side[int(rng.integers(len(side) - ROWS)) :][:ROWS] for side in (one.left, one.right))
        yield left, right, float(rng.choice(THRESHOLDS))


def require_equal(found: Found, expected: Found, name: str, case: Case) -> None:
    """Raises AssertionError unless all rows and scores are the same, in the same order."""
    columns: Iterator[tuple[Any, Any]] = zip(found, expected, strict=True)
    for got, want in columns:
        if not np.array_equal(got, want):
            raise AssertionError(f"{name} differs from the reference: {case[0].shape}, threshold {case[2]!r}")


def check(pairs: float, cache: Path) -> None:
    """Go on until so many pairs were compared by everybody."""
    rng = np.random.default_rng(SEED)
    cases = zip(random_cases(rng), people_cases(rng, cache), strict=True)
    done = candidates = 0
    while done < pairs:
        for case in next(cases):
            expected = reference.scan(*case)
            for name in kernel.available():
                found = _native.Scan(name, *case).take(np.inf, kernel.ALL, kernel.usable_cpus())
                require_equal(found, expected, name, case)
            done += len(case[0]) * len(case[1])
            candidates += len(expected[0])
        sys.stderr.write(f"{done:,} pairs, {candidates:,} candidates: all equal\n")
    names = ", ".join(kernel.available())
    sys.stdout.write(f"{names} equal the reference on {done:,} pairs with {candidates:,} candidates\n")


def main() -> None:
    """Read the command line and check."""
    parser = argparse.ArgumentParser(description="Hold every implementation to the reference on very many pairs.")
    parser.add_argument("--pairs", type=float, default=1e9)
    parser.add_argument("--folder", type=Path, default=CACHE, help="where made-up people are kept")
    options = parser.parse_args()
    check(options.pairs, options.folder)


if __name__ == "__main__":
    main()
