"""The folder of blobs and keys: put, read, receive, remove, sweep."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterator
from pathlib import Path

from server.store.blobs import vault_keys
from server.store.blobs.durable import (
    RandomBytes,
    copy_durably,
    copy_or_link,
    disk_faults,
    put_whole,
    remove,
    wipe,
)
from server.store.blobs.errors import BlobMissing
from server.store.blobs.names import BlobId, blob_id, key_id
from server.store.blobs.sealing import SEALED_BYTES, START_BYTES, broken, plain_size, prove_start, seal_all, unseal
from server.store.blobs.vault_keys import VaultKey
from server.store.blobs.writer import BlobWriter

GRACE_SECONDS = 3600
"""A file that nobody knows may be one whose row is about to be written; after an hour it is not."""


class BlobFolder:
    """Sealed files under `blobs/`, their keys under `keys/`.

    Every method raises BadBlobName for an id that cannot be a file's name, and NoRoom or DiskFault as the disk does.
    """

    def __init__(self, data_folder: Path, random_bytes: RandomBytes = os.urandom) -> None:
        """Use a data folder; `blobs/` and `keys/` are made in it, open to their owner only."""
        self._blobs, self._keys = data_folder / "blobs", data_folder / "keys"
        self._random_bytes = random_bytes
        with disk_faults("the data folder"):
            for folder in (self._blobs, self._keys):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def new_key(self, name: str) -> VaultKey:
        """Make the vault key of an upload or a run; KeyThere where it has one."""
        return vault_keys.make_key(self._keys / key_id(name), self._random_bytes)

    def key(self, name: str) -> VaultKey:
        """The vault key of that id; KeyGone where it was destroyed or never here."""
        return vault_keys.read_key(self._keys / key_id(name))

    def destroy_key(self, name: str) -> bool:
        """Make every blob of a key unreadable, backups of them too; False where the key was gone already."""
        return vault_keys.destroy_key(self._keys / key_id(name))

    def put_blob(self, name: str, key: VaultKey, data: bytes) -> None:
        """Write a whole blob: after a crash it is there as it was, or as it is now, never half."""
        blob = blob_id(name)
        with disk_faults(f"blob {blob}"):
            put_whole(self._blobs / blob, seal_all(data, blob, key, self._random_bytes), self._random_bytes)

    def writer(self, name: str, key: VaultKey, *, sure_of: int = 0) -> BlobWriter:
        """Begin a blob or go on with one; see `BlobWriter.open`."""
        blob = blob_id(name)
        return BlobWriter.open(self._blobs / blob, blob, key, self._random_bytes, sure_of=sure_of)

    def read_blob(self, name: str, key: VaultKey) -> bytes:
        """A whole blob's plaintext. Raises as `stream_blob`."""
        return b"".join(self.stream_blob(name, key))

    def stream_blob(self, name: str, key: VaultKey) -> Iterator[bytes]:
        """A blob's plaintext in chunks of 64 KiB at most, each proven before it is given.

        That the blob is whole is known only when the last chunk has come: use nothing before the iterator ends.

        Raises (at the first chunk that shows it):
            BlobMissing: there is none.
            BlobBroken: it is unfinished, truncated, altered, another one, or the key is.
        """
        blob = blob_id(name)
        with disk_faults(f"blob {blob}"):
            try:
                file = (self._blobs / blob).open("rb")
            except FileNotFoundError:
                raise _missing(blob) from None
        with file:
            prove_start(file.read(START_BYTES), blob, key)
            index, last = 0, False
            while not last:
                with disk_faults(f"blob {blob}"):
                    sealed = file.read(SEALED_BYTES)
                last = len(sealed) < SEALED_BYTES
                yield unseal(sealed, blob, key, index, last=last)
                index += 1

    def size_of(self, name: str) -> int:
        """The plaintext's length in bytes, going by the file's; BlobMissing, or BlobBroken where no blob is so long."""
        blob = blob_id(name)
        with disk_faults(f"blob {blob}"):
            try:
                size = plain_size((self._blobs / blob).stat().st_size)
            except FileNotFoundError:
                raise _missing(blob) from None
        if size < 0:
            raise broken(blob)
        return size

    def has_key(self, name: str) -> bool:
        """Whether there is a vault key of that id."""
        return (self._keys / key_id(name)).is_file()

    def key_names(self) -> list[str]:
        """The ids of all vault keys that are there."""
        with disk_faults("the data folder"):
            return [path.name for path in self._keys.iterdir() if not path.name.startswith(".")]

    def blob_names(self) -> list[str]:
        """The ids of all blobs that are there, unfinished ones included."""
        with disk_faults("the data folder"):
            return [path.name for path in self._blobs.iterdir() if not path.name.startswith(".")]

    def has_blob(self, name: str) -> bool:
        """Whether there is a file of that blob, finished or not."""
        return (self._blobs / blob_id(name)).is_file()

    def delete_blob(self, name: str) -> bool:
        """Remove a blob's file; False where there was none. What makes it unreadable is destroying its key."""
        blob = blob_id(name)
        with disk_faults(f"blob {blob}"):
            return remove(self._blobs / blob)

    def copy_out(self, name: str, target: Path) -> bool:
        """Put a finished blob's sealed file elsewhere; False where there is none (any more).

        A hard link where the system can: a finished blob never changes, deleting it leaves the link, and without its
        key either is noise.
        """
        blob = blob_id(name)
        with disk_faults(f"blob {blob}"):
            try:
                copy_or_link(self._blobs / blob, target)
            except FileNotFoundError:
                return False
        return True

    def take_in(self, name: str, sealed: Path) -> None:
        """Put a sealed file back in its place, from a backup."""
        blob = blob_id(name)
        with disk_faults(f"blob {blob}"):
            copy_durably(sealed, self._blobs / blob)

    def sweep(self, known_blobs: Container[str], known_keys: Container[str], now: float) -> int:
        """Remove what a crash left behind: temporary and unknown files older than an hour.

        Args:
            known_blobs, known_keys: the ids that the database has, unfinished ones included.
            now: seconds since 1970, of the clock that dates files.

        Returns:
            How many files were removed.
        """
        with disk_faults("the data folder"):
            left_blobs = _sweep(self._blobs, known_blobs, now, remove)
            return left_blobs + _sweep(self._keys, known_keys, now, wipe)


def _sweep(folder: Path, known: Container[str], now: float, clear: Callable[[Path], bool]) -> int:
    with os.scandir(folder) as entries:
        old = [Path(entry) for entry in entries if entry.name not in known and _age(entry, now) > GRACE_SECONDS]
    return sum(clear(path) for path in old)


def _age(entry: os.DirEntry[str], now: float) -> float:
    """In seconds; 0 for a file that went while it was looked at."""
    try:
        return now - entry.stat(follow_symlinks=False).st_mtime
    except FileNotFoundError:
        return 0.0


def _missing(blob: BlobId) -> BlobMissing:
    return BlobMissing("is not there", where=f"blob {blob}", fix="have it sent again")
