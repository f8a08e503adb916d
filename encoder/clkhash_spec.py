"""What clkhash 0.18.3 makes of a linkage schema: keys, and for each field its format, tokens and bit positions.

The only file that imports clkhash, which defines the CLK. Facts that the golden vectors hold it to:

* keys go by column position, ignored columns included (clkhash/clk.py, generate_clks_from_csv_as_stream);
* clkhash reads `clkConfig.xor_folds`; the documented `xorFolds` it does not read;
* a missing-value sentinel is hashed as its `replaceWith` or, where there is none, as it stands;
* BLAKE2b digests are read as unsigned 16-bit numbers, little-endian on every machine that clkhash runs on;
* a token's positions for k bits are the first of its positions for more bits, in both hashes.
"""

from __future__ import annotations

import copy
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from clkhash.field_formats import DateSpec, EnumSpec, FieldSpec, IntegerSpec, InvalidEntryError, StringSpec
from clkhash.key_derivation import generate_key_lists
from clkhash.schema import Schema, SchemaError, from_json_dict
from numpy.typing import NDArray

from encoder.errors import UnfitValue, UnusableSchema

Positions = NDArray[np.uint32]
"""Bit positions that a token sets, uint32 (k,), repeats kept, in the order the hash gives them."""

Hash = Callable[[bytes, int], Positions]
"""(token's bytes, k) -> the first k positions."""

_KEYS_A_COLUMN = 2  # clkhash derives one for each of the double hash's two functions, used or not
_HKDF_BLOCKS = 255  # RFC 5869, 2.3: at most 255 blocks of the hash's length
_HASH_BYTES = {"SHA256": 32, "SHA512": 64}
_BLAKE_KEY_BYTES = 64  # RFC 7693, 2.1: the longest key of BLAKE2b
_SHORTS_A_DIGEST = 32  # 64 bytes of BLAKE2b read as 16-bit numbers
_REASONS: dict[type[FieldSpec], str] = {
    DateSpec: "is not a date in its feature's format",
    EnumSpec: "is not one of its feature's values",
    IntegerSpec: "is not a whole number in its feature's range",
    StringSpec: "does not fit its feature's pattern, length, case or encoding",
}


class FieldRecipe:
    """How one field is tokenised and hashed."""

    def __init__(self, spec: FieldSpec, hash_token: Hash) -> None:
        self.name = str(spec.identifier)
        self._spec = spec
        self._properties = spec.hashing_properties
        self._hash = hash_token

    def tokens(self, value: str, *, validate: bool = True) -> Sequence[str]:
        """The value's tokens, in order, repeats kept; none for an empty value.

        Raises:
            UnfitValue: the value breaks the feature's format; says why, not what it was.
        """
        if self._spec.is_missing_value(value):
            return self._sentinel_tokens(value)
        if not value:
            return []
        try:
            if validate:
                self._spec.validate(value)
            return self._tokenise(self._spec.format_value(value))
        except (InvalidEntryError, ValueError, OverflowError):
            raise UnfitValue(_REASONS[type(self._spec)]) from None

    def bits_per_token(self, tokens: int) -> tuple[int, ...]:
        """How many bits each of that many (at least one) tokens sets."""
        return cast(tuple[int, ...], self._properties.strategy.bits_per_token(tokens))

    def positions(self, token: str, k: int) -> Positions:
        """The first k bit positions of a token in the unfolded filter."""
        return self._hash(token.encode(self._properties.encoding), k)

    def _sentinel_tokens(self, value: str) -> Sequence[str]:
        try:
            return self._tokenise(self._spec.format_value(value))
        except (ValueError, OverflowError):
            return []  # 'N/A' in a numeric comparison: clkhash stops there with an error

    def _tokenise(self, formatted: str) -> Sequence[str]:
        formatted.encode(self._properties.encoding)  # fails here, where the row is known, not when it is hashed
        return list(self._properties.comparator.tokenize(formatted))


@dataclass(frozen=True, eq=False)
class Recipe:
    """How a record becomes a CLK.

    Attributes:
        bits: length of the CLK, after folding.
        folds: how often the filter is folded by XOR.
        fields: one for each of the schema's columns; None where the schema ignores it.
    """

    bits: int
    folds: int
    fields: tuple[FieldRecipe | None, ...]

    @property
    def filter_bits(self) -> int:
        """Length of the filter before it is folded."""
        return self.bits << self.folds


