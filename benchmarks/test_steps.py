"""How long each step takes on the example co-op, by pytest-benchmark; no test fails on a time.

make bench
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from benchmarks.quality import EXAMPLE, SECRET, Coop, encode_coop
from encoder.encode import encode_clients
from linkage.candidates.compare import compare_members
from linkage.candidates.pair_graph import PairGraph
from linkage.clustering.average import cluster_average
from linkage.clustering.distance import ruler_of
from linkage.clustering.greedy import cluster_greedy
from linkage.clustering.threshold import sample_strangers, settle_threshold
from schemas import load_agreement

Benchmark = Callable[..., Any]
FLOOR = 0.52  # what `sample_strangers` finds on the example


@pytest.fixture(scope="module")
def coop() -> Coop:
    """The example, encoded."""
    return encode_coop(EXAMPLE, load_agreement(EXAMPLE / "agreement.toml"))


@pytest.fixture(scope="module")
def graph(coop: Coop) -> PairGraph:
    """Its candidate pairs."""
    return compare_members(coop.bits, FLOOR)


def test_encoding_a_member(benchmark: Benchmark) -> None:
    """3,892 clients with their services, from CSV to encodings in memory."""
    agreement = load_agreement(EXAMPLE / "agreement.toml")
    files = (EXAMPLE / "pantry_clients.csv", EXAMPLE / "pantry_services.csv")
    encoded = benchmark(encode_clients, files[0], agreement, "pantry", SECRET, services=files[1])
    assert len(encoded.encodings) == 3892


def test_comparing(benchmark: Benchmark, coop: Coop) -> None:
    """All 123 million pairs of 15,710 records."""
    assert len(benchmark(compare_members, coop.bits, FLOOR).score) > 10_000


def test_finding_the_threshold(benchmark: Benchmark, coop: Coop, graph: PairGraph) -> None:
    """The score model, thirty-one fits, and the match model once."""
    ruler = ruler_of(coop.bits, coop.agreement.linkage_schema.xor_folds)
    found = benchmark(lambda: settle_threshold(graph, coop.agreement, np.random.default_rng(0), ruler))
    assert found.value > FLOOR


def test_sampling_strangers(benchmark: Benchmark, coop: Coop) -> None:
    """A million random pairs."""
    assert benchmark(lambda: sample_strangers(coop.bits, coop.agreement, np.random.default_rng(0))).floor > 0


def test_clustering_by_average_linkage(benchmark: Benchmark, graph: PairGraph) -> None:
    """About 90,000 candidate pairs."""
    assert benchmark(cluster_average, graph, 0.68, missing_score=0.4).people > 8000


def test_clustering_greedily(benchmark: Benchmark, graph: PairGraph) -> None:
    """the greedy solver on the pairs over the threshold."""
    assert benchmark(cluster_greedy, graph, 0.68, inside_too=True).people > 8000
