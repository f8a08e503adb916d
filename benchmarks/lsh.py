"""Bit-sampling search beside exact comparing: `python -m benchmarks.lsh [--records N ...] [--large] [--json FILE]`.

Two lists of so many CLKs each, a third of the people in both; every pair of a record of one list and a record of the
other. What exact comparing would take is measured on a slice and multiplied up; the recall is that of a sample compared
exactly and, where that is cheap enough, of all pairs.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator

from benchmarks.datasets import RECORD_SPREAD, bit_frequencies, bit_noise
from benchmarks.machine import machine, write_figures
from linkage import kernel
from linkage.candidates.compare import CandidatePairs, candidate_pairs
from linkage.candidates.lsh import candidate_pairs_lsh
from linkage.candidates.recall import RecallEstimate, estimate_recall
from schemas.encodings import Bits

SIZES = (100_000, 300_000, 1_000_000)
LARGE = 4_000_000
BITS = 1024
SEED = 20261123
PIECE = 50_000  # CLKs made at a time: 400 MB of random numbers
EXACT_SLICE = 10_000  # records of each list compared exactly, to know the rate
EXACT_UP_TO = 100_000  # records a list up to which all pairs are compared exactly: a minute
CHECKED_PAIRS = 2_000_000_000  # of the exact sample, whose seconds are shown apart


@dataclass(frozen=True)
class Figure:
    """One size at one threshold.

    `cpu_seconds` and `seconds` are of the search alone, the sample that checks it is left out; `exact_cpu_seconds` is
    the rate of a slice times all pairs.
    """

    records: int
    threshold: float
    threads: int
    seconds: float
    cpu_seconds: float
    exact_cpu_seconds: float
    pairs_found: int
    true_recall: float | None
    sampled_recall: dict[str, object]
    report: dict[str, object]


def lists_in_pieces(rng: Generator, records: int, bits: int = BITS) -> tuple[Bits, Bits]:
    """Lists like `two_lists` makes, a third of the people in both, in pieces that fit in memory."""
    shared, frequency = records // 3, bit_frequencies(rng, bits)
    people = np.empty((2 * records - shared, bits // 8), np.uint8)
    for start in range(0, len(people), PIECE):
        piece = people[start : start + PIECE]
        shift = rng.normal(0.0, RECORD_SPREAD, (len(piece), 1)).astype(np.float32)
        piece[:] = np.packbits(rng.random((len(piece), bits), np.float32) < frequency + shift, axis=1)
    left, right = people[:records], people[records - shared :].copy()
    for start in range(0, shared, PIECE):
        piece = right[start : min(start + PIECE, shared)]
        piece ^= bit_noise(rng, len(piece), bits)
    return left[rng.permutation(records)], right[rng.permutation(records)]


def measure(left: Bits, right: Bits, threshold: float, recall: float, threads: int) -> Figure:
    """Search once, then find out what it missed and what comparing exactly would have cost."""
    start, cpu = time.perf_counter(), time.process_time()
    found = candidate_pairs_lsh(left, right, threshold, recall=recall, seed=SEED, threads=threads, checked_pairs=0)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
    return Figure(
        records=len(left),
        threshold=threshold,
        threads=threads,
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        exact_cpu_seconds=_exact_seconds(left, right, threshold),
        pairs_found=len(found.pairs),
        true_recall=_true_recall(left, right, threshold, found.pairs, threads),
        sampled_recall=_sampled_recall(left, right, threshold, found.pairs, threads).as_dict(),
        report=found.report.as_dict(),
    )


def growth(figures: Iterable[Figure]) -> float:
    """The exponent e of a fit of CPU seconds = c * records^e."""
    points = np.log([(one.records, one.cpu_seconds) for one in figures])
    return float(np.polyfit(points[:, 0], points[:, 1], 1)[0])


def _exact_seconds(left: Bits, right: Bits, threshold: float) -> float:
    some_left, some_right = left[:EXACT_SLICE], right[:EXACT_SLICE]
    start = time.process_time()
    candidate_pairs(some_left, some_right, threshold, threads=1)
    return (time.process_time() - start) * len(left) * len(right) / (len(some_left) * len(some_right))


def _true_recall(left: Bits, right: Bits, threshold: float, found: CandidatePairs, threads: int) -> float | None:
    if len(left) > EXACT_UP_TO:
        return None
    return len(found) / max(len(candidate_pairs(left, right, threshold, threads=threads)), 1)


def _sampled_recall(left: Bits, right: Bits, threshold: float, found: CandidatePairs, threads: int) -> RecallEstimate:
    rows = (found.left.astype(np.int64), found.right.astype(np.int64))
    rng = np.random.default_rng(SEED)
    return estimate_recall([left], [right], rows, threshold, rng, most_pairs=CHECKED_PAIRS, threads=threads)


def show(about: dict[str, object], figures: list[Figure], exponent: float | None) -> str:
    """The figures for people."""
    lines = [f"{key}: {value}" for key, value in about.items()]
    lines += ["", "  records  at    tables  seconds     CPU s  exact CPU s   times    pairs  recall (95 % interval)"]
    lines += [_line(one) for one in figures]
    if exponent is not None:
        lines += ["", f"CPU seconds grow with records^{exponent:.2f}"]
    return "\n".join(lines)


def _line(one: Figure) -> str:
    sampled = one.sampled_recall
    recall = f"{sampled['recall']:.4f} ({sampled['low']:.4f} to {sampled['high']:.4f}, {sampled['matches']} pairs)"
    times = one.exact_cpu_seconds / one.cpu_seconds
    return (
        f"{one.records:>9}  {one.threshold:<4}  {one.report['tables']:>6}  {one.seconds:>7.1f}  {one.cpu_seconds:>8.1f}"
        f"  {one.exact_cpu_seconds:>11.0f}  {times:>6.0f}  {one.pairs_found:>7}  {recall}"
        + ("" if one.true_recall is None else f"; of all pairs {one.true_recall:.4f}")
    )


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description="Search 1024-bit CLKs by bit sampling; compare with exact comparing.")
    parser.add_argument("--records", type=int, nargs="+", default=list(SIZES), help="records in each of the two lists")
    parser.add_argument("--large", action="store_true", help=f"{LARGE:,} records too (needs 8 GB)")
    parser.add_argument("--threshold", type=float, default=0.85)
    parser.add_argument("--recall", type=float, default=0.99, help="wanted of pairs that score the threshold")
    parser.add_argument("--threads", type=int, default=kernel.usable_cpus())
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    options = parser.parse_args()
    figures = []
    for records in [*options.records, *([LARGE] if options.large else [])]:
        lists = lists_in_pieces(np.random.default_rng(SEED), records)
        figures.append(measure(*lists, options.threshold, options.recall, options.threads))
        del lists
    exponent = growth(figures) if len(figures) > 1 else None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # KiB on Linux
    about = machine() | {"bits": BITS, "seed": SEED, "peak_memory_bytes": peak}
    sys.stdout.write(show(about, figures, exponent) + "\n")
    if options.json:
        document = about | {"growth_exponent": exponent, "figures": [asdict(one) for one in figures]}
        write_figures(document, options.json)


if __name__ == "__main__":
    main()
