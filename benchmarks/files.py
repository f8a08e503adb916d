"""From two encodings files to sorted candidate pairs on disk: ours, and anonlink on the same files.

    python -m benchmarks.files                              100,000 x 100,000 at 0.85; anonlink does a tenth of it
    python -m benchmarks.files --records 20000 --share 1    anonlink does all of it, too
    python -m benchmarks.files --million --json FILE        10^6 x 10^6, ours alone: takes long, tells how far it is

Each runs in a child process of its own, so that each one's memory is its own. The child's clock runs from the
opening of the files to the closing of the result, imports left out. The pairs must be the same, to the last bit.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from anonlink.serialization import dump_candidate_pairs
from anonlink.similarities import dice_coefficient_accelerated

from benchmarks.datasets import CACHE, PeopleLists, people_lists
from benchmarks.machine import machine, peak_memory, write_figures
from benchmarks.peers import ANONLINK, first_left_records, same_pairs
from linkage.candidates.compare import stream_pairs
from linkage.candidates.pair_file import read_pairs, write_pairs
from schemas.console import Advance
from schemas.encodings import TOKEN_BYTES, Encodings, read_encodings, write_encodings

OURS = "waylink"
SEED = 20261123
MILLION = 1_000_000


@dataclass(frozen=True)
class Task:
    """What a child does.

    Attributes:
        who: OURS or ANONLINK.
        left, right: encodings files.
        rows: only so many of the left file's records.
        threshold: of the Dice coefficient.
        threads: for ours.
        out: the file to write.
    """

    who: str
    left: Path
    right: Path
    rows: int
    threshold: float
    threads: int
    out: Path


@dataclass(frozen=True)
class Run:
    """What it took.

    Attributes:
        who: OURS or ANONLINK.
        seconds: of the clock, from files to file.
        peak_bytes: the most memory the process had resident.
        record_pairs, candidates: how many were compared, and found.
    """

    who: str
    seconds: float
    peak_bytes: int
    record_pairs: int
    candidates: int


def do_task(task: Task) -> Run:
    """Do it in this process; time and memory are this process's."""
    work: Callable[[Task], tuple[int, int]] = {OURS: _waylink, ANONLINK: _anonlink}[task.who]
    start = time.perf_counter()
    candidates, compared = work(task)
    return Run(task.who, time.perf_counter() - start, peak_memory(), compared, candidates)


