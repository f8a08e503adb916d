"""Candidate pairs to groups: `python -m benchmarks.solve [--scale 1.0] [--rounds 2] [--json FILE]`.

The greedy solvers beside anonlink's, in one process, taking turns; then average linkage, which has no such peer, with
the memory it takes. One thread. Seconds are of the processor, not of the clock: the machine may be shared.
"""

from __future__ import annotations

import argparse
import ctypes
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from anonlink.solving import greedy_solve, probabilistic_greedy_solve
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.machine import machine, write_figures
from linkage.candidates.pair_graph import PairGraph, Rows, offsets_of
from linkage.clustering.average import cluster_average
from linkage.clustering.greedy import (
    MERGE_THRESHOLD,
    RecordGroups,
    label_greedy,
    solve_greedy,
    solve_probabilistic_greedy,
)

SEED = 20261123
FLOOR = 0.55
"""Spurious pairs start here, dense and then fewer and fewer, as the tail of the non-matches does."""

MATCH, MATCH_SPREAD = 0.88, 0.06
"""Two records of one person score about this."""

COMMON = 1.5
"""How uneven spurious pairs are: a record's share falls as a power of a random number, so some have a hundred times
the usual number (common names, filled-in defaults)."""

THRESHOLD, MISSING = 0.66, 0.47
"""Where average linkage cuts, and what a missing pair counts: what a run on the example co-op finds, roughly."""

Run = Callable[[], Any]
_Sides = tuple[NDArray[np.uint32], NDArray[np.uint32]]
_Columns = tuple[NDArray[np.float64], _Sides, _Sides]


@dataclass(frozen=True)
class Figure:
    """One way on one list of pairs, in the best of its rounds.

    Attributes:
        bytes_per_pair: resident memory at its highest, over what was there before; None where not asked for.
    """

    pairs: str
    way: str
    count: int
    seconds: float
    ratio_to_anonlink: float | None = None
    bytes_per_pair: float | None = None


