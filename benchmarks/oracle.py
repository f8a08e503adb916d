"""Every pathway table of thousands of random co-ops, counted by waylink and by a brute-force oracle.

python -m benchmarks.oracle --json benchmarks/results/oracle.json
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from benchmarks.machine import machine, write_figures
from schemas import Unit
from tests.linkage.pathways.against_oracle import disagreements

COOPS = 5000
UNITS = (Unit.MONTH, Unit.QUARTER, Unit.DAY)


def main() -> None:
    """Read the command line, count, compare, print; exit status 1 where anything differs."""
    parser = argparse.ArgumentParser(description="Pathway tables beside a brute-force oracle.")
    parser.add_argument("--coops", type=int, default=COOPS, help="how many random co-ops of each unit of time")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    options = parser.parse_args()
    processor = time.process_time()
    figures: dict[str, object] = {}
    different: list[str] = []
    for unit in UNITS:
        made = [disagreements(seed, unit) for seed in range(options.coops)]
        different += [text for _, found in made for text in found]
        figures[unit.value] = {"coops": options.coops, "histories": sum(people for people, _ in made)}
    figures |= {"different": different, "cpu_seconds": round(time.process_time() - processor, 1)}
    sys.stdout.write(json.dumps(figures) + "\n")
    if options.json:
        write_figures(machine() | figures, options.json)
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
