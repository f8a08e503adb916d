"""What a run needs only while it runs: tiles sealed under a key of the run alone, and chance drawn from it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from server.store.blobs import BlobFolder, VaultKey
from server.store.blobs.errors import BlobBroken, BlobMissing, KeyThere
from server.store.runs import scratch_key

_PERSON = b"waylink-drawn"  # BLAKE2b's personalisation: the key's other use, sealing, gives none of these bytes


class Scratch:
    """A run's scratch: fulfils `linkage.KeptTiles`. Its blobs are `<run>-scratch-<name>`; names have no "-".

    The key is made once and never replaced, so that whoever goes on with the run reads the same tiles and draws the
    same link ids; it is destroyed when the run ends.

    Args:
        got_on: called when a tile was kept.
    """

    def __init__(self, blobs: BlobFolder, run_id: str, got_on: Callable[[], None] = lambda: None) -> None:
        self._blobs, self._name, self._got_on = blobs, scratch_key(run_id), got_on
        self._key = key_made_once(blobs, self._name)

    def get(self, name: str) -> bytes | None:
        """A finished tile; None where there is none that opens."""
        try:
            return self._blobs.read_blob(f"{self._name}-{name}", self._key)
        except (BlobMissing, BlobBroken):
            return None

    def put(self, name: str, data: bytes) -> None:
        """Keep a tile; NoRoom or DiskFault as the disk says."""
        self._blobs.put_blob(f"{self._name}-{name}", self._key, data)
        self._got_on()

    def draw(self, what: str) -> Callable[[int], bytes]:
        """Random bytes for a purpose: each call's differ, and the same calls of the same run give the same bytes."""
        seed = hashlib.blake2b(what.encode(), key=self._key.reveal(), person=_PERSON).digest()
        drawn = 0

        def random_bytes(count: int) -> bytes:
            nonlocal drawn
            drawn += 1
            return hashlib.shake_256(seed + drawn.to_bytes(8, "big")).digest(count)

        return random_bytes


def key_made_once(blobs: BlobFolder, name: str) -> VaultKey:
    """The vault key of that name, made if there is none yet. Raises KeyGone where it is being destroyed."""
    try:
        return blobs.new_key(name)
    except KeyThere:
        return blobs.key(name)