def coop(rng: Generator, members: int, records: int, pairs: int) -> PairGraph:
    """`members` lists of `records` each; every second person is at two members or more; the rest of `pairs` is chance.

    Matches are the clear ones: one pair in eight at two members, one in ten at ten. Pairs inside a list are left out,
    as at anonlink.
    """
    total = members * records
    person = rng.integers(0, total * 2 // 3 if members > 2 else total * 3 // 4, total)
    left, right = _pairs_of_one_person(person, records)
    missing = max(pairs - len(left), 0)
    more = _chance_pairs(rng, total, records, missing)
    score = np.concatenate([rng.normal(MATCH, MATCH_SPREAD, len(left)).clip(FLOOR, 1.0), _chance_scores(rng, missing)])
    return graph_of([records] * members, np.concatenate([left, more[0]]), np.concatenate([right, more[1]]), score)


def _pairs_of_one_person(person: Rows, records: int) -> tuple[Rows, Rows]:
    """All pairs of records of one person at two members, left < right."""
    order = np.argsort(person, kind="stable")
    found = [
        (order[:-step][same], order[step:][same])
        for step in range(1, int(np.bincount(person).max()))
        if (same := person[order[step:]] == person[order[:-step]]).any()
    ]
    left, right = (np.concatenate(side) for side in zip(*found, strict=True))
    apart = left // records != right // records
    return left[apart], right[apart]


def _chance_pairs(rng: Generator, total: int, records: int, count: int) -> tuple[Rows, Rows]:
    place = rng.permutation(total)
    sides = [place[(total * rng.random(2 * count + 1000) ** COMMON).astype(np.int64)] for _ in range(2)]
    left, right = np.minimum(*sides), np.maximum(*sides)
    apart = np.flatnonzero(left // records != right // records)
    return left[apart[:count]], right[apart[:count]]


def _chance_scores(rng: Generator, count: int) -> NDArray[np.float64]:
    return (FLOOR + rng.exponential(0.03, count)).clip(FLOOR, 1.0)


def graph_of(sizes: Sequence[int], left: Rows, right: Rows, score: NDArray[np.float64]) -> PairGraph:
    """Pairs as a graph: rounded to Dice coefficients of 450 bits each, so with ties; each pair once; best first."""
    _, once = np.unique(left * sum(sizes) + right, return_index=True)
    left, right, score = left[once], right[once], np.round(score[once] * 900) / 900
    order = np.lexsort((right, left, -score))
    return PairGraph(offsets_of(sizes), left[order], right[order], score[order], FLOOR)


def hubs(rng: Generator, records: int, count: int) -> PairGraph:
    """`count` records, each a candidate of all others, among `records`; half of the others have a clear match."""
    others = np.arange(count, records)
    half = len(others) // 2
    left = np.concatenate([np.repeat(np.arange(count), len(others)), others[:half]])
    right = np.concatenate([np.tile(others, count), others[half : 2 * half]])
    score = np.concatenate([rng.uniform(FLOOR, 0.9, count * len(others)), rng.normal(MATCH, 0.03, half).clip(0, 1)])
    return graph_of([records], left, right, score)


def clique(rng: Generator, records: int) -> PairGraph:
    """Every pair of `records` records, all of them over the threshold."""
    left, right = np.triu_indices(records, 1)
    return graph_of([records], left, right, rng.uniform(THRESHOLD, 1.0, len(left)))


def web(rng: Generator, records: int, pairs: int) -> PairGraph:
    """Pairs at random, all of them over the threshold: nearly all records hang together."""
    left, right = rng.integers(0, records, pairs), rng.integers(0, records, pairs)
    apart = left != right
    left, right = np.minimum(left, right)[apart], np.maximum(left, right)[apart]
    return graph_of([records // 2, records - records // 2], left, right, rng.uniform(THRESHOLD, 1.0, len(left)))


def greedy_figures(name: str, graph: PairGraph, rounds: int) -> Iterator[Figure]:
    """Both solvers: anonlink's, ours from the same arrays to the same tuples, and from arrays to an array."""
    candidates = for_anonlink(graph)
    columns = (graph.left, graph.right, graph.records)
    for solver, theirs, ours, array_form in (
        # As `cluster_greedy` asks where lists have no pairs inside: the same groups, as is checked below.
        ("greedy", greedy_solve, solve_greedy, partial(label_greedy, *columns, member=graph.member)),
        (
            "probabilistic",
            probabilistic_greedy_solve,
            solve_probabilistic_greedy,
            partial(label_greedy, *columns, member=graph.member, merge_threshold=MERGE_THRESHOLD),
        ),
    ):
        ways: dict[str, Run] = {
            f"anonlink {solver}": partial(theirs, candidates),
            f"{solver}, arrays": array_form,
            f"{solver}, tuples": partial(ours, candidates),
        }
        best, found = take_turns(ways, rounds)
        require_same_groups(graph, *found.values())
        peer = next(iter(best.values()))
        for way, seconds in best.items():
            yield Figure(name, way, len(graph.score), seconds, peer / seconds)


def for_anonlink(graph: PairGraph) -> _Columns:
    """The same pairs as anonlink takes them: scores, members and rows of both sides, 32 bits."""
    members = tuple(graph.member[side].astype(np.uint32) for side in (graph.left, graph.right))
    rows = tuple(
        (side - graph.offsets[m]).astype(np.uint32) for side, m in zip((graph.left, graph.right), members, strict=True)
    )
    return graph.score, (members[0], members[1]), (rows[0], rows[1])


def take_turns(ways: dict[str, Run], rounds: int) -> tuple[dict[str, float], dict[str, Any]]:
    """Seconds of each way in the best of its rounds, and what it found."""
    best = dict.fromkeys(ways, float("inf"))
    found: dict[str, Any] = {}
    for _ in range(rounds):
        for way, run in ways.items():
            start = time.process_time()
            found[way] = run()
            best[way] = min(best[way], time.process_time() - start)
    return best, found


def require_same_groups(graph: PairGraph, theirs: RecordGroups, label: Rows, ours: RecordGroups) -> None:
    """Raise unless all three are the same groups."""
    for groups in (theirs, ours):
        expected = np.arange(graph.records)
        for group in groups:
            records = [int(graph.offsets[m]) + r for m, r in group]
            expected[records] = min(records)
        if not np.array_equal(expected, label):
            raise AssertionError("the solvers disagree")


def average_figure(name: str, graph: PairGraph, rounds: int) -> Figure:
    """Average linkage on one thread."""
    ways = {"average": lambda: cluster_average(graph, THRESHOLD, missing_score=MISSING, threads=1)}
    growth = peak_growth(ways["average"])
    best, _ = take_turns(ways, rounds)
    per_pair = None if growth is None else growth / len(graph.score)
    return Figure(name, "average", len(graph.score), best["average"], bytes_per_pair=per_pair)


def peak_growth(run: Run) -> int | None:
    """Bytes of resident memory at the highest while `run` runs, over those before (Linux alone can tell)."""
    try:
        ctypes.CDLL(None).malloc_trim(0)  # memory that was freed but kept would hide what is taken anew
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # proc(5): forget the highest so far
        before = _resident("VmRSS")
    except (OSError, AttributeError):
        return None
    run()
    return _resident("VmHWM") - before


def _resident(field: str) -> int:
    found = re.search(rf"{field}:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    if found is None:
        raise OSError(f"the system does not tell {field}")
    return int(found[1]) * 1024


def measure(scale: float, rounds: int) -> Iterator[Figure]:
    """Every list of pairs, `scale` times as long as said here."""
    rng = np.random.default_rng(SEED)

    def scaled(count: int) -> int:
        return int(count * scale)

    yield from greedy_figures("2 members", coop(rng, 2, scaled(500_000), scaled(2_500_000)), rounds)
    yield from greedy_figures("10 members", coop(rng, 10, scaled(100_000), scaled(6_700_000)), rounds)
    yield average_figure("10 members", coop(rng, 10, scaled(300_000), scaled(10_000_000)), rounds)
    yield average_figure("one web", web(rng, scaled(3_000_000), scaled(10_000_000)), rounds)
    yield average_figure("100 hubs", hubs(rng, scaled(100_000), 100), rounds)
    yield average_figure("one clique", clique(rng, int(4473 * scale**0.5)), rounds)


def show(about: dict[str, object], figures: Sequence[Figure]) -> str:
    """The figures for people."""
    lines = [f"{key}: {value}" for key, value in about.items()]
    columns = ("pairs", "way", "count", "seconds", "us a pair", "x anonlink", "bytes a pair")
    lines += ["", "{:<11} {:<23} {:>11} {:>8} {:>10} {:>11} {:>13}".format(*columns)]
    for one in figures:
        ratio = "" if one.ratio_to_anonlink is None else f"{one.ratio_to_anonlink:.1f}"
        memory = "" if one.bytes_per_pair is None else f"{one.bytes_per_pair:.0f}"
        each = 1e6 * one.seconds / one.count
        lines.append(
            f"{one.pairs:<11} {one.way:<23} {one.count:>11,} {one.seconds:>8.2f} {each:>10.3f} {ratio:>11} {memory:>13}"
        )
    return "\n".join(lines)


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description="Candidate pairs to groups: ours and anonlink, one thread, in turns.")
    parser.add_argument("--scale", type=float, default=1.0, help="length of the lists; 1: 2.5 to 10 million pairs")
    parser.add_argument("--rounds", type=int, default=2, help="turns of each; the best counts")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    options = parser.parse_args()
    about = machine() | {"threads": 1, "seed": SEED, "scale": options.scale, "rounds": options.rounds}
    figures = list(measure(options.scale, options.rounds))
    sys.stdout.write(show(about, figures) + "\n")
    if options.json:
        document = about | {"figures": [asdict(one) for one in figures]}
        write_figures(document, options.json)


if __name__ == "__main__":
    main()
