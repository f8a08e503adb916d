"""A small co-op of encodings made from random people, for tests that need no names."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from schemas import Agreement, Encodings, Origin
from schemas.agreement import parse_agreement

AGREEMENT = """\
project = "Small"
purpose = "Tests"
members = ["east", "north", "west"]
data_level = "period"
period = "month"
threshold = 0.8
tables = ["unduplicated", "set_pathway", "overlap_pairs", "ordered_pathway"]
"""
MEMBERS = ("east", "north", "west")
FILL = 0.4
WRONG_BITS = 0.02  # a copy of a person differs in this share of the bits: Dice about 0.95


def small_agreement(more: str = "") -> Agreement:
    """The agreement of the small co-op, with more lines."""
    kept = [line for line in AGREEMENT.splitlines() if line.split(" = ")[0] not in more]
    return parse_agreement("\n".join([*kept, more]))


def small_coop(
    agreement: Agreement, people: int = 60, seed: int = 1
) -> tuple[list[Encodings], list[NDArray[np.int64]]]:
    """Encodings of three members that share people, one person twice at `east`; and the true person of each row."""
    rng = np.random.default_rng(seed)
    filters = rng.random((people, agreement.linkage_schema.bits)) < FILL
    whose = [np.arange(people)[m::2] if m < 2 else np.arange(people)[: people // 2] for m in range(3)]
    whose[0] = np.append(whose[0], whose[0][0])
    return [_encode(filters[who], agreement, member, rng) for member, who in zip(MEMBERS, whose, strict=True)], whose


def _encode(filters: NDArray[np.bool_], agreement: Agreement, member: str, rng: np.random.Generator) -> Encodings:
    noisy = filters ^ (rng.random(filters.shape) < WRONG_BITS)
    tokens = np.frombuffer(os.urandom(16 * len(noisy)), np.uint8).reshape(-1, 16)
    origin = Origin(member, agreement.digest, agreement.linkage_schema.digest, "k" * 64, "1", "0.1.0")
    return Encodings(np.packbits(noisy, axis=1), tokens, origin)


def with_origin(encodings: Encodings, **changes: str) -> Encodings:
    """The same encodings, saying something else of where they come from."""
    return Encodings(encodings.bits, encodings.tokens, replace(encodings.origin, **changes))
