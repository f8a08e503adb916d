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
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from anonlink.similarities import dice_coefficient_accelerated

from benchmarks.datasets import CACHE, PeopleLists, people_lists
from benchmarks.machine import machine, peak_memory
from benchmarks.peers import ANONLINK, first_left_records, same_pairs
from linkage.candidates.compare import CandidatePairs, candidate_pairs
from schemas.encodings import TOKEN_BYTES, Bits, Encodings, read_encodings, write_encodings

OURS = "waylink"
SEED = 20261123
MILLION = 1_000_000
BLOCK_PAIRS = 1 << 34
"""Record pairs compared at one go, half a minute or so: after each, the progress is told."""


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
    work: Callable[[Task], tuple[CandidatePairs, int]] = {OURS: _waylink, ANONLINK: _anonlink}[task.who]
    start = time.perf_counter()
    pairs, compared = work(task)
    _write(pairs, task.out)
    return Run(task.who, time.perf_counter() - start, peak_memory(), compared, len(pairs))


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


def read_pairs(path: Path) -> CandidatePairs:
    """What a child wrote."""
    with np.load(path) as columns:
        return CandidatePairs(columns["left"], columns["right"], columns["score"])


def compare_files(left: Path, right: Path, folder: Path, options: argparse.Namespace) -> list[Run]:
    """Ours on all of it, anonlink on its share of the left records; stops unless the pairs are the same."""
    rows = {OURS: options.records, ANONLINK: max(1, round(options.records * options.share))}
    if options.million:
        del rows[ANONLINK]
    tasks = [
        Task(who, left, right, rows[who], options.threshold, options.threads, folder / f"{who}.npz") for who in rows
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


def _waylink(task: Task) -> tuple[CandidatePairs, int]:
    left, right = read_encodings(task.left).bits[: task.rows], read_encodings(task.right).bits
    return _in_blocks(left, right, task), len(left) * len(right)


def _in_blocks(left: Bits, right: Bits, task: Task) -> CandidatePairs:
    """As `candidate_pairs`, with a word on the progress after each block of left records."""
    step = max(1, BLOCK_PAIRS // len(right))
    start, parts = time.perf_counter(), []
    for first in range(0, len(left), step):
        part = candidate_pairs(left[first : first + step], right, task.threshold, threads=task.threads)
        parts.append(CandidatePairs(part.left + np.uint32(first), part.right, part.score))
        if step < len(left):
            done, seconds = min(1.0, (first + step) / len(left)), time.perf_counter() - start
            sys.stderr.write(f"{done:6.1%} after {seconds:,.0f} s, {seconds / done - seconds:,.0f} s to go\n")
    return parts[0] if len(parts) == 1 else _falling(parts)


def _anonlink(task: Task) -> tuple[CandidatePairs, int]:
    encodings = read_encodings(task.left).bits[: task.rows], read_encodings(task.right).bits
    lists = [[row.tobytes() for row in bits] for bits in encodings]
    scores, (left, right) = dice_coefficient_accelerated(lists, task.threshold)
    pairs = CandidatePairs(np.asarray(left, np.uint32), np.asarray(right, np.uint32), np.asarray(scores))
    return _falling([pairs]), len(encodings[0]) * len(encodings[1])


def _falling(parts: list[CandidatePairs]) -> CandidatePairs:
    left, right, score = (np.concatenate([getattr(part, c) for part in parts]) for c in ("left", "right", "score"))
    order = np.lexsort((right, left, -score))
    return CandidatePairs(left[order], right[order], score[order])


def _write(pairs: CandidatePairs, out: Path) -> None:
    np.savez(out, left=pairs.left, right=pairs.right, score=pairs.score)


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
        options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
