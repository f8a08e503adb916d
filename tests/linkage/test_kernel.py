"""Every implementation of the kernel equals the reference exactly, and the reference equals the definition."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage import kernel
from linkage.errors import BadInput
from linkage.kernel import _native, reference
from linkage.kernel.reference import Bits, Found
from tests.linkage.ugly import Case, corpus, filters, like

CORPUS = corpus()
every_case = pytest.mark.parametrize("case", CORPUS, ids=[case.name for case in CORPUS])
every_implementation = pytest.mark.parametrize("implementation", kernel.available())


def dice_by_hand(a: bytes, b: bytes) -> float:
    """The definition again, without NumPy: bits as sets of positions."""
    left, right = (
        {8 * place + bit for place, byte in enumerate(row) for bit in range(8) if byte >> (7 - bit) & 1}
        for row in (a, b)
    )
    return 2.0 * len(left & right) / (len(left) + len(right)) if left or right else 0.0


def by_hand(left: Bits, right: Bits, threshold: float) -> list[tuple[int, int, float]]:
    scored = ((i, j, dice_by_hand(bytes(a), bytes(b))) for i, a in enumerate(left) for j, b in enumerate(right))
    return [(i, j, score) for i, j, score in scored if score >= threshold]


def scan(implementation: str, left: Bits, right: Bits | None, threshold: float, *, threads: int = 1) -> Found:
    return _native.Scan(implementation, left, right, threshold).take(np.inf, 1 << 62, threads)


def best_first(found: list[np.ndarray]) -> Found:
    order = np.lexsort((found[1], found[0], -found[2]))
    return tuple(column[order] for column in found)


def assert_same(found: Found, expected: Found) -> None:
    for got, want in zip(found, expected, strict=True):
        assert got.dtype == want.dtype
        np.testing.assert_array_equal(got, want)


@given(st.integers(0, 2**32 - 1), st.integers(0, 6), st.integers(0, 6), st.integers(1, 12), st.floats(0.01, 1.0))
def test_the_reference_is_the_definition(seed, rows, columns, width, threshold):
    rng = np.random.default_rng(seed)
    left, right = filters(rng, rows, 8 * width), filters(rng, columns, 8 * width)
    found = reference.scan(left, right, threshold)
    assert sorted(zip(*(column.tolist() for column in found), strict=True)) == by_hand(left, right, threshold)


def test_the_reference_finds_the_same_in_small_blocks(monkeypatch):
    rng = np.random.default_rng(0)
    bits = filters(rng, 40, 64)
    whole = reference.scan(bits, None, 0.5)
    monkeypatch.setattr(reference, "BLOCK_BYTES", 1)
    assert len(whole[0]) > 0
    assert_same(reference.scan(bits, None, 0.5), whole)


@every_case
@every_implementation
def test_it_equals_the_reference_on_the_ugly_corpus(implementation: str, case: Case):
    found = scan(implementation, case.left, case.right, case.threshold)
    assert_same(found, reference.scan(case.left, case.right, case.threshold))


@every_case
@every_implementation
def test_it_equals_the_reference_inside_one_list(implementation: str, case: Case):
    found = scan(implementation, case.right, None, case.threshold, threads=2)
    assert_same(found, reference.scan(case.right, None, case.threshold))


@every_implementation
@settings(deadline=None)
@given(data=st.data())
def test_it_equals_the_reference_at_random(implementation: str, data: st.DataObject):
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    rows, width = data.draw(st.integers(1, 150)), data.draw(st.integers(1, 40))
    left = filters(rng, rows, 8 * width, data.draw(st.floats(0.0, 1.0)))
    right = np.concatenate([like(rng, left, data.draw(st.floats(0.0, 0.3))), filters(rng, rows, 8 * width)])
    threshold, threads = data.draw(st.floats(0.0, 1.0, exclude_min=True)), data.draw(st.integers(1, 4))
    found = scan(implementation, left, right, threshold, threads=threads)
    assert_same(found, reference.scan(left, right, threshold))


@every_implementation
def test_the_number_of_threads_changes_nothing(implementation: str):
    rng = np.random.default_rng(7)
    left = filters(rng, 700, 256)
    right = like(rng, left, 0.1)
    one = scan(implementation, left, right, 0.55)
    assert len(one[0]) > 1000
    for threads in (2, 3, 64):
        assert_same(scan(implementation, left, right, 0.55, threads=threads), one)


@every_implementation
def test_taken_in_parts_it_finds_the_same(implementation: str):
    rng = np.random.default_rng(8)
    left = filters(rng, 1500, 256)
    right = np.concatenate([like(rng, left, 0.1), filters(rng, 1500, 256)])
    for other in (right, None):
        whole = scan(implementation, left, other, 0.55)
        parts = _native.Scan(implementation, left, other, 0.55)
        taken, done = [], [parts.done]
        while not parts.finished:
            taken.append(parts.take(1.0, 1 << 62, 1))
            done.append(parts.done)
        assert len(taken) > 4
        assert done == sorted(done)
        assert done[-1] == parts.pairs == (len(left) * len(right) if other is not None else 1500 * 1499 / 2)
        assert_same(best_first([np.concatenate(column) for column in zip(*taken, strict=True)]), whole)


@every_implementation
def test_a_part_ends_when_enough_candidates_are_there(implementation: str):
    bits = np.repeat(filters(np.random.default_rng(9), 1, 64), 3000, axis=0)
    parts = _native.Scan(implementation, bits, bits, 1.0)
    first = len(parts.take(np.inf, 1, 1)[0])
    assert 0 < first < 9_000_000
    rest = 0
    while not parts.finished:
        rest += len(parts.take(np.inf, 1, 1)[0])
    assert first + rest == 9_000_000


def test_rows_that_are_not_in_c_order_are_compared_as_they_read():
    bits = filters(np.random.default_rng(9), 40, 128)
    assert_same(kernel.scan(np.asfortranarray(bits), bits[::-1], 0.5), reference.scan(bits, bits[::-1], 0.5))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"implementation": "abacus"}, ValueError),
        ({"left": np.zeros((2, 9), np.uint8)}, ValueError),
        ({"left": np.zeros((2, 8), np.int64)}, TypeError),
        ({"left": np.zeros(8, np.uint8)}, TypeError),
        ({"left": np.zeros((8, 2), np.uint8).T}, TypeError),
        ({"threshold": 0.0}, ValueError),
        ({"threshold": float("nan")}, ValueError),
    ],
    ids=str,
)
def test_the_border_refuses_what_it_cannot_compare(change, error):
    bits = np.zeros((2, 8), np.uint8)
    arguments = {"implementation": "scalar", "left": bits, "right": bits, "threshold": 0.5}
    _native.Scan(**arguments)
    with pytest.raises(error):
        _native.Scan(**(arguments | change))


OUT_OF_MEMORY = """
import resource, sys
import numpy as np
from linkage.kernel import _native
bits = np.full((20_000, 8), 255, np.uint8)  # 4e8 candidate pairs: 6.4 GB
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (256 << 20), resource.RLIM_INFINITY))
try:
    _native.Scan("scalar", bits, bits, 0.5).take(float("inf"), 1 << 62, 2)
