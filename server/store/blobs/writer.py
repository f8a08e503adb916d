"""A blob while it is being received: it grows by whole sealed chunks, and goes on after a crash from what is there."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from server.domain.errors import ServerError
from server.store.blobs.durable import OWNER_ONLY, RandomBytes, disk_faults, sync_folder, write_at
from server.store.blobs.errors import BadOffset, BlobBroken, BlobBusy, BlobFinished
from server.store.blobs.names import BlobId
from server.store.blobs.sealing import (
    CHUNK_BYTES,
    SEALED_BYTES,
    START_BYTES,
    plain_size,
    position_of,
    prove_start,
    seal,
    start_of,
    unseal,
)
from server.store.blobs.vault_keys import VaultKey


class BlobWriter:
    """Appends to one blob; one writer a blob at a time, over all processes.

    Bytes that do not yet fill a chunk are in memory only. Where the disk fails, everything after `offset` is dropped,
    in the file and in memory: the sender goes on from `offset`.
    """

    def __init__(self, file: int, blob: BlobId, key: VaultKey, random_bytes: RandomBytes) -> None:
        self._file, self._blob, self._key, self._random_bytes = file, blob, key, random_bytes
        self._durable = self._written = 0  # whole chunks: fsynced; in the file
        self._pending = bytearray()
        self._finished_size = -1

    @classmethod
    def open(cls, path: Path, blob: BlobId, key: VaultKey, random_bytes: RandomBytes, *, sure_of: int = 0) -> Self:
        """Begin a blob, or go on with one after proving which of its chunks are there.

        Args:
            path: the blob's file.
            sure_of: plaintext bytes that an earlier writer's `offset` had reached; only what follows is read again.

        Raises:
            BlobBusy: another writer has it.
            BlobBroken: the file is no blob, or was sealed with another key.
            NoRoom, DiskFault: as it says.
        """
        with disk_faults(f"blob {blob}"):
            file = os.open(path, os.O_RDWR | os.O_CREAT, OWNER_ONLY)
        writer = cls(file, blob, key, random_bytes)
        try:
            writer._lock()
            with disk_faults(f"blob {blob}"):
                writer._take_up(path, sure_of // CHUNK_BYTES)
        except BaseException:
            writer.close()
            raise
        return writer

    @property
    def offset(self) -> int:
        """Plaintext bytes that no crash can take away: a multiple of CHUNK_BYTES, or all of a finished blob."""
        return self._finished_size if self.finished else self._durable * CHUNK_BYTES

    @property
    def received(self) -> int:
        """Plaintext bytes taken so far, those in memory included."""
        return self._finished_size if self.finished else self._written * CHUNK_BYTES + len(self._pending)

    @property
    def finished(self) -> bool:
        """Whether the last chunk is sealed."""
        return self._finished_size >= 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take more plaintext; whole chunks are sealed and written.

        Raises:
            BlobFinished: it is complete already.
            NoRoom, DiskFault: everything after `offset` was dropped.
        """
        self._refuse_if_finished()
        view = memoryview(data).cast("B")
        with self._or_back_to_offset():
            if self._pending:
                missing = CHUNK_BYTES - len(self._pending)
                self._pending += view[:missing]
                view = view[missing:]
                if len(self._pending) < CHUNK_BYTES:
                    return
                self._append(bytes(self._pending))
                self._pending.clear()
            whole = len(view) - len(view) % CHUNK_BYTES
            for start in range(0, whole, CHUNK_BYTES):
                self._append(bytes(view[start : start + CHUNK_BYTES]))
            self._pending += view[whole:]

    def flush(self) -> int:
        """Make every whole chunk durable; gives back `offset`. Raises as `write`."""
        with self._or_back_to_offset():
            os.fsync(self._file)
        self._durable = self._written
        return self.offset

    def finish(self) -> int:
        """Seal what is in memory as the last chunk, make all durable, give back the length. Raises as `write`."""
        self._refuse_if_finished()
        size = self.received
        with self._or_back_to_offset():
            self._seal_at_end(bytes(self._pending), last=True)
            os.fsync(self._file)
        self._durable = self._written
        self._pending.clear()
        self._finished_size = size
        return size

    def truncate_to(self, offset: int) -> None:
        """Forget everything from a plaintext offset on; a finished blob is open again.

        Raises:
            BadOffset: not a multiple of CHUNK_BYTES, or beyond the whole chunks.
            NoRoom, DiskFault: as it says.
        """
        chunks, rest = divmod(offset, CHUNK_BYTES)
        if rest or not 0 <= chunks <= self._written:
            raise BadOffset("cannot be cut there", where=f"blob {self._blob}", fix="cut where a whole chunk ends")
        with disk_faults(f"blob {self._blob}"):
            os.ftruncate(self._file, position_of(chunks))
            self._written, self._durable, self._finished_size = chunks, min(self._durable, chunks), -1
            self._pending.clear()
            os.fsync(self._file)
        self._durable = chunks

    def close(self) -> None:
        """Let the blob go; bytes that are in memory only are lost."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fault = "is being received by another request"
            raise BlobBusy(fault, where=f"blob {self._blob}", fix="try again when that one has ended") from None

    def _take_up(self, path: Path, sure_chunks: int) -> None:
        """Find the chunks that are whole, cut off what follows them, and make the rest durable."""
        start = os.pread(self._file, START_BYTES, 0)
        if len(start) < START_BYTES or not any(start):  # new, or the crash came before any chunk
            os.ftruncate(self._file, 0)
            write_at(self._file, start_of(self._blob, self._key, self._random_bytes), 0)
            os.fsync(self._file)
            sync_folder(path.parent)
            return
        prove_start(start, self._blob, self._key)
        size = os.fstat(self._file).st_size
        in_file = (size - START_BYTES) // SEALED_BYTES
        self._written = self._count_whole(min(sure_chunks, in_file), in_file)
        tail = os.pread(self._file, SEALED_BYTES, position_of(self._written))
        if self._written == in_file and self._opens(tail, last=True):
            self._finished_size = plain_size(size)
        elif sure_chunks > 0 and size == position_of(sure_chunks):
            self._durable = self._written  # exactly what an earlier writer made durable: nothing to make so again
            return
        else:
            os.ftruncate(self._file, position_of(self._written))
        os.fsync(self._file)  # chunks that a killed writer left may be in the system's memory only
        self._durable = self._written

    def _count_whole(self, start: int, end: int) -> int:
        """How many chunks open, up to the first that does not: after a power cut any unsynced one may be noise."""
        for index in range(start, end):
            self._written = index
            if not self._opens(os.pread(self._file, SEALED_BYTES, position_of(index)), last=False):
                return index
        return end

    def _opens(self, sealed: bytes, *, last: bool) -> bool:
        """Whether this is the chunk that follows the whole ones."""
        try:
            unseal(sealed, self._blob, self._key, self._written, last=last)
        except BlobBroken:
            return False
        return True

    def _append(self, plain: bytes) -> None:
        self._seal_at_end(plain, last=False)
        self._written += 1

    def _seal_at_end(self, plain: bytes, *, last: bool) -> None:
        sealed = seal(plain, self._blob, self._key, self._written, self._random_bytes, last=last)
        write_at(self._file, sealed, position_of(self._written))

    @contextmanager
    def _or_back_to_offset(self) -> Iterator[None]:
        """Where the disk fails inside the block, leave file and memory as they were at `offset`."""
        try:
            with disk_faults(f"blob {self._blob}"):
                yield
        except ServerError:
            self._pending.clear()
            self._written = self._durable
            with suppress(OSError):
                os.ftruncate(self._file, position_of(self._durable))
            raise

    def _refuse_if_finished(self) -> None:
        if self.finished:
            raise BlobFinished("is complete and takes no more", where=f"blob {self._blob}")
