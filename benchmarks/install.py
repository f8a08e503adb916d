"""What a steward installs and waits for: `python -m benchmarks.install [--json FILE]`.

The packages of the base install and their size, as the metadata of what is installed here says; and the time from
`waylink --help` to its text. Extras and what only developers need are left out.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from benchmarks.machine import machine, write_figures

ROUNDS = 9  # of which the best counts: the others waited for the disk or for other programs
MEGABYTE = 10**6


@dataclass(frozen=True)
class Installed:
    """One package of the base install: its version, and the bytes of its files as they lie on disk."""

    name: str
    version: str
    size: int


def base_install(root: str = "waylink") -> list[Installed]:
    """The package and all that it needs without extras, by name, each as it is installed here.

    Raises:
        importlib.metadata.PackageNotFoundError: one of them is not installed.
    """
    found: dict[str, Distribution] = {}
    wanted = [root]
    while wanted:
        name = canonicalize_name(wanted.pop())
        if name in found:
            continue
        found[name] = distribution(name)
        needed = (Requirement(text) for text in found[name].requires or ())
        wanted += [one.name for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
    return [Installed(name, found[name].version, _size(found[name])) for name in sorted(found)]


def help_seconds(rounds: int = ROUNDS) -> tuple[float, float]:
    """The least time of `waylink --help`: by the clock, and of the processor."""
    command = [sys.executable, "-m", "waylink", "--help"]
    clock, cpu = [], []
    for _ in range(rounds):
        before, start = _children_seconds(), time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 (this very package)
        clock.append(time.perf_counter() - start)
        cpu.append(_children_seconds() - before)
    return min(clock), min(cpu)


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _size(package: Distribution) -> int:
    places = (Path(str(package.locate_file(file))) for file in package.files or ())
    return sum(place.stat().st_size for place in places if place.is_file())


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description="The base install's packages, their size, and the time of --help.")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    options = parser.parse_args()
    packages = base_install()
    clock, cpu = help_seconds()
    for one in sorted(packages, key=lambda one: -one.size):
        print(f"{one.name:<24} {one.version:<12} {one.size / MEGABYTE:>8.1f} MB")
    total = sum(one.size for one in packages)
    print(f"{len(packages)} packages, {total / MEGABYTE:.0f} MB; waylink --help {clock:.2f} s ({cpu:.2f} CPU s)")
    if options.json:
        figures = {"help_seconds": clock, "help_cpu_seconds": cpu, "bytes": total}
        write_figures(machine() | figures | {"packages": [asdict(one) for one in packages]}, options.json)


if __name__ == "__main__":
    main()