except MemoryError:
    print("MemoryError")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit on memory is set by Linux means")
def test_a_thread_without_memory_is_a_memory_error():
    done = subprocess.run([sys.executable, "-c", OUT_OF_MEMORY], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "MemoryError\n"), done.stderr


def test_the_fastest_implementation_is_active(monkeypatch):
    monkeypatch.delenv(kernel.FORCE, raising=False)
    assert kernel.available()[0] == "scalar"
    assert kernel.active() == kernel.available()[-1]


@every_implementation
def test_an_implementation_can_be_forced(implementation: str, monkeypatch):
    monkeypatch.setenv(kernel.FORCE, implementation)
    used = []
    monkeypatch.setattr(_native, "Scan", lambda name, *_: used.append(name))
    kernel.start_scan(np.zeros((1, 8), np.uint8), None, 0.5)
    assert used == [implementation]


def test_an_unknown_implementation_is_refused(monkeypatch):
    monkeypatch.setenv(kernel.FORCE, "abacus")
    with pytest.raises(BadInput, match="there is no such kernel") as caught:
        kernel.active()
    assert "scalar" in caught.value.fix


def test_an_implementation_that_the_processor_lacks_is_refused(monkeypatch):
    monkeypatch.setenv(kernel.FORCE, "avx512")
    monkeypatch.setattr(_native, "available", lambda: ("scalar",))
    with pytest.raises(BadInput, match="does not run that kernel"):
        kernel.active()


def test_every_implementation_has_a_known_name():
    assert set(kernel.available()) <= set(kernel.KNOWN)
