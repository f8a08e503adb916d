"""Vault keys: 32 random bytes a file, apart from the blobs that they open, destroyed by overwriting."""

from __future__ import annotations

from pathlib import Path

from schemas.hidden import Hidden
from server.store.blobs.durable import RandomBytes, disk_faults, drafts_of, put_whole, wipe
from server.store.blobs.errors import KeyGone, KeyThere

KEY_BYTES = 32  # XChaCha20's


class VaultKey(Hidden):
    """A key that seals and opens blobs. Shows itself to nobody but the caller of `reveal`."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = bytes(value)

    def reveal(self) -> bytes:
        """The key's 32 bytes."""
        return self._value


def make_key(path: Path, random_bytes: RandomBytes) -> VaultKey:
    """Make a key and keep it in a file of mode 600; it is on the disk when this returns.

    Raises:
        KeyThere: there is a key of that id.
        NoRoom, DiskFault: it could not be written.
    """
    where = f"key {path.name}"
    value = random_bytes(KEY_BYTES)
    with disk_faults(where):
        try:
            put_whole(path, [value], random_bytes, replace=False)
        except FileExistsError:
            raise KeyThere("is there already", where=where) from None
    return VaultKey(value)


def read_key(path: Path) -> VaultKey:
    """Read a key's file.

    Raises:
        KeyGone: there is none, or a destruction that a crash cut short had begun.
    """
    where = f"key {path.name}"
    with disk_faults(where):
        try:
            value = path.read_bytes()
        except FileNotFoundError:
            value = b""
    if len(value) != KEY_BYTES or not any(value):
        raise KeyGone("was destroyed, or is not on this machine", where=where, fix="have the files sent again")
    return VaultKey(value)


def destroy_key(path: Path) -> bool:
    """Overwrite and remove a key's file: its blobs, and every copy of them, are noise from now on. False: was gone."""
    with disk_faults(f"key {path.name}"):
        for draft in drafts_of(path):  # a crash while the key was made may have left it under a second name
            wipe(draft)
        return wipe(path)
