"""Canonical JSON and SHA-256: how agreements, linkage schemas and contents get an identity."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import NewType

Digest = NewType("Digest", str)
"""64 lower-case hexadecimal digits: a SHA-256."""

_CHUNK_BYTES = 1 << 20  # read files in pieces: an encodings file may be larger than memory


def canonical_json(value: object) -> bytes:
    """The one byte string that stands for `value`: keys sorted, no spaces, UTF-8 (the form of RFC 8785 for the
    strings, integers, booleans, lists and objects that the project's documents hold)."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8")


def sha256_of(data: bytes | memoryview) -> Digest:
    """SHA-256 of some bytes."""
    return Digest(hashlib.sha256(data).hexdigest())


def sha256_of_file(path: Path) -> Digest:
    """SHA-256 of a file's bytes, read in pieces."""
    running = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_CHUNK_BYTES):
            running.update(piece)
    return Digest(running.hexdigest())
