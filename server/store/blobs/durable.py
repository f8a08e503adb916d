"""Bytes on a disk so that they stay there: written whole, fsynced, in a folder that is fsynced too."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from server.store.blobs.errors import DiskFault, NoRoom

RandomBytes = Callable[[int], bytes]
"""n -> n random bytes, as `os.urandom`."""

OWNER_ONLY = 0o600
_FULL = {errno.ENOSPC, errno.EDQUOT}
_CANNOT_LINK = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP}
_COPY_BYTES = 1 << 20
_MARK_BYTES = 8  # of a temporary name: two writers of one blob do not meet


@contextmanager
def disk_faults(where: str) -> Iterator[None]:
    """Turn the system's errors inside the block into NoRoom or DiskFault, which name `where` and no path."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            fix = "ask the operator to make room, then do the same again; what has arrived is kept"
            raise NoRoom("the server's disk is full", where=where, fix=fix) from None
        reason = os.strerror(error.errno) if error.errno else "unknown reason"
        raise DiskFault(f"the server's disk failed ({reason})", where=where, fix="look at the server's disk") from None


def write_at(file: int, data: bytes, position: int) -> None:
    """Write all of `data` at a position of an open file: the system may take a part at a time."""
    view = memoryview(data)
    while view:
        taken = os.pwrite(file, view, position)
        view, position = view[taken:], position + taken


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable: a file's own fsync does not cover its name."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def temporary_name(name: str, random_bytes: RandomBytes) -> str:
    """A name beside `name` that no id can have: it starts with a dot."""
    return f".{name}.{random_bytes(_MARK_BYTES).hex()}.part"


def drafts_of(target: Path) -> list[Path]:
    """The temporary files that a crash left of a file."""
    return list(target.parent.glob(f".{target.name}.{'[0-9a-f]' * 2 * _MARK_BYTES}.part"))


def put_whole(target: Path, pieces: Iterable[bytes], random_bytes: RandomBytes, *, replace: bool = True) -> None:
    """Write a file that appears whole or not at all, mode 600, and is there after a crash.

    Args:
        replace: whether a file of that name may give way.

    Raises:
        FileExistsError: it may not, and is there.
        OSError: as the system says; nothing is left behind.
    """
    draft = target.with_name(temporary_name(target.name, random_bytes))
    try:
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        try:
            position = 0
            for piece in pieces:
                write_at(file, piece, position)
                position += len(piece)
            os.fsync(file)
        finally:
            os.close(file)
        if replace:
            draft.rename(target)
        else:
            os.link(draft, target)  # unlike a rename, fails where the name is taken
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
    sync_folder(target.parent)


def copy_durably(source: Path, target: Path) -> None:
    """Copy a file's bytes to a new one of mode 600, fsynced; FileExistsError where that is there."""
    with source.open("rb") as read:
        file = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(file, "wb") as written:
            shutil.copyfileobj(read, written, _COPY_BYTES)
            written.flush()
            os.fsync(written.fileno())


def copy_or_link(source: Path, target: Path) -> None:
    """Give a file that never changes a second name; a copy, where the two are on different disks."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _CANNOT_LINK:
            raise
        copy_durably(source, target)


def remove(path: Path) -> bool:
    """Remove a file durably; False where there was none."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    sync_folder(path.parent)
    return True


def wipe(path: Path) -> bool:
    """Overwrite a file with zeros, make that durable, then remove it; False where there was none.

    Not promised on a disk that writes elsewhere than it was told (snapshots, copy-on-write, worn flash).
    """
    try:
        file = os.open(path, os.O_WRONLY)
    except FileNotFoundError:
        return False
    try:
        write_at(file, bytes(os.fstat(file).st_size), 0)
        os.fsync(file)
    finally:
        os.close(file)
    return remove(path)
