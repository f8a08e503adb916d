"""What right means, in NumPy: bits. `native/` gives the same to the last one, only faster.

What right means of tokens is clkhash itself, numbered by `tokens.number_tokens`. The tests hold each to the other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from encoder.hashing.ranges import ranges
from encoder.hashing.tokens import CutTexts, FieldTokens
from schemas.encodings import Bits


def most_bits(cut: CutTexts, least: NDArray[np.int32], extra: NDArray[np.int32]) -> NDArray[np.int32]:
    """The most bits that each distinct token sets anywhere, int32 (u,)."""
    most = np.zeros(len(cut.tokens), np.int32)
    np.maximum.at(most, cut.token, _counts(cut.first, least, extra))
    return most


def set_bits(fields: Sequence[FieldTokens], filter_bits: int, folds: int) -> Bits:
    """The folded filters, uint8 (n, filter_bits / 8 / 2**folds), most significant bit first."""
    flags = np.zeros((len(fields[0].codes), filter_bits), np.bool_)
    for field in fields:
        counts = _counts(field.cut.first, field.least, field.extra).astype(np.int64)
        lengths = np.diff(field.cut.first)[field.codes]
        occurrence = ranges(field.cut.first[field.codes], lengths)
        position = field.positions[ranges(field.place[field.cut.token[occurrence]], counts[occurrence])]
        row = np.repeat(np.repeat(np.arange(len(field.codes)), lengths), counts[occurrence])
        flags[row, position] = True
    return fold(np.packbits(flags, axis=1), folds)


def fold(filters: Bits, folds: int) -> Bits:
    """Fold each filter by XOR of its halves, `folds` times: (n, bytes) becomes (n, bytes / 2**folds)."""
    for _ in range(folds):
        half = filters.shape[1] // 2
        filters = filters[:, :half] ^ filters[:, half:]
    return filters


def _counts(first: NDArray[np.int64], least: NDArray[np.int32], extra: NDArray[np.int32]) -> NDArray[np.int32]:
    """How many bits each token sets where it stands: the first `extra` of a value's tokens one more than the others."""
    lengths = np.diff(first)
    which = ranges(np.zeros_like(lengths), lengths)
    counts: NDArray[np.int32] = np.repeat(least, lengths) + (which < np.repeat(extra, lengths)).astype(np.int32)
    return counts
