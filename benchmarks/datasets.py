"""CLKs to measure with, without any identity behind them: random bits with the habits of real ones.

Real CLKs are not even coin tosses. Some positions are set by common bigrams and some by rare ones, so strangers agree
more than chance says; records have longer and shorter names, so popcounts differ; and one person's records at two
members differ by some tokens. What is measured depends on these: on the fill and the spread of the popcounts (what the
length bound and the look at a prefix cut away) and on the number of candidate pairs.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from schemas.encodings import Bits

FILL = 0.45
"""Share of bits set: a person schema with about 25 tokens a field aims near 1/2; missing fields take some away."""

POSITION_SPREAD = 0.11
"""Standard deviation of the positions' frequencies, so that two strangers score about 0.47."""

RECORD_SPREAD = 0.03
"""Standard deviation of the records' fills: popcounts 450 +- 35 at 1024 bits."""

NOISE = 0.04
"""Share of bits that differ between two records of one person, at the median: a Dice coefficient near 0.96."""


def clks(rng: Generator, records: int, bits: int = 1024) -> Bits:
    """uint8 (records, bits / 8): that many strangers."""
    frequency = _frequencies(rng, bits)
    shift = rng.normal(0.0, RECORD_SPREAD, (records, 1)).astype(np.float32)
    return np.packbits(rng.random((records, bits), np.float32) < frequency + shift, axis=1)


def two_lists(rng: Generator, records: int, *, shared: int, bits: int = 1024) -> tuple[Bits, Bits]:
    """Two lists of `records` CLKs each; `shared` people are in both, their records slightly different."""
    people = clks(rng, 2 * records - shared, bits)
    left, right = people[:records], people[records - shared :].copy()
    right[:shared] ^= _noise(rng, shared, bits)
    return left[rng.permutation(records)], right[rng.permutation(records)]


def _frequencies(rng: Generator, bits: int) -> np.ndarray:
    """float32 (bits,): how often each position is set; a beta distribution with mean FILL."""
    weight = FILL * (1 - FILL) / POSITION_SPREAD**2 - 1
    return rng.beta(FILL * weight, (1 - FILL) * weight, bits).astype(np.float32)


def _noise(rng: Generator, records: int, bits: int) -> Bits:
    """Bits to flip: from none to several times NOISE, as most records agree and a few have other names or dates."""
    share = rng.gamma(1.5, NOISE / 1.2, (records, 1))
    return np.packbits(rng.random((records, bits)) < share, axis=1)