def in_a_child(task: Task) -> Run:
    """Do it in a process of its own, whose progress goes to this one's standard error."""
    words = {name: str(value) for name, value in asdict(task).items()}
    command = [sys.executable, "-m", "benchmarks.files", "--task", json.dumps(words)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 (this very module)
    return Run(**json.loads(done.stdout))


def write_lists(lists: PeopleLists, folder: Path) -> tuple[Path, Path]:
    """Write both lists as encodings files."""
    rng = np.random.default_rng(SEED)
    paths = folder / "left.safetensors", folder / "right.safetensors"
    for bits, path in zip((lists.left, lists.right), paths, strict=True):
        tokens = rng.integers(256, size=(len(bits), TOKEN_BYTES), dtype=np.uint8)
        write_encodings(Encodings(bits, tokens), path)
    return paths


def compare_files(left: Path, right: Path, folder: Path, options: argparse.Namespace) -> list[Run]:
    """Ours on all of it, anonlink on its share of the left records; stops unless the pairs are the same."""
    rows = {OURS: options.records, ANONLINK: max(1, round(options.records * options.share))}
    if options.million:
        del rows[ANONLINK]
    tasks = [
        Task(who, left, right, rows[who], options.threshold, options.threads, folder / f"{who}.pairs") for who in rows
    ]
    runs = [in_a_child(task) for task in tasks]
    if not options.million:
        ours, theirs = (read_pairs(task.out) for task in tasks)
        if not same_pairs(first_left_records(ours, rows[ANONLINK]), theirs):
            raise AssertionError("not the same pairs: no figure counts")
    return runs


def show(runs: list[Run]) -> str:
    """The runs for people; one that did a part only is scaled to the first one's record pairs."""
    whole = runs[0]
    lines = [f"{'':<9} {'seconds':>9} {'x waylink':>9} {'peak MB':>8} {'candidates':>11}"]
    for run in runs:
        scale = whole.record_pairs / run.record_pairs
        scaled = f"   scaled from 1/{scale:.3g} of the pairs (memory as it was)" if scale > 1 else ""
        seconds = run.seconds * scale
        lines.append(
            f"{run.who:<9} {seconds:>9.1f} {seconds / whole.seconds:>9.2f} {run.peak_bytes / 1e6:>8.0f}"
            f" {run.candidates:>11}{scaled}"
        )
    return "\n".join(lines)


def _waylink(task: Task) -> tuple[int, int]:
    left, right = read_encodings(task.left).bits[: task.rows], read_encodings(task.right).bits
    parts = stream_pairs(left, right, task.threshold, threads=task.threads, progress=_Told())
    return write_pairs(parts, task.out), len(left) * len(right)


def _anonlink(task: Task) -> tuple[int, int]:
    encodings = read_encodings(task.left).bits[: task.rows], read_encodings(task.right).bits
    lists = [[row.tobytes() for row in bits] for bits in encodings]
    scores, rows = dice_coefficient_accelerated(lists, task.threshold)
    with task.out.open("wb") as file:
        members = tuple(np.full(len(scores), member, np.uint8) for member in (0, 1))
        dump_candidate_pairs((scores, members, rows), file)
    return len(scores), len(encodings[0]) * len(encodings[1])


class _Told:
    """A `Progress` on standard error: a line whenever a twentieth more is done."""

    @contextmanager
    def stage(self, title: str, total: int) -> Iterator[Advance]:
        start, done, told = time.perf_counter(), 0, 0

        def advance(units: int) -> None:
            nonlocal done, told
            done += units
            if done * 20 // max(total, 1) > told:
                told, seconds = done * 20 // total, time.perf_counter() - start
                left = seconds * (total - done) / done
                sys.stderr.write(f"{title}: {done / total:4.0%} after {seconds:,.0f} s, {left:,.0f} s to go\n")

        yield advance


def _task(text: str) -> Task:
    words = json.loads(text)
    left, right, out = (Path(words[name]) for name in ("left", "right", "out"))
    return Task(words["who"], left, right, int(words["rows"]), float(words["threshold"]), int(words["threads"]), out)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=100_000, help="records in each of the two lists")
    parser.add_argument("--share", type=float, default=0.1, help="share of the left records that anonlink does")
    parser.add_argument("--threshold", type=float, default=0.85)
    parser.add_argument("--threads", type=int, default=1, help="for ours; anonlink has one")
    parser.add_argument("--folds", type=int, default=0, help="xor folds of the linkage schema")
    parser.add_argument("--million", action="store_true", help="10^6 x 10^6 records, ours alone")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--folder", type=Path, default=CACHE, help="where lists of people are kept")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    parser.add_argument("--task", type=_task, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Read the command line; be the child, or start children and print what they took."""
    options = _options()
    if options.task:
        sys.stdout.write(json.dumps(asdict(do_task(options.task))))
        return
    if options.million:
        options.records = MILLION
    lists = people_lists(options.seed, options.records, folds=options.folds, cache=options.folder)
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        left, right = write_lists(lists, Path(folder))
        del lists
        runs = compare_files(left, right, Path(folder), options)
    sys.stdout.write(show(runs) + "\n")
    if options.json:
        asked = {name: getattr(options, name) for name in ("records", "share", "threshold", "threads", "folds", "seed")}
        document = machine() | asked | {"runs": [asdict(run) for run in runs]}
        write_figures(document, options.json)


if __name__ == "__main__":
    main()
