"""Numbers that would say too much, told roughly: `schemas/bands.py` has the bands."""

from __future__ import annotations


def rough(value: float) -> float:
    """A number to one significant digit: what an estimate may say of pairs."""
    return float(f"{value:.0e}")
