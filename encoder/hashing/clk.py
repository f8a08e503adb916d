"""Tokens -> bits: the CLKs of a table, in chunks of rows, so that memory beyond them does not grow with the table."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from encoder.distinct import Distinct
from encoder.hashing import _native
from encoder.hashing.clkhash_spec import Recipe
from encoder.hashing.tokens import FieldTokens, Tokeniser
from schemas.console import Advance
from schemas.encodings import Bits

_CHUNK_ROWS = 1 << 16  # some dozen megabytes of tokens and positions, a tenth of a second


def encode_columns(
    columns: Sequence[Distinct],
    recipe: Recipe,
    *,
    to: NDArray[np.int64] | None = None,
    validate: bool = True,
    threads: int | None = None,
    advance: Advance | None = None,
) -> Bits:
    """The CLKs of a table's rows, bit-exact with clkhash 0.18.3.

    Args:
        columns: one for each of the recipe's fields, ignored ones included, all of n rows.
        to: (n,), a permutation; which row of the result each row's CLK becomes: the same one, where nothing is said.
        validate: whether values are held to their features' formats first, as clkhash's `validate`.
        threads: how many work; the result does not depend on it. One for each processor where nothing is said.
        advance: called with the number of records that were just encoded.

    Returns:
        uint8 (n, bits / 8), most significant bit first; row to[i] is row i of the columns.

    Raises:
        UnfitValue: a value breaks its feature's format.
    """
    rows = len(columns[0].codes)
    bits = np.zeros((rows, recipe.bits // 8), np.uint8)
    place = np.arange(rows) if to is None else to
    fields = [
        (column, Tokeniser(field)) for column, field in zip(columns, recipe.fields, strict=True) if field is not None
    ]

    def encode(chunk: slice) -> int:
        tokens = [
            tokeniser.tokens_of(column.part(chunk), first_row=chunk.start, validate=validate)
            for column, tokeniser in fields
        ]
        _write(tokens, recipe, place[chunk], bits)
        return int(chunk.stop - chunk.start)

    chunks = [slice(start, min(start + _CHUNK_ROWS, rows)) for start in range(0, rows, _CHUNK_ROWS)]
    for done in _in_turn(encode, chunks, threads or usable_cpus()):
        if advance is not None:
            advance(done)
    return bits


def usable_cpus() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _write(fields: Sequence[FieldTokens], recipe: Recipe, to: NDArray[np.int64], bits: Bits) -> None:
    """Write some rows' CLKs to rows `to` of `bits`."""
    if not fields:
        return  # the schema ignores every column
    filters = _native.Filters(recipe.filter_bits, recipe.folds)
    for field in fields:
        filters.add(
            field.codes, field.cut.first, field.cut.token, field.least, field.extra, field.place, field.positions
        )
    filters.write(to, bits)


def _in_turn(work: Callable[[slice], int], chunks: Sequence[slice], threads: int) -> Iterator[int]:
    """What the work gives for each chunk, in order, done by some threads; when one fails, no other is begun."""
    helpers = min(threads, len(chunks))
    if helpers <= 1:
        yield from map(work, chunks)
        return
    with ThreadPoolExecutor(helpers) as pool:
        yield from pool.map(work, chunks)
