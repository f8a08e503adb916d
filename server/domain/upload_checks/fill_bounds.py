"""How many bits of a CLK can be set, told from the linkage schema alone: no identifier, no other member's data.

With `bitsPerFeature` a field sets a fixed number of bits in the unfolded filter whatever its value is, and fewer where
tokens repeat or the field is missing. So a record with every field is the fullest there is: with K bits thrown into L
places a share q = 1 - (1 - 1/L)^K is set, and after folding g = 2^xor_folds places into one by XOR a share
f = (1 - (1 - 2q)^g) / 2. Six standard deviations above f lies one honest record in 10^9.

Missing fields lower the fill, each record's in its own way, so there is no such bound from below for a record: a
sparse CLK is like nobody's and takes nobody's place. A file as a whole must not be nearly empty.

Where the schema does not fix the number (`bitsPerToken`), the bound is that of any filter that can link at all, and the
file's own median: see `ClkFacts`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schemas.linkage_schema import LinkageSchema

DEVIATIONS = 6.0
CEILING = 0.8
"""The fullest a CLK may be under any schema: from here on strangers score as high as the same person does."""

LEAST_OF_SCHEMA = 0.25
"""A file's mean fill has to be that of records with so much of the schema's bits. The example co-op's is at 0.98 of the
full ones'; with 60 % of all its cells emptied at random it is at 0.50, and the quarter's is at 0.36."""

LEAST_FILL = 0.02  # of a file under a schema that does not fix the number of bits


@dataclass(frozen=True)
class FillBounds:
    """Bounds on bits set.

    Attributes:
        most: the most bits of one record.
        least_mean: the least mean over a file's records, in bits.
        fixed: whether `most` follows from the schema's own numbers; if not, the file's median bounds it further.
    """

    most: int
    least_mean: float
    fixed: bool


@dataclass(frozen=True)
class _Field:
    """A hashed field: how many bits it sets, and whether it may set the same place twice."""

    bits: float
    independent: bool


def fill_bounds(schema: LinkageSchema) -> FillBounds:
    """The bounds under a linkage schema (clkhash's JSON, v1-v3)."""
    fields = [_field(feature) for feature in schema.definition["features"] if not feature.get("ignored", False)]
    known = [field for field in fields if field is not None]
    if len(known) < len(fields) or not known:
        most = CEILING if schema.xor_folds == 0 else min(CEILING, 0.5 + DEVIATIONS * 0.5 / math.sqrt(schema.bits))
        return FillBounds(math.floor(most * schema.bits), LEAST_FILL * schema.bits, fixed=False)
    fullest, deviation = _filled(known, schema.bits, schema.xor_folds)
    part = [_Field(field.bits * LEAST_OF_SCHEMA, field.independent) for field in known]
    least, _ = _filled(part, schema.bits, schema.xor_folds)
    return FillBounds(math.ceil(fullest + DEVIATIONS * deviation), least, fixed=True)


def _field(feature: dict[str, Any]) -> _Field | None:
    """None where the number of bits depends on the value. `numBits` is what version 2 calls `bitsPerFeature`."""
    hashing = feature.get("hashing", {})
    strategy = hashing.get("strategy", {})
    bits = strategy.get("bitsPerFeature", strategy.get("numBits"))
    if not isinstance(bits, int | float):
        return None
    return _Field(float(bits), hashing.get("hash", {}).get("type") == "blakeHash")


def _filled(fields: Sequence[_Field], bits: int, folds: int) -> tuple[float, float]:
    """Expected bits set in a record that has every field, at most; and their standard deviation, at most."""
    places, parts, thrown = bits << folds, 1 << folds, sum(field.bits for field in fields)
    free = math.prod(_free(field, places) for field in fields)
    if folds and free < 0.5:  # over half full, folding empties again: the fullest has fewer fields
        return bits * 0.5, 0.5 * math.sqrt(bits)
    clear = 2 * free - 1
    share = (1 - clear**parts) / 2
    variance = bits * share * (1 - share)
    if all(field.independent for field in fields):
        # the number thrown does not vary: what it would add goes off (occupancy; Kolchin et al. 1978)
        a_throw = bits * parts * clear ** (parts - 1) * free / places
        variance -= thrown * a_throw**2
    return bits * share, math.sqrt(max(variance, 0.0))


def _free(field: _Field, places: int) -> float:
    """The share of places that a field leaves free: at least, where its places may keep out of each other's way."""
    if field.independent:
        return float((1 - 1 / places) ** field.bits)
    return max(0.0, 1 - field.bits / places)
