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
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol, cast

import numpy as np
from clkhash.comparators import NgramComparison
from clkhash.field_formats import DateSpec, EnumSpec, FieldSpec, IntegerSpec, InvalidEntryError, StringSpec
from clkhash.key_derivation import generate_key_lists
from clkhash.schema import Schema, SchemaError, from_json_dict
from numpy.typing import NDArray

from encoder.errors import UnfitValue, UnusableSchema
from encoder.hashing.ranges import ranges, starts

Positions = NDArray[np.uint32]
"""Bit positions that tokens set in the unfolded filter, uint32, repeats kept, in the order the hash gives them."""

Hash = Callable[[Sequence[bytes], NDArray[np.int64]], Positions]
"""(tokens' bytes, how many positions each) -> the first so many positions of each, one token's after the other's."""

_KEYS_A_COLUMN = 2  # clkhash derives one for each of the double hash's two functions, used or not
_HKDF_BLOCKS = 255  # RFC 5869, 2.3: at most 255 blocks of the hash's length
_HASH_BYTES = {"SHA256": 32, "SHA512": 64}
_BLAKE_KEY_BYTES = 64  # RFC 7693, 2.1: the longest key of BLAKE2b
_SHORTS_A_DIGEST = 32  # 64 bytes of BLAKE2b read as 16-bit numbers
_INNER, _OUTER = 0x36, 0x5C  # RFC 2104, 2: ipad and opad
_MOST_FILTER_BITS = 1 << 24  # more than any hash fills: BLAKE2b's positions have 16 bits
_PLAIN_DAYS = {  # years of four digits that need no padding, whatever the system's strftime does
    form: re.compile(pattern, re.ASCII)
    for form, pattern in {
        "%Y%m%d": r"([1-9]\d{3})(\d\d)(\d\d)",
        "%Y-%m-%d": r"([1-9]\d{3})-(\d\d)-(\d\d)",
    }.items()
}
_REASONS: dict[type[FieldSpec], str] = {
    DateSpec: "is not a date in its feature's format",
    EnumSpec: "is not one of its feature's values",
    IntegerSpec: "is not a whole number in its feature's range",
    StringSpec: "does not fit its feature's pattern, length, case or encoding",
}


@dataclass(frozen=True)
class Ngrams:
    """Tokens that are n-grams; see clkhash/comparators.py, NgramComparison.

    Attributes:
        n: letters in each, at least 1.
        positional: whether its place in the text is part of a token.
    """

    n: int
    positional: bool