def read_recipe(definition: dict[str, Any], secret: bytes) -> Recipe:
    """Parse clkhash's JSON (v1-v3) and derive the keys of every column from the secret.

    Raises:
        UnusableSchema: clkhash could not encode with it; says why.
    """
    schema = _parse(definition)
    filter_bits = schema.l << schema.xor_folds
    _require_enough_keys(schema)
    keys = generate_key_lists(
        secret,
        len(schema.fields),
        key_size=schema.kdf_key_size,
        salt=schema.kdf_salt,
        info=schema.kdf_info,
        kdf=schema.kdf_type,
        hash_algo=schema.kdf_hash,
    )
    fields = (_field_recipe(spec, key, filter_bits) for spec, key in zip(schema.fields, keys, strict=True))
    return Recipe(schema.l, schema.xor_folds, tuple(fields))


def _parse(definition: dict[str, Any]) -> Schema:
    try:
        schema = from_json_dict(copy.deepcopy(definition))  # clkhash writes defaults into what it is given
    except SchemaError as error:
        raise UnusableSchema(f"clkhash refuses it: {_reason(error)}", where="linkage schema") from None
    except (ValueError, TypeError, KeyError) as error:
        raise UnusableSchema(f"clkhash cannot read it ({type(error).__name__})", where="linkage schema") from None
    if type(schema.xor_folds) is not int or schema.xor_folds < 0:
        raise UnusableSchema("'xor_folds' is not a whole number of 0 or more", where="linkage schema")
    return schema


def _reason(error: SchemaError) -> str:
    """clkhash's reason in one line: what jsonschema found and where, or the features' own faults."""
    if error.errors:
        return "; ".join(f"feature {fault.field_spec_index}: {fault}" for fault in error.errors)
    cause = error.__cause__
    path = ".".join(str(step) for step in getattr(cause, "absolute_path", ()))
    return f"{path}: {getattr(cause, 'message', error.msg)}".removeprefix(": ")


def _require_enough_keys(schema: Schema) -> None:
    """HKDF gives so many bytes and no more: 63 columns with SHA-256 and keys of 64 bytes."""
    most = _HKDF_BLOCKS * _HASH_BYTES[schema.kdf_hash] // (_KEYS_A_COLUMN * schema.kdf_key_size)
    if len(schema.fields) > most:
        raise UnusableSchema(
            f"it has {len(schema.fields)} columns; HKDF gives keys for {most} at most",
            where="linkage schema",
            fix="use fewer columns, shorter keys (kdf.keySize) or SHA512 (kdf.hash)",
        )


def _field_recipe(spec: FieldSpec, keys: Sequence[bytes], filter_bits: int) -> FieldRecipe | None:
    properties = spec.hashing_properties
    if properties is None:
        return None
    if properties.hash_type == "doubleHash":
        return FieldRecipe(spec, _double_hash(keys, filter_bits, non_singular=bool(properties.prevent_singularity)))
    where = f"linkage schema, feature '{spec.identifier}'"
    if filter_bits & (filter_bits - 1):
        raise UnusableSchema("blakeHash needs l * 2**xor_folds to be a power of two", where=where)
    if len(keys[0]) > _BLAKE_KEY_BYTES:
        raise UnusableSchema(f"blakeHash takes keys of {_BLAKE_KEY_BYTES} bytes at most (kdf.keySize)", where=where)
    return FieldRecipe(spec, _blake_hash(keys[0], filter_bits))


def _blake_hash(key: bytes, filter_bits: int) -> Hash:
    """clkhash/bloomfilter.py, blake_hash_token: digests salted 0, 1, ... and read 16 bits at a time."""

    def positions(token: bytes, k: int) -> Positions:
        salts = range(-(-k // _SHORTS_A_DIGEST))
        digests = (hashlib.blake2b(token, key=key, salt=str(salt).encode()).digest() for salt in salts)
        shorts = np.frombuffer(b"".join(digests), "<u2")[:k]
        return shorts.astype(np.uint32) % np.uint32(filter_bits)

    return positions


def _double_hash(keys: Sequence[bytes], filter_bits: int, *, non_singular: bool) -> Hash:
    """clkhash/bloomfilter.py, _double_hash_token: (sha1 + i * md5) mod l (Schnell et al. 2011)."""

    def positions(token: bytes, k: int) -> Positions:
        start = int.from_bytes(hmac.digest(keys[0], token, "sha1"), "big") % filter_bits
        step = int.from_bytes(hmac.digest(keys[1], token, "md5"), "big") % filter_bits
        attempt = 0
        while non_singular and step == 0:  # else the token would set one bit only
            again = hmac.digest(keys[1], token + chr(attempt).encode(), "md5")
            step = int.from_bytes(again, "big") % filter_bits
            attempt += 1
        return ((start + np.arange(k, dtype=np.int64) * step) % filter_bits).astype(np.uint32)

    return positions
