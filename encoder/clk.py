"""Tokens -> bits: the CLKs of a table, in row chunks, so that memory does not grow with the filter's length."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from encoder.clkhash_spec import Recipe
from encoder.distinct import Distinct
from encoder.tokens import FieldTokens, tokens_of
from schemas.console import Advance
from schemas.encodings import Bits

_CHUNK_BYTES = 1 << 25  # unfolded filters worked on at a time: 65,536 records of 4,096 bits
_PIECE_BITS = 1 << 23  # bits set one byte each before packing: fits a second-level cache and a half


def encode_columns(
    columns: Sequence[Distinct], recipe: Recipe, *, validate: bool = True, advance: Advance | None = None
) -> Bits:
    """The CLKs of a table's rows, bit-exact with clkhash 0.18.3.

    Args:
        columns: one for each of the recipe's fields, ignored ones included, all of n rows.
        validate: whether values are held to their features' formats first, as clkhash's `validate`.
        advance: called with the number of records that were just encoded.

    Returns:
        uint8 (n, bits / 8), most significant bit first; row i is row i of the columns.

    Raises:
        UnfitValue: a value breaks its feature's format.
    """
    fields = [
        tokens_of(column, field, validate=validate)
        for column, field in zip(columns, recipe.fields, strict=True)
        if field is not None
    ]
    rows = len(columns[0].codes)
    bits = np.zeros((rows, recipe.bits // 8), np.uint8)
    step = max(1, _CHUNK_BYTES * 8 // recipe.filter_bits)
    for start in range(0, rows, step):
        chunk = slice(start, min(start + step, rows))
        bits[chunk] = fold(_filters(fields, chunk, recipe.filter_bits), recipe.folds)
        if advance is not None:
            advance(chunk.stop - chunk.start)
    return bits


def fold(filters: Bits, folds: int) -> Bits:
    """Fold each filter by XOR of its halves, `folds` times: (n, bytes) becomes (n, bytes / 2**folds)."""
    for _ in range(folds):
        half = filters.shape[1] // 2
        filters = filters[:, :half] ^ filters[:, half:]
    return filters


def _filters(fields: Sequence[FieldTokens], chunk: slice, filter_bits: int) -> Bits:
    """The unfolded filters of some rows: for each field, the filters of the values that these rows have, ORed in."""
    filters = np.zeros((chunk.stop - chunk.start, filter_bits // 8), np.uint8)
    for field in fields:
        values, place = np.unique(field.codes[chunk], return_inverse=True)
        filters |= _value_filters(field, values.astype(np.int64), filter_bits)[place]
    return filters


def _value_filters(field: FieldTokens, values: NDArray[np.int64], filter_bits: int) -> Bits:
    """The filter of each of the values, uint8 (len(values), filter_bits / 8)."""
    filters = np.empty((len(values), filter_bits // 8), np.uint8)
    step = max(1, _PIECE_BITS // filter_bits)
    for start in range(0, len(values), step):
        piece = values[start : start + step]
        flags = np.zeros((len(piece), filter_bits), np.bool_)
        flags.reshape(-1)[_flat_positions(field, piece, filter_bits)] = True
        filters[start : start + step] = np.packbits(flags, axis=1)
    return filters


def _flat_positions(field: FieldTokens, values: NDArray[np.int64], filter_bits: int) -> NDArray[np.int64]:
    """Every bit that the values' tokens set, as an index into their (values, filter_bits) flags."""
    lengths = field.first[values + 1] - field.first[values]
    occurrence = _ranges(field.first[values], lengths)
    count = field.count[occurrence].astype(np.int64)
    position = field.positions[_ranges(field.place[field.token[occurrence]], count)]
    row = np.repeat(np.repeat(np.arange(len(values)), lengths), count)
    return row * filter_bits + position


def _ranges(starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The ranges [start, start + length) one after the other."""
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()))