class _Running(Protocol):
    """A hash that has seen some of its message."""

    @property
    def block_size(self) -> int: ...
    def copy(self) -> _Running: ...
    def update(self, more: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


class FieldRecipe:
    """How one field is tokenised and hashed."""

    def __init__(self, spec: FieldSpec, hash_tokens: Hash) -> None:
        self.name = str(spec.identifier)
        self._spec = spec
        self._properties = spec.hashing_properties
        self._hash = hash_tokens
        self._days = _PLAIN_DAYS.get(spec.format) if isinstance(spec, DateSpec) else None

    @property
    def ngrams(self) -> Ngrams | None:
        """What n-grams the field's texts are cut into; None where its tokens are made otherwise."""
        comparator = self._properties.comparator
        if isinstance(comparator, NgramComparison) and comparator.n > 0:
            return Ngrams(comparator.n, bool(comparator.positional))
        return None

    @property
    def takes_any_text(self) -> bool:
        """Whether every value that its encoding can write is cut into n-grams as it stands."""
        spec = self._spec
        if self.ngrams is None or not isinstance(spec, StringSpec) or self._properties.missing_value is not None:
            return False
        return not spec.regex_based and spec.case == "mixed" and spec.min_length is None and spec.max_length is None

    def text(self, value: str, *, validate: bool = True) -> str:
        """What of a value is tokenised: as its format writes it, or what stands for a missing one.

        Raises:
            UnfitValue: the value breaks the feature's format; says why, not what it was.
        """
        if self._spec.is_missing_value(value):
            return self._stand_in(value)
        if not value:
            return ""
        try:
            return self._plain_day(value) or self._formatted(value, validate=validate)
        except (InvalidEntryError, ValueError, OverflowError):
            raise UnfitValue(_REASONS[type(self._spec)]) from None

    def tokens(self, value: str, *, validate: bool = True) -> Sequence[str]:
        """The value's tokens, in order, repeats kept; none for an empty value.

        Raises:
            UnfitValue: see `text`.
        """
        text = self.text(value, validate=validate)
        try:
            return list(self._properties.comparator.tokenize(text))
        except (ValueError, OverflowError):
            if self._spec.is_missing_value(value):
                return []  # 'N/A' in a numeric comparison: clkhash stops there with an error
            raise UnfitValue(_REASONS[type(self._spec)]) from None

    def unfit(self, values: Sequence[str]) -> NDArray[np.bool_]:
        """Which values break the feature's format, bool (n,); an empty one breaks none."""
        if self.takes_any_text and self._writes("".join(values)):
            return np.zeros(len(values), np.bool_)
        return np.array([not self._fits(value) for value in values], np.bool_)

    def bits_per_token(self, tokens: int) -> tuple[int, ...]:
        """How many bits each of that many (at least one) tokens sets."""
        return cast(tuple[int, ...], self._properties.strategy.bits_per_token(tokens))

    def positions(self, tokens: Sequence[str], counts: NDArray[np.int64]) -> Positions:
        """The first counts[i] bit positions of each token, in the unfolded filter, one token's after the other's.

        Raises:
            UnicodeEncodeError: the field's encoding cannot write a token.
        """
        encoding = self._properties.encoding
        return self._hash([token.encode(encoding) for token in tokens], counts)

    def _fits(self, value: str) -> bool:
        try:
            self.tokens(value)
        except UnfitValue:
            return False
        return True

    def _writes(self, text: str) -> bool:
        try:
            text.encode(self._properties.encoding)
        except UnicodeEncodeError:
            return False
        return True

    def _stand_in(self, sentinel: str) -> str:
        text = str(self._spec.format_value(sentinel))
        return text if self._writes(text) else ""

    def _plain_day(self, value: str) -> str:
        """A date of plain digits as clkhash writes it, without its two calls of `strptime`; "" for other dates."""
        parts = self._days.fullmatch(value) if self._days else None
        if parts is None:
            return ""
        date(*map(int, parts.groups()))  # ValueError where there is no such day
        return "".join(parts.groups())

    def _formatted(self, value: str, *, validate: bool) -> str:
        if validate:
            self._spec.validate(value)
        formatted = str(self._spec.format_value(value))
        formatted.encode(self._properties.encoding)  # fails here, where the row is known, not when it is hashed
        return formatted


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
    if schema.l << schema.xor_folds > _MOST_FILTER_BITS:
        raise UnusableSchema("'l' and 'xor_folds' make a filter of more than 2**24 bits", where="linkage schema")
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

    def positions(tokens: Sequence[bytes], counts: NDArray[np.int64]) -> Positions:
        digests = -(-counts // _SHORTS_A_DIGEST)
        salted = [hashlib.blake2b(key=key, salt=str(salt).encode()) for salt in range(int(digests.max(initial=0)))]
        parts = [
            _digest(keyed, token)
            for token, number in zip(tokens, digests.tolist(), strict=True)
            for keyed in salted[:number]
        ]
        shorts = np.frombuffer(b"".join(parts), "<u2")
        chosen = shorts[ranges(starts(digests * _SHORTS_A_DIGEST)[:-1], counts)]
        return chosen.astype(np.uint32) % np.uint32(filter_bits)

    return positions


def _double_hash(keys: Sequence[bytes], filter_bits: int, *, non_singular: bool) -> Hash:
    """clkhash/bloomfilter.py, _double_hash_token: (sha1 + i * md5) mod l (Schnell et al. 2011)."""
    sha1, md5 = _keyed_hash(keys[0], hashlib.sha1), _keyed_hash(keys[1], hashlib.md5)

    def step(token: bytes) -> int:
        found = int.from_bytes(md5(token), "big") % filter_bits
        attempt = 0
        while non_singular and found == 0:  # else the token would set one bit only
            found = int.from_bytes(md5(token + chr(attempt).encode()), "big") % filter_bits
            attempt += 1
        return found

    def positions(tokens: Sequence[bytes], counts: NDArray[np.int64]) -> Positions:
        first = [int.from_bytes(sha1(token), "big") % filter_bits for token in tokens]
        steps = np.repeat(np.array([step(token) for token in tokens], np.int64), counts)
        place = ranges(np.zeros_like(counts), counts)
        found = np.repeat(np.array(first, np.int64), counts) + place * steps
        return (found % filter_bits).astype(np.uint32)

    return positions


def _keyed_hash(key: bytes, digest: Callable[[bytes], _Running]) -> Callable[[bytes], bytes]:
    """HMAC (RFC 2104) whose two keyed states are made once: `hmac.digest` makes them anew for every token."""
    block = digest(b"").block_size
    padded = (digest(key).digest() if len(key) > block else key).ljust(block, b"\0")
    inner, outer = (digest(bytes(byte ^ mask for byte in padded)) for mask in (_INNER, _OUTER))

    def keyed(message: bytes) -> bytes:
        return _digest(outer, _digest(inner, message))

    return keyed


def _digest(state: _Running, message: bytes) -> bytes:
    running = state.copy()
    running.update(message)
    return running.digest()
