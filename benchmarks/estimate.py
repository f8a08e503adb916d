"""How near `waylink link --estimate` comes to what then happens: `python -m benchmarks.estimate [--records N ...]`.

For each size, two members of so many made-up people: the estimate, then the run, each in a child process, so that each
one's memory is its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.datasets import CACHE, people_lists
from benchmarks.machine import forget_peak_memory, machine, peak_memory, write_figures
from linkage.foretelling import foretell_link
from linkage.linking import link
from schemas import Agreement, Encodings, Origin
from schemas.agreement import parse_agreement

SEED = 20261123
SIZES = (2_000, 8_000, 30_000, 100_000)
FOLDS = 2
AGREEMENT = """
project = "Benchmark"
purpose = "Measure"
members = ["left", "right"]
data_level = "membership"
compare = "exact"
tables = ["set_pathway"]
"""


def coop(records: int, cache: Path) -> tuple[list[Encodings], Agreement]:
    """Two members with so many records each."""
    agreement = parse_agreement(AGREEMENT)
    lists, rng = people_lists(SEED, records, folds=FOLDS, cache=cache), np.random.default_rng(SEED)
    return [
        Encodings(
            bits,
            rng.integers(256, size=(len(bits), 16), dtype=np.uint8),
            Origin(member, agreement.digest, agreement.linkage_schema.digest, "k" * 64, "1", "0"),
        )
        for member, bits in (("left", lists.left), ("right", lists.right))
    ], agreement


def do_task(task: str, records: int, cache: Path) -> dict[str, Any]:
    """Estimate or link in this process; memory is what it took over that before."""
    encodings, agreement = coop(records, cache)
    before, started = forget_peak_memory(), time.perf_counter()
    if task == "estimate":
        return dict(foretell_link(encodings, agreement, clock=time.perf_counter).as_dict())
    linked = link(encodings, agreement)
    seconds = time.perf_counter() - started
    candidates = len(linked.compared.graph.score)
    return {"seconds": seconds, "candidates": candidates, "memory_bytes": peak_memory() - before}


def measure(records: int, cache: Path) -> dict[str, Any]:
    """The estimate beside the run, and their ratios."""
    both = {task: _in_a_child(task, records, cache) for task in ("estimate", "link")}
    ratios = {key: both["estimate"][key] / max(value, 1) for key, value in both["link"].items() if key != "seconds"}
    ratios["seconds"] = both["estimate"]["seconds"] / both["link"]["seconds"]
    return {"records": [records, records], **both, "estimate_over_run": ratios}


def _in_a_child(task: str, records: int, cache: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.estimate", "--task", task, "--records", str(records)]
    command += ["--folder", str(cache)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 (this very module)
    return dict(json.loads(done.stdout))


def show(figure: dict[str, Any]) -> str:
    """One size, for people."""
    ratios, run = figure["estimate_over_run"], figure["link"]
    return (
        f"{figure['records'][0]:>9,} x 2: took {run['seconds']:.1f} s, {run['candidates']:,} candidates, "
        f"{run['memory_bytes'] / 2**20:,.0f} MiB; estimate / run: seconds {ratios['seconds']:.2f}, "
        f"candidates {ratios['candidates']:.2f}, memory {ratios['memory_bytes']:.2f}\n"
    )


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description="Compare `waylink link --estimate` with what then happens.")
    parser.add_argument("--records", type=int, nargs="+", default=list(SIZES), help="records of each of two members")
    parser.add_argument("--folder", type=Path, default=CACHE, help="where made-up people are kept")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    parser.add_argument("--task", choices=("estimate", "link"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.task:
        sys.stdout.write(json.dumps(do_task(options.task, options.records[0], options.folder)))
        return
    figures = []
    for records in options.records:
        figures.append(measure(records, options.folder))
        sys.stdout.write(show(figures[-1]))
        sys.stdout.flush()
    if options.json:
        write_figures(machine() | {"figures": figures}, options.json)


if __name__ == "__main__":
    main()
