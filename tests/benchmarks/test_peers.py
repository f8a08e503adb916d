"""Everybody who takes part in the comparison of kernels finds the same pairs with the same scores."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

from benchmarks import kernel as benchmark
from benchmarks.datasets import two_lists
from benchmarks.peers import FAISS, NUMKONG, contestants, first_records, forced, same_pairs
from linkage import kernel
from linkage.candidates.compare import CandidatePairs, candidate_pairs

# SWIG's own types, which faiss is wrapped with, have no module: a warning at its import from Python 3.12 on.
pytestmark = pytest.mark.filterwarnings("ignore:builtin type .* has no __module__ attribute:DeprecationWarning")

THRESHOLDS = (0.6, 0.66, 0.8, 0.9)
EVERYBODY = {one.name: one for one in contestants()[0]}


@pytest.fixture(scope="module")
def lists():
    left, right = two_lists(np.random.default_rng(3), 300, shared=100)
    left[7], right[9] = 0, 0  # records of which nothing is known
    right[11] = 255
    return left, right[:290]


@pytest.mark.parametrize("name", [*kernel.KNOWN, "anonlink", FAISS, NUMKONG])
@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_everybody_finds_the_same_pairs(lists, name, threshold):
    if name not in EVERYBODY:
        pytest.skip(f"{name} is not here")
    pairs = candidate_pairs(*lists, threshold)
    assert len(pairs) >= 50
    assert same_pairs(EVERYBODY[name].prepare(*lists)(threshold), pairs)


def test_whoever_is_absent_is_named(monkeypatch):
    monkeypatch.setattr("benchmarks.peers.installed", lambda _: "")
    here, absent = contestants()
    assert [one.name for one in here if not one.ours] == ["anonlink"]
    assert len(absent) == 2
    assert "faiss-cpu is not installed" in absent[0]


def test_pairs_are_compared_whatever_their_order(lists):
    pairs = candidate_pairs(*lists, 0.8)
    turned = CandidatePairs(pairs.left[::-1], pairs.right[::-1], pairs.score[::-1])
    assert same_pairs(pairs, turned)


def test_another_score_is_another_pair(lists):
    pairs = candidate_pairs(*lists, 0.8)
    assert not same_pairs(pairs, CandidatePairs(pairs.left, pairs.right, np.nextafter(pairs.score, 2)))


def test_the_pairs_of_the_first_records_are_those_of_shorter_lists(lists):
    left, right = lists
    assert same_pairs(
        first_records(candidate_pairs(left, right, 0.6), 200), candidate_pairs(left[:200], right[:200], 0.6)
    )


def test_a_forced_kernel_is_used_and_then_forgotten(monkeypatch):
    monkeypatch.delenv(kernel.FORCE, raising=False)
    with forced("scalar"):
        assert kernel.active() == "scalar"
    assert kernel.FORCE not in os.environ


def test_a_figure_says_how_many_records_and_candidates_it_is_of(lists):
    left, right = lists[0][:250], lists[1][:250]
    figures = {one.implementation: one for one in benchmark.measure(left, right, 0.8, rounds=1, peer_records=100)}
    assert figures["anonlink"].records == figures["scalar"].records == 250
    assert figures["anonlink"].candidates == len(candidate_pairs(left, right, 0.8))
    assert {one.records for name, one in figures.items() if name in (FAISS, NUMKONG)} <= {100}


def test_no_figure_counts_where_somebody_finds_other_pairs(lists):
    pairs = candidate_pairs(*lists, 0.8)
    less = CandidatePairs(pairs.left[1:], pairs.right[1:], pairs.score[1:])
    with pytest.raises(AssertionError, match="scalar finds other pairs"):
        benchmark.require_same({"anonlink": pairs, "scalar": less}, {"anonlink": 300, "scalar": 300}, 0.8)


def test_the_gain_of_threads_is_a_ratio_of_seconds(lists):
    gain = benchmark.measure_threads(*lists, threads=2, rounds=1)
    assert gain["threads"] == 2
    assert gain["times_faster_than_one"] > 0


def test_random_bits_are_not_said_to_be_folded(monkeypatch, tmp_path):
    out = tmp_path / "figures.json"
    words = ["kernel", "--records", "60", "--rounds", "1", "--random-bits", "--json", str(out)]
    monkeypatch.setattr("sys.argv", words)
    benchmark.main()
    figures = json.loads(out.read_text())["figures"]
    assert {one["xor_folds"] for one in figures} == {0}
    assert {one["threshold"] for one in figures} == {0.66, 0.7, 0.8, 0.85, 0.9}
