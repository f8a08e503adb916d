"""What leaves a member: two files that the receipt lists, in pieces, through a carrier that the front door hands in.

There is no network code here: this file decides what is sent, `Carrier` is how. Nothing else of the folder is opened,
and under `private/` nothing at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from encoder.errors import NothingTaken, SentTooOften, ServerFull
from schemas import encodings as encodings_file
from schemas import services as services_file
from schemas.console import SILENT, Advance, Progress
from schemas.digest import Digest, canonical_json, sha256_of
from schemas.errors import BrokenFile, NetworkFault
from schemas.receipt import read_receipt

LEAVING = {"encodings": encodings_file.FILE_NAME, "services": services_file.FILE_NAME}
"""The parts of an upload and the files that they are. This is all that is ever sent."""

PIECE_BYTES = 16 << 20  # a broken connection costs no more than this; a whole number of the server's 64 KiB
PAUSES = (1, 2, 4, 8, 16, 30, 30)
"""Seconds to wait after each failure in a row; then it is given up. Longer in all than a server holds a dead line."""

_MOST_UPLOADS = 100  # of the same two files
_OVER = ("rejected", "deleted")

T = TypeVar("T")


@dataclass(frozen=True)
class Identity:
    """A file as the other side is to find it: its length in bytes and its SHA-256."""

    bytes: int
    sha256: Digest


@dataclass(frozen=True)
class Upload:
    """An upload as the server tells of it.

    Attributes:
        id: its name there.
        state: receiving, accepted, rejected or deleted.
        received: part -> bytes that the server has for certain.
        records: of an accepted upload.
    """

    id: str
    state: str
    received: Mapping[str, int]
    records: int | None


class Carrier(Protocol):
    """The way to the server. Each method raises NetworkFault where the same again may help, and others where not;
    of NetworkFaults, ServerFull is not waited for."""

    def begin(self, project: str, key: str, parts: Mapping[str, Identity]) -> Upload:
        """Begin an upload; with a key that was used for these files before, find that upload again."""

    def show(self, upload: str) -> Upload:
        """How an upload stands."""

    def piece(self, upload: str, part: str, offset: int, data: bytes) -> int:
        """Send bytes of a part from an offset; gives back what the server has now, also where it has another offset."""

    def complete(self, upload: str) -> Upload:
        """All is sent: have it checked."""


def send_folder(
    folder: Path,
    project: str,
    carrier: Carrier,
    progress: Progress = SILENT,
    *,
    wait: Callable[[float], None] = time.sleep,
) -> Upload:
    """Send what `waylink encode` wrote for the server; interrupted, the same again goes on where it stopped.

    Args:
        folder: with the receipt; every file on it is first found whole.
        project: the server's name of the project.
        carrier: the way there.
        progress: told of bytes.
        wait: for so many seconds, after a failure.

    Returns:
        The accepted upload.

    Raises:
        FileMissing, BrokenFile: the folder is not as it was written.
        NetworkFault: the server could not be reached, or took nothing, again and again; or it has no room.
        what else the carrier raises: the server refuses.
    """
    # (1) the folder is whole, and these two files are on its receipt
    listed = read_receipt(folder, *LEAVING.values())["files"]
    files = {part: folder / name for part, name in LEAVING.items()}
    parts = {part: Identity(path.stat().st_size, listed[path.name]["sha256"]) for part, path in files.items()}
    line = _Line(carrier, wait)
    # (2) the upload of these files that is under way, or a new one
    upload = _begin(line, project, parts)
    if upload.state == "accepted":
        return upload
    # (3) what the server does not have yet
    total = sum(identity.bytes for identity in parts.values())
    with progress.stage("sending", total) as advance:
        for part, path in files.items():
            _send_part(line, upload, part, path, parts[part].bytes, advance)
    # (4) it is accepted only after the server's checks
    return line.ask(partial(carrier.complete, upload.id))


class _Line:
    """The carrier, asked with patience: failures in a row, without anything coming through, are counted."""

    def __init__(self, carrier: Carrier, wait: Callable[[float], None]) -> None:
        self.carrier, self._wait = carrier, wait
        self._failures = 0

    def ask(self, question: Callable[[], T]) -> T:
        """The answer, after as many tries as patience allows."""
        while True:
            try:
                return question()
            except NetworkFault as fault:
                self.failed(fault)

    def failed(self, fault: NetworkFault) -> None:
        """Wait, or give up with that fault."""
        if self._failures == len(PAUSES) or isinstance(fault, ServerFull):
            raise fault
        self._wait(PAUSES[self._failures])
        self._failures += 1

    def came_through(self) -> None:
        """Something arrived: patience is whole again."""
        self._failures = 0


def _begin(line: _Line, project: str, parts: Mapping[str, Identity]) -> Upload:
    """Find the upload of these files that is not over, or begin one. The key follows from the files, so that a second
    call finds what the first began; what was rejected or deleted is sent under the next key."""
    digests = [parts[part].sha256 for part in LEAVING]
    for turn in range(_MOST_UPLOADS):
        key = _key(project, digests, turn)
        upload = line.ask(partial(line.carrier.begin, project, key, parts))
        if upload.state not in _OVER:
            return upload
    raise SentTooOften("these files were sent and deleted too often", fix="encode again, then send the new folder")


def _key(project: str, digests: Sequence[Digest], turn: int) -> str:
    return sha256_of(canonical_json(["waylink upload 1", project, *digests, turn]))


def _send_part(line: _Line, upload: Upload, part: str, path: Path, size: int, advance: Advance) -> None:
    offset = told = upload.received[part]
    advance(told)
    with path.open("rb", buffering=0) as file:  # a piece is larger than any buffer
        while offset < size:
            file.seek(offset)
            data = file.read(min(PIECE_BYTES, size - offset))
            if not data:
                raise BrokenFile("became shorter while it was sent", where=str(path), fix="encode again")
            now = _send_piece(line, upload.id, part, offset, data)
            advance(max(now - told, 0))
            offset, told = now, max(now, told)


def _send_piece(line: _Line, upload: str, part: str, offset: int, data: bytes) -> int:
    """Try once, and see what the server has then: of a piece that broke off it may have kept the beginning."""
    try:
        now = line.carrier.piece(upload, part, offset, data)
        fault: NetworkFault = NothingTaken("the server took nothing of what was sent", fix="try again later")
    except NetworkFault as broken:
        fault = broken
        line.failed(fault)
        now = line.ask(partial(line.carrier.show, upload)).received[part]
        if now > offset:
            line.came_through()
        return now
    if now > offset:
        line.came_through()
    else:
        line.failed(fault)
    return now
