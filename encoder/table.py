"""A table of text -> encodings, as clkhash would: no cleaning, no shuffling."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from encoder.distinct import Distinct, distinct
from encoder.errors import UnfitTable
from encoder.hashing.clk import encode_columns
from encoder.hashing.clkhash_spec import read_recipe
from schemas.encodings import TOKEN_BYTES, Encodings, Origin, Tokens
from schemas.linkage_schema import LinkageSchema, linkage_schema, load_linkage_schema

if TYPE_CHECKING:  # pandas takes long to import, and only whoever has a table already needs it
    import pandas as pd

TokenSource = Callable[[int], bytes]
"""Gives that many random bytes; the operating system's where nothing else is said."""


def encode_table(
    table: pd.DataFrame,
    schema: dict[str, Any] | str | Path,
    secret: bytes,
    *,
    token_source: TokenSource = secrets.token_bytes,
    validate: bool = True,
) -> Encodings:
    """Encode a table, bit-exact with clkhash 0.18.3's `clkhash.clk.generate_clks(rows, schema, secret)`.

    An empty (or missing) value has no tokens. clkhash stops at an empty date or number, and at an empty text that its
    feature's format does not allow; here these have no tokens, either.

    Args:
        table: text, (n, one column a feature of the schema, ignored features included); matched by position or, where
            the columns' names are the features' in another order, by name.
        schema: clkhash's JSON (v1-v3) as a dict, the name of a preset, or a path.
        secret: what clkhash calls so; any bytes.
        token_source: gives the random bytes of the record tokens.
        validate: whether values are held to their features' formats, as clkhash's `validate`.

    Returns:
        n encodings: row i of `bits` is row i of the table, in the table's order.

    Raises:
        UnusableSchema: clkhash could not encode with this schema.
        UnfitTable: other columns than the schema's, or cells that are no text.
        UnfitValue: a value breaks its feature's format; names row (counted from 0) and column, never the value.
    """
    named = linkage_schema(schema) if isinstance(schema, dict) else load_linkage_schema(schema)
    recipe = read_recipe(named.definition, secret)
    columns = _columns(table, named)
    bits = encode_columns(columns, recipe, validate=validate)
    origin = Origin(schema_digest=named.digest, encoder_version=software_version("waylink"))
    return Encodings(bits, random_tokens(len(bits), token_source), origin)


def random_tokens(records: int, token_source: TokenSource) -> Tokens:
    """A random record token for each record, uint8 (records, 16)."""
    return np.frombuffer(token_source(records * TOKEN_BYTES), np.uint8).reshape(records, TOKEN_BYTES)


def software_version(package: str) -> str:
    """The installed version of a package ("" where it runs from a checkout)."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _columns(table: pd.DataFrame, schema: LinkageSchema) -> list[Distinct]:
    names = [str(name) for name in table.columns]
    if len(names) != len(schema.fields):
        raise UnfitTable(
            f"has {len(names)} columns; the linkage schema has {len(schema.fields)}, ignored ones included",
            where="table",
            fix=f"give the columns {', '.join(schema.fields)}",
        )
    by_name = sorted(names) == sorted(schema.fields) and len(set(names)) == len(names)
    order = [names.index(field) for field in schema.fields] if by_name else range(len(names))
    return [_column(table.iloc[:, place], names[place]) for place in order]


def _column(cells: pd.Series, name: str) -> Distinct:
    column = distinct(cells.astype(object).where(cells.notna(), "").tolist())
    if not all(isinstance(value, str) for value in column.texts):
        raise UnfitTable(
            "has cells that are no text", where=f"column '{name}'", fix="read the table as text (pandas: dtype=str)"
        )
    return column
