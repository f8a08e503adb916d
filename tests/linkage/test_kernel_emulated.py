"""Sieves for other processors equal the reference too: their very source, run by an emulation.

AVX-512 and AMX are compiled against SIMDe and a model of the tiles (emulated/immintrin.h), NEON for aarch64 and run by
QEMU. That proves the logic, not the speed. Skipped where these are not installed; .ci/run installs them.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from linkage.kernel import reference
from linkage.kernel.reference import Bits
from tests.linkage.ugly import corpus, filters, like

HERE = Path(__file__).parent / "emulated"
NATIVE = Path(__file__).parents[2] / "linkage" / "kernel" / "native"
SHARED = ("prefix", "records", "rule", "scan", "score")
HIT = np.dtype([("left", "<u4"), ("right", "<u4"), ("score", "<f8")])
COSTS = {"short prefixes": (1.0, 0.0, 1.0), "long prefixes": (1e-6, 0.0, 1e6), "usual ones": (0.004, 0.15, 100.0)}
"""Cycles a bit, a pair and a survivor; they decide how many bits are looked at first."""


@dataclass(frozen=True)
class Other:
    """A processor that this one may not be."""

    sieve: str
    rows: int
    bytes_per_word: int
    compiler: tuple[str, ...]
    runner: tuple[str, ...]
    needs: tuple[str, ...]

    def missing(self) -> list[str]:
        return [need for need in self.needs if not (shutil.which(need) or Path(need).exists())]


SIMDE = ("g++", "-I", str(HERE))
OTHERS = [
    Other("avx512", 4, 11, SIMDE, (), ("g++", "/usr/include/simde/x86/avx512.h")),
    Other("amx", 32, 64, SIMDE, (), ("g++", "/usr/include/simde/x86/avx512.h")),
    Other(
        "neon", 4, 8, ("aarch64-linux-gnu-g++", "-static"), ("qemu-aarch64-static",),
        ("aarch64-linux-gnu-g++", "qemu-aarch64-static"),
    ),
]  # fmt: skip


@pytest.fixture(scope="module", params=OTHERS, ids=lambda other: other.sieve)
def emulated(request, tmp_path_factory):
    """The command that runs one sieve."""
    other: Other = request.param
    if missing := other.missing():
        pytest.skip(f"not installed: {', '.join(missing)}")
    program = tmp_path_factory.mktemp(other.sieve) / "scan_cases"
    sources = [HERE / "scan_cases.cpp", NATIVE / f"sieve_{other.sieve}.cpp", *(NATIVE / f"{one}.cpp" for one in SHARED)]
    defines = [f"-DSIEVE={other.sieve}", f"-DROWS={other.rows}", f"-DBYTES_PER_WORD={other.bytes_per_word}"]
    flags = ["-std=c++20", "-O2", "-w", "-pthread", "-I", str(NATIVE)]
    subprocess.run([*other.compiler, *flags, *defines, *map(str, sources), "-o", str(program)], check=True)
    return [*other.runner, str(program)]


def run_case(left: Bits, right: Bits | None, threshold: float, costs: tuple[float, float, float]) -> bytes:
    counts = len(left), 0 if right is None else len(right), left.shape[1], right is None
    return (
        struct.pack("<4Q4d", *counts, threshold, *costs) + left.tobytes() + (b"" if right is None else right.tobytes())
    )


def results_of(command: list[str], cases: list[bytes]) -> list[tuple[np.ndarray, int]]:
    done = subprocess.run(command, input=b"".join(cases), capture_output=True, check=True)
    results, at = [], 0
    for _ in cases:
        count, prefix_bits = struct.unpack_from("<2Q", done.stdout, at)
        results.append((np.frombuffer(done.stdout, HIT, count, at + 16), prefix_bits))
        at += 16 + count * HIT.itemsize
    assert at == len(done.stdout)
    return results


def assert_same(hits: np.ndarray, left: Bits, right: Bits | None, threshold: float) -> None:
    order = np.lexsort((hits["right"], hits["left"], -hits["score"]))
    for name, expected in zip(HIT.names, reference.scan(left, right, threshold), strict=True):
        np.testing.assert_array_equal(hits[name][order], expected)


@pytest.mark.parametrize("costs", COSTS.values(), ids=COSTS)
def test_it_equals_the_reference_on_the_ugly_corpus(emulated, costs):
    cases = corpus()
    across = [run_case(case.left, case.right, case.threshold, costs) for case in cases]
    inside = [run_case(case.right, None, case.threshold, costs) for case in cases]
    results = results_of(emulated, across + inside)
    for case, (hits, _) in zip(cases, results, strict=False):
        assert_same(hits, case.left, case.right, case.threshold)
    for case, (hits, _) in zip(cases, results[len(cases) :], strict=True):
        assert_same(hits, case.right, None, case.threshold)


def test_it_equals_the_reference_at_random(emulated):
    rng = np.random.default_rng(12)
    cases, prefixes = [], set()
    for _ in range(60):
        width, threshold = int(rng.integers(1, 160)), float(rng.uniform(0.3, 1.0))
        left = filters(rng, int(rng.integers(1, 300)), 8 * width, rng.uniform(0.1, 0.9))
        near = like(rng, left, rng.uniform(0.0, 0.2))
        cases.append((left, np.concatenate([near, filters(rng, int(rng.integers(1, 300)), 8 * width)]), threshold))
    costs = list(COSTS.values())
    results = results_of(emulated, [run_case(*case, costs[i % 3]) for i, case in enumerate(cases)])
    for case, (hits, prefix_bits) in zip(cases, results, strict=True):
        assert_same(hits, *case)
        prefixes.add(prefix_bits)
    assert len(prefixes) >= 8
    assert sum(len(hits) for hits, _ in results) > 1000
