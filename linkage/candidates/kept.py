"""Keep candidate pairs as bytes that prove themselves whole, so that work which was stopped need not be done again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from linkage.candidates.compare import CandidatePairs
from schemas.digest import canonical_json, sha256_of

TILE_FORMAT = "waylink-tile-1"
"""Written at the head of a tile, and part of its name: tiles of another version are never read."""

_HEAD = TILE_FORMAT.encode()
_NOTE_SIZE, _ROW, _SCORE = np.dtype("<u4"), np.dtype("<u4"), np.dtype("<f8")
_SEAL_BYTES = 32


class KeptTiles(Protocol):
    """Where finished work waits, for this run and for a later one of the same arguments.

    What `get` gives is proven by who asked; a store need not do so, but has to keep it secret: a tile says which
    records are alike. Whatever either raises ends the run.
    """

    def get(self, name: str) -> bytes | None:
        """What was put under this name; None where nothing was."""

    def put(self, name: str, data: bytes) -> None:
        """Keep this under a name, in place of what may be there; a later `get` gives all of it or nothing of it."""


@dataclass(frozen=True, eq=False)
class Tile:
    """Finished work: candidate pairs, and what else is to be said of them."""

    pairs: CandidatePairs
    note: bytes = b""


def pack_tile(name: str, tile: Tile) -> bytes:
    """A tile as bytes: format, size of the note, note, left, right, score; then a digest over the name and all of it.

    Numbers are little-endian: uint32, uint32 (pairs,) twice, float64 (pairs,).
    """
    pairs = tile.pairs
    columns = ((pairs.left, _ROW), (pairs.right, _ROW), (pairs.score, _SCORE))
    size = np.array(len(tile.note), _NOTE_SIZE).tobytes()
    body = b"".join(
        [_HEAD, size, tile.note, *(column.astype(dtype, copy=False).tobytes() for column, dtype in columns)]
    )
    return body + _seal(name, body)


def unpack_tile(name: str, data: bytes | None) -> Tile | None:
    """The tile that `pack_tile` packed under that name; None where there is nothing, or anything else."""
    if data is None or len(data) < len(_HEAD) + _NOTE_SIZE.itemsize + _SEAL_BYTES:
        return None
    body = data[:-_SEAL_BYTES]
    if not body.startswith(_HEAD) or data[-_SEAL_BYTES:] != _seal(name, body):
        return None  # whatever has the seal was packed as above, so its sizes fit
    note_at = len(_HEAD) + _NOTE_SIZE.itemsize
    left_at = note_at + int(np.frombuffer(body, _NOTE_SIZE, 1, len(_HEAD))[0])
    count = (len(body) - left_at) // (2 * _ROW.itemsize + _SCORE.itemsize)
    right_at = left_at + count * _ROW.itemsize
    left, right = (np.frombuffer(body, _ROW, count, start).astype(np.uint32) for start in (left_at, right_at))
    score = np.frombuffer(body, _SCORE, count, right_at + count * _ROW.itemsize).astype(np.float64)
    return Tile(CandidatePairs(left, right, score), body[note_at:left_at])


def _seal(name: str, body: bytes) -> bytes:
    return bytes.fromhex(sha256_of(canonical_json([name, sha256_of(body)])))
