"""From files to files: each side in its own process, the same pairs, in the order that is promised."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest

from benchmarks.datasets import PeopleLists, two_lists
from benchmarks.files import ANONLINK, OURS, Task, compare_files, do_task, show, write_lists
from benchmarks.machine import peak_memory
from linkage.candidates.compare import candidate_pairs
from linkage.candidates.pair_file import read_pairs

RECORDS = 200
BIG = 1 << 28  # bytes: more than the tests need otherwise


@pytest.fixture(scope="module")
def lists() -> PeopleLists:
    nobody = np.arange(RECORDS, dtype=np.int32)
    return PeopleLists(*two_lists(np.random.default_rng(4), RECORDS, shared=80), nobody, nobody)


@pytest.fixture
def paths(lists, tmp_path: Path) -> tuple[Path, Path]:
    return write_lists(lists, tmp_path)


def task(who: str, paths: tuple[Path, Path], rows: int = RECORDS) -> Task:
    return Task(who, *paths, rows, 0.85, 1, paths[0].with_name(f"{who}.pairs"))


@pytest.mark.parametrize("who", [OURS, ANONLINK])
def test_each_side_writes_the_candidate_pairs_in_falling_order(who, lists, paths):
    run = do_task(task(who, paths))
    written, wanted = read_pairs(paths[0].with_name(f"{who}.pairs")), candidate_pairs(lists.left, lists.right, 0.85)
    assert (run.candidates, run.record_pairs) == (len(wanted), RECORDS**2)
    assert all(np.array_equal(vars(written)[name], vars(wanted)[name]) for name in vars(wanted))


def test_ours_tells_how_far_it_is(paths, capsys):
    do_task(task(OURS, paths))
    assert "comparing: 100% after" in capsys.readouterr().err


def test_children_do_the_work_and_say_what_it_took(paths):
    options = argparse.Namespace(records=RECORDS, share=0.1, million=False, threshold=0.85, threads=1)
    ours, theirs = compare_files(*paths, paths[0].parent, options)
    assert (ours.record_pairs, theirs.record_pairs) == (RECORDS**2, RECORDS**2 // 10)
    assert min(ours.peak_bytes, theirs.peak_bytes) > 10_000_000
    assert "scaled from 1/10" in show([ours, theirs])


def test_the_most_memory_is_in_bytes_and_outlives_what_needed_it():
    block = np.ones(BIG, np.uint8)
    most = peak_memory()
    del block
    assert min(most, peak_memory()) > 0.95 * BIG  # the kernel counts pages in batches, so its mark may be a little off
