"""The comparing kernel beside its peers, in one process, one thread each, taking turns.

    python -m benchmarks.kernel                                     people, 20,000 x 20,000
    python -m benchmarks.kernel --records 50000 --json FILE         FILE is what `benchmarks.chart` draws
    python -m benchmarks.kernel --random-bits                       without the package `names`

Absolute times drift on shared machines, the ratio drifts less. Times are CPU seconds of the process, all its threads
added up: a peer that took a second thread would gain nothing by it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.datasets import CACHE, PeopleLists, likeness, people_lists, two_lists
from benchmarks.machine import machine, write_figures
from benchmarks.peers import ANONLINK, Contestant, contestants, first_records, peers_use, same_pairs
from linkage.candidates.compare import CandidatePairs, candidate_pairs
from schemas.encodings import Bits

__all__ = ["Figure", "machine", "main", "measure", "measure_threads", "show"]

THRESHOLDS = {0: (0.7, 0.8, 0.85, 0.9), 2: (0.66,)}
"""By xor folds. Folded filters are the preset's, and 0.66 is what its thresholds come to. Not 0.65, 0.75 or 0.95,
where anonlink leaves out pairs on the threshold."""

THREADS_AT = 0.85  # the threshold at which threads are measured
SEED = 20261123


@dataclass(frozen=True)
class Figure:
    """What one implementation reached at one threshold, in the best of its turns.

    Attributes:
        implementation: one of our kernels, or a peer.
        ours: which of these.
        xor_folds: of the linkage schema.
        threshold: of the Dice coefficient.
        records: in each of its two lists.
        cpu_seconds: for all pairs.
        pairs_per_second: record pairs, not candidates.
        ratio_to_anonlink: of the pairs per second.
        candidates: pairs found.
    """

    implementation: str
    ours: bool
    xor_folds: int
    threshold: float
    records: int
    cpu_seconds: float
    pairs_per_second: float
    ratio_to_anonlink: float
    candidates: int


def measure(
    left: Bits, right: Bits, threshold: float, *, rounds: int, peer_records: int, xor_folds: int = 0
) -> list[Figure]:
    """Everybody in turn, `rounds` times over.

    Args:
        left, right: uint8 (n, bytes) each.
        rounds: turns of each; the best counts.
        peer_records: peers other than anonlink get only so many records of each list.

    Raises:
        AssertionError: not all find the same pairs with the same scores.
    """
    everybody, _ = contestants()
    sizes = {one.name: _size(one, len(left), peer_records) for one in everybody}
    runs = {one.name: one.prepare(left[: sizes[one.name]], right[: sizes[one.name]]) for one in everybody}
    best = dict.fromkeys(runs, float("inf"))
    found: dict[str, CandidatePairs] = {}
    for _ in range(rounds):
        for name, find in runs.items():
            start = time.process_time()
            found[name] = find(threshold)
            best[name] = min(best[name], time.process_time() - start)
    require_same(found, sizes, threshold)
    rate = {name: sizes[name] ** 2 / best[name] for name in runs}
    return [
        Figure(
            one.name, one.ours, xor_folds, threshold, sizes[one.name],
            best[one.name], rate[one.name], rate[one.name] / rate[ANONLINK], len(found[one.name]),
        )
        for one in everybody
    ]  # fmt: skip


def require_same(found: dict[str, CandidatePairs], sizes: dict[str, int], threshold: float) -> None:
    """Stop unless everybody found the pairs that anonlink found among as many records."""
    for name, pairs in found.items():
        if not same_pairs(pairs, first_records(found[ANONLINK], sizes[name])):
            raise AssertionError(f"{name} finds other pairs at {threshold} than {ANONLINK}: no figure counts")


def measure_threads(left: Bits, right: Bits, threads: int, rounds: int) -> dict[str, float]:
    """Our fastest kernel with several threads and with one, in turns: seconds of the clock, best of the rounds."""
    best = dict.fromkeys((1, threads), float("inf"))
    for _ in range(rounds):
        for count in best:
            start = time.perf_counter()
            candidate_pairs(left, right, THREADS_AT, threads=count)
            best[count] = min(best[count], time.perf_counter() - start)
    gain = best[1] / best[threads]
    return {"threads": threads, "threshold": THREADS_AT, "seconds": best[threads], "times_faster_than_one": gain}


def show(about: dict[str, object], figures: Sequence[Figure]) -> str:
    """The figures for people."""
    lines = [f"{key}: {value}" for key, value in about.items()]
    head = f"{'folds':>5}  {'threshold':>9}  {'kernel':<9} {'10^9 pairs/s':>12}  {'x anonlink':>10}  {'candidates':>10}"
    lines += ["", f"{head}  {'records':>9}"]
    lines += [
        f"{one.xor_folds:>5}  {one.threshold:>9}  {one.implementation:<9} {one.pairs_per_second / 1e9:>12.3f}"
        f"  {one.ratio_to_anonlink:>10.2f}  {one.candidates:>10}  {one.records:>9}"
        for one in figures
    ]
    return "\n".join(lines)


def _size(contestant: Contestant, records: int, peer_records: int) -> int:
    whole = contestant.ours or contestant.name == ANONLINK
    return records if whole else min(records, peer_records)


def _thresholds(random_bits: bool) -> dict[int, tuple[float, ...]]:
    """THRESHOLDS; for random bits all of them on the one kind of filter there is, which nobody folded."""
    return {0: tuple(sorted(sum(THRESHOLDS.values(), ())))} if random_bits else THRESHOLDS


def _lists(options: argparse.Namespace, folds: int) -> tuple[Bits, Bits, dict[str, object]]:
    """The lists, and what they are like."""
    if options.random_bits:
        left, right = two_lists(np.random.default_rng(options.seed), options.records, shared=options.records // 3)
        return left, right, {"kind": "random bits"}
    lists: PeopleLists = people_lists(options.seed, options.records, folds=folds, cache=options.folder)
    like = asdict(likeness(lists, np.random.default_rng(options.seed)))
    return lists.left, lists.right, {"kind": "people", "xor_folds": folds, **like}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=20_000, help="records in each of the two lists")
    parser.add_argument("--peer-records", type=int, default=10_000, help="as many for peers other than anonlink")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each; the best counts")
    parser.add_argument("--threads", type=int, default=0, help="measure ours with so many threads, too")
    parser.add_argument("--random-bits", action="store_true", help="bits in place of people (one filter, no folds)")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--folder", type=Path, default=CACHE, help="where lists of people are kept")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    return parser.parse_args()


def main() -> None:
    """Read the command line, measure, print."""
    options = _options()
    figures: list[Figure] = []
    data = []
    threads: dict[str, float] = {}
    for folds, thresholds in _thresholds(options.random_bits).items():
        left, right, like = _lists(options, folds)
        data.append(like)
        for threshold in thresholds:
            figures += measure(
                left, right, threshold, rounds=options.rounds, peer_records=options.peer_records, xor_folds=folds
            )
        if options.threads > 1 and not threads:
            threads = measure_threads(left, right, options.threads, options.rounds)
    about = machine() | {
        "peers_use": peers_use(),
        "skipped": contestants()[1],
        "bits": left.shape[1] * 8,
        "seed": options.seed,
    }
    about |= {"data": data, "threads": threads}
    sys.stdout.write(show(about, figures) + "\n")
    if options.json:
        document = about | {"figures": [asdict(one) for one in figures]}
        write_figures(document, options.json)


if __name__ == "__main__":
    main()
