"""The comparing kernel beside anonlink: `python -m benchmarks.kernel [--records 10000] [--json FILE]`.

Both in one process, one thread, taking turns: absolute times drift on shared machines, the ratio drifts less.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from anonlink.similarities import dice_coefficient_accelerated

from benchmarks.datasets import two_lists
from linkage import kernel
from linkage.candidates.compare import candidate_pairs
from schemas.encodings import Bits

PEER = "anonlink"
THRESHOLDS = (0.66, 0.7, 0.8, 0.85, 0.9)  # not 0.65, 0.75, 0.95, where anonlink leaves out pairs on the threshold
SEED = 20261123
FLAGS = ("popcnt", "avx2", "avx512f", "avx512_vpopcntdq", "amx_int8", "asimd")
"""The instruction sets that matter here, as /proc/cpuinfo spells them."""


@dataclass(frozen=True)
class Figure:
    """What one implementation reached at one threshold, in the best of its rounds."""

    implementation: str
    threshold: float
    seconds: float
    pairs_per_second: float
    ratio_to_anonlink: float
    candidates: int


def measure(left: Bits, right: Bits, threshold: float, rounds: int) -> list[Figure]:
    """Every implementation and anonlink in turn, `rounds` times over; raises unless all find as many candidates."""
    contestants = {PEER: _anonlink(left, right, threshold)}
    contestants |= {name: _ours(name, left, right, threshold) for name in kernel.available()}
    best = dict.fromkeys(contestants, float("inf"))
    found: dict[str, int] = {}
    for _ in range(rounds):
        for name, run in contestants.items():
            start = time.perf_counter()
            found[name] = run()
            best[name] = min(best[name], time.perf_counter() - start)
    if len(set(found.values())) != 1:
        raise AssertionError(f"different numbers of candidates at {threshold}: {found}")
    pairs = len(left) * len(right)
    return [
        Figure(name, threshold, best[name], pairs / best[name], best[PEER] / best[name], found[name]) for name in best
    ]


def _anonlink(left: Bits, right: Bits, threshold: float) -> Callable[[], int]:
    lists = [[row.tobytes() for row in bits] for bits in (left, right)]
    return lambda: len(dice_coefficient_accelerated(lists, threshold)[0])


def _ours(name: str, left: Bits, right: Bits, threshold: float) -> Callable[[], int]:
    def run() -> int:
        os.environ[kernel.FORCE] = name
        return len(candidate_pairs(left, right, threshold, threads=1))

    return run


def machine() -> dict[str, object]:
    """Processor, instruction sets and versions: without these a figure says nothing."""
    model, flags = _processor()
    return {
        "processor": model,
        "architecture": platform.machine(),
        "instruction_sets": [flag for flag in FLAGS if flag in flags],
        "kernels": kernel.available(),
        "cpus_usable": kernel.usable_cpus(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("waylink", "anonlink", "numpy")},
    }


def _processor() -> tuple[str, set[str]]:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor(), set()
    fields = dict(
        [part.strip() for part in line.split(":", 1)] for line in text.split("\n\n")[0].splitlines() if ":" in line
    )
    words = fields.get("flags", fields.get("Features", "")).split()
    return fields.get("model name", platform.processor()), set(words)


def show(about: dict[str, object], figures: list[Figure]) -> str:
    """The figures for people."""
    lines = [f"{key}: {value}" for key, value in about.items()]
    lines += ["", f"{'threshold':>9}  {'kernel':<9} {'10^9 pairs/s':>12}  {'x anonlink':>10}  {'candidates':>10}"]
    lines += [
        f"{one.threshold:>9}  {one.implementation:<9} {one.pairs_per_second / 1e9:>12.3f}"
        f"  {one.ratio_to_anonlink:>10.2f}  {one.candidates:>10}"
        for one in figures
    ]
    return "\n".join(lines)


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description="Compare 1024-bit CLKs: ours and anonlink, one thread, in turns.")
    parser.add_argument("--records", type=int, default=10_000, help="records in each of the two lists")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each; the best counts")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    options = parser.parse_args()
    left, right = two_lists(np.random.default_rng(SEED), options.records, shared=options.records // 3)
    about = machine() | {"records": [len(left), len(right)], "bits": left.shape[1] * 8, "threads": 1, "seed": SEED}
    figures = [one for threshold in THRESHOLDS for one in measure(left, right, threshold, options.rounds)]
    sys.stdout.write(show(about, figures) + "\n")
    if options.json:
        document = about | {"figures": [asdict(one) for one in figures]}
        options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
