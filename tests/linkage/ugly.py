"""The corpus that every implementation of the kernel is held to: the cases that break comparing code."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint8]

LENGTHS = (8, 24, 64, 72, 128, 256, 264, 1000, 1024, 2048)
"""Bits of a filter: under, at and over a word, a chunk of words and a vector; even and odd numbers of bytes."""

ROWS = (1, 3, 63, 64, 65, 127, 128, 129, 200)
"""Around the rows of a tile (64) and of a panel (128), and no multiple of any number of lanes."""


@dataclass(frozen=True, eq=False)
class Case:
    """Two lists and a threshold."""

    name: str
    left: Bits
    right: Bits
    threshold: float


def corpus() -> list[Case]:
    """Every ugly case, the same ones each time."""
    return [*_empty_lists(), *_constant_filters(), *_lengths(), *_row_counts(), *_ties(), *_identical(), *_uneven()]


def filters(rng: np.random.Generator, rows: int, bits: int, fill: float | NDArray[np.float64] = 0.45) -> Bits:
    """uint8 (rows, bits / 8): bits set with probability `fill` (one, or one per row as (rows, 1))."""
    return np.packbits(rng.random((rows, bits)) < fill, axis=1)


def like(rng: np.random.Generator, bits: Bits, flip: float) -> Bits:
    """The same filters with a share of their bits flipped."""
    return bits ^ filters(rng, len(bits), bits.shape[1] * 8, flip)


def with_ones(ones: int, bits: int, start: int = 0) -> Bits:
    """uint8 (bits / 8,): one filter with `ones` bits set, from bit `start` on."""
    row = np.zeros(bits, np.uint8)
    row[start : start + ones] = 1
    return np.packbits(row)


def _empty_lists() -> list[Case]:
    some, none = filters(np.random.default_rng(1), 5, 64), np.empty((0, 8), np.uint8)
    return [
        Case("no records on the left", none, some, 0.5),
        Case("no records on the right", some, none, 0.5),
        Case("no records at all", none, none, 0.5),
        Case("one record each", some[:1], some[:1], 1.0),
        Case("filters of no bits", np.empty((3, 0), np.uint8), np.empty((3, 0), np.uint8), 0.5),
    ]


def _constant_filters() -> list[Case]:
    zeros, ones = np.zeros((3, 16), np.uint8), np.full((3, 16), 255, np.uint8)
    mixed = np.concatenate([zeros, ones, filters(np.random.default_rng(2), 3, 128)])
    return [
        Case("all zeros", zeros, zeros, 1e-300),
        Case("all ones", ones, ones, 1.0),
        Case("zeros against ones", zeros, ones, 1e-300),
        Case("zeros, ones and others", mixed, mixed, 0.5),
        Case("any bit in common will do", mixed, mixed, 5e-324),
    ]


def _lengths() -> list[Case]:
    cases = []
    for bits in LENGTHS:
        rng = np.random.default_rng(bits)
        left = filters(rng, 70, bits)
        right = np.concatenate([like(rng, left, 0.1), filters(rng, 60, bits)])
        cases += [Case(f"{bits} bits at {threshold}", left, right, threshold) for threshold in (0.3, 0.65, 0.8, 0.95)]
    return cases


def _row_counts() -> list[Case]:
    rng = np.random.default_rng(3)
    rows = filters(rng, max(ROWS), 256)
    return [
        Case(f"{left} rows against {right}", rows[:left], like(rng, rows[:right], 0.05), 0.7)
        for left in ROWS
        for right in ROWS
    ]


def _ties() -> list[Case]:
    """Scores that are exactly the threshold, as its float64 is reached by the division."""
    cases = []
    for numerator, denominator in ((1, 3), (1, 2), (13, 20), (2, 3), (7, 10), (3, 4), (4, 5), (17, 20), (19, 20)):
        # popcounts that add up to 2 * denominator, numerator of them in common: score = numerator / denominator
        left = np.stack([with_ones(denominator, 64)] * 2)
        right = np.stack([with_ones(denominator, 64, denominator - numerator + shift) for shift in (-1, 0, 1)])
        tie = 2.0 * numerator / (2 * denominator)
        around = [float(np.nextafter(tie, 0.0)), tie, float(np.nextafter(tie, 1.0))]
        cases += [Case(f"around {numerator}/{denominator} at {one!r}", left, right, one) for one in around]
    return cases


def _identical() -> list[Case]:
    row = filters(np.random.default_rng(4), 1, 1024)
    same = np.repeat(row, 150, axis=0)
    return [Case("identical rows", same, same, 1.0), Case("identical rows, low threshold", same, same, 0.1)]


def _uneven() -> list[Case]:
    """Fills from nothing to everything: the length bound cuts most of the pairs away, and must cut no other."""
    rng = np.random.default_rng(5)
    left, right = (filters(rng, 150, 512, rng.random((150, 1))) for _ in range(2))
    nested = np.stack([with_ones(ones, 256) for ones in range(257)])
    return [
        *(Case(f"uneven fills at {threshold}", left, right, threshold) for threshold in (0.2, 0.5, 0.66, 0.9)),
        *(Case(f"nested filters at {threshold}", nested, nested, threshold) for threshold in (0.1, 2 / 3, 0.8, 1.0)),
    ]
