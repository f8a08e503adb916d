"""Receiving: pieces of an upload's parts go to the disk sealed, as they come, and stay as far as that is certain."""

from __future__ import annotations

import hashlib
import hmac
from contextlib import suppress

from server.actions.deletion import sweep
from server.actions.desk import Desk
from server.domain.accounts import Actor
from server.domain.errors import NotFound, ServerError, WrongDigest, WrongOffset
from server.domain.permissions import Verb, require_may
from server.domain.states import moved
from server.domain.uploads import UPLOAD_MOVES, Part, UploadMove, UploadState
from server.store.blobs import BlobWriter
from server.store.blobs.errors import BlobBroken, BlobBusy, KeyGone, KeyThere
from server.store.uploads import UploadRow, blob_of

FLUSH_BYTES = 16 << 20
"""In a long piece, so much is made durable at a time."""


class Piece:
    """One piece of a part, while it comes in. Does disk work: not for an event loop's own thread.

    Whoever opens it says how it ends: `finish` (all came), `keep` (the sender went away) or `drop`; then it is closed.

    Attributes:
        room: how many bytes may come.
    """

    def __init__(self, desk: Desk, blob: str, writer: BlobWriter, size: int, sha256: bytes) -> None:
        self._desk, self._blob, self._writer = desk, blob, writer
        self._size, self._sha256 = size, sha256
        self._start, self._flushed = writer.offset, writer.offset
        self._running = hashlib.sha256()
        self.room = size - writer.offset

    def take(self, data: bytes | bytearray) -> None:
        """More of the piece.

        Raises:
            NoRoom, DiskFault: what is not certain to be on the disk was dropped.
        """
        self._running.update(data)
        try:
            self._writer.write(data)
            if self._writer.received - self._flushed >= FLUSH_BYTES:
                self._flushed = self._writer.flush()
        finally:
            self._note()

    def finish(self) -> int:
        """The piece is whole: gives back how many bytes of the part the server has.

        Raises:
            WrongDigest: it is not what was sent; nothing of it stays.
            NoRoom, DiskFault: as `take`.
        """
        if not hmac.compare_digest(self._running.digest(), self._sha256):
            self.drop()
            raise WrongDigest
        try:
            whole = self._writer.received == self._size and not self._writer.finished
            return self._writer.finish() if whole else self._writer.flush()
        finally:
            self._note()

    def keep(self) -> int:
        """The sender went away in the middle: what is whole chunks stays, and the sender can go on from there."""
        try:
            return self._writer.flush()
        finally:
            self._note()

    def drop(self) -> None:
        """Forget the piece: the part is as long as before."""
        if not self._writer.finished:
            self._writer.truncate_to(self._start)
        self._note()

    def close(self) -> None:
        """Let the part go; another piece of it can be sent."""
        self._writer.close()

    def _note(self) -> None:
        self._desk.certain.note(self._blob, self._writer.offset)


def open_piece(desk: Desk, actor: Actor, upload_id: str, part: Part, offset: int, sha256: bytes) -> Piece:
    """Begin to take a piece of one part of an upload of the actor's own member.

    Args:
        offset: where the sender takes the piece from; has to be where the server's part ends.
        sha256: of the piece.

    Raises:
        NotFound: there is no such upload, or it is others'.
        Refused: it is not being received any more.
        BlobBusy: another request sends a piece of this part.
        WrongOffset: says from where to go on.
    """
    require_may(actor, Verb.UPLOAD)
    upload = _receiving(desk, actor, upload_id)
    blob = blob_of(upload.id, part)
    writer = _open_writer(desk, actor, upload.id, blob)
    try:
        desk.certain.note(blob, writer.offset)
        if offset != writer.offset:
            raise WrongOffset(writer.offset)
        return Piece(desk, blob, writer, upload.declared(part).size, sha256)
    except BaseException:
        writer.close()
        raise


def received_of(desk: Desk, upload: UploadRow, part: Part) -> int:
    """Bytes of a part that are certain to be here. 0 while nobody can say: a part that another process receives."""
    if upload.state != UploadState.RECEIVING:
        return upload.declared(part).size if upload.state == UploadState.ACCEPTED else 0
    blob = blob_of(upload.id, part)
    known = desk.certain.of(blob)
    if known is not None or not desk.blobs.has_blob(blob):
        return known or 0
    with suppress(BlobBusy, BlobBroken, KeyGone), desk.blobs.writer(blob, desk.blobs.key(blob)) as writer:
        desk.certain.note(blob, writer.offset)
        return writer.offset
    return 0


def make_keys(desk: Desk, upload_id: str) -> None:
    """Make the vault keys of an upload whose row is there."""
    for part in Part:
        with suppress(KeyThere):
            desk.blobs.new_key(blob_of(upload_id, part))


def _receiving(desk: Desk, actor: Actor, upload_id: str) -> UploadRow:
    with desk.reading() as session:
        upload = session.get(UploadRow, upload_id)
    if upload is None or upload.member != actor.seat:
        raise NotFound("upload")
    moved(UPLOAD_MOVES, UploadState(upload.state), UploadMove.RECEIVE, what="upload")
    return upload


def _open_writer(desk: Desk, actor: Actor, upload_id: str, blob: str) -> BlobWriter:
    try:
        return desk.blobs.writer(blob, desk.blobs.key(blob), sure_of=desk.certain.of(blob) or 0)
    except (KeyGone, BlobBroken):
        return _begin_anew(desk, actor, upload_id, blob)


def _begin_anew(desk: Desk, actor: Actor, upload_id: str, blob: str) -> BlobWriter:
    """A part whose key never came to be (a crash) or is on another machine (a restored backup) starts at 0."""
    desk.blobs.delete_blob(blob)
    make_keys(desk, upload_id)
    try:
        _receiving(desk, actor, upload_id)  # a key that was made after its upload was deleted must not stay
    except ServerError:
        sweep(desk)
        raise
    return desk.blobs.writer(blob, desk.blobs.key(blob))
