"""A piece of an upload from the wire to the disk: in bounded memory, cut at its limit, kept if its sender goes away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus

from anyio import CancelScope, CapacityLimiter, fail_after
from anyio.to_thread import run_sync
from fastapi import HTTPException, Request
from starlette.requests import ClientDisconnect

from server.actions.desk import Desk
from server.actions.upload_pieces import Piece, open_piece
from server.domain.accounts import Actor
from server.domain.errors import TooLarge
from server.domain.uploads import Part

OCTETS = "application/octet-stream"
BUFFER_BYTES = 1 << 20
"""What is handed to the disk at a time. A request holds two such: one comes in while the other is sealed."""

IDLE_SECONDS = 30
"""A sender that says nothing for so long is gone: its part must be free for when it comes back."""


async def receive_piece(
    request: Request, desk: Desk, actor: Actor, upload_id: str, part: Part, offset: int, sha256: bytes
) -> int:
    """Take the request's body as a piece; gives back how many bytes of the part are here.

    Raises:
        HTTPException: it is no plain octets.
        TooLarge: more than declared came, or is announced; what follows is not read.
        what `open_piece` and `Piece` raise.
    """
    _require_octets(request)
    piece = await run_sync(open_piece, desk, actor, upload_id, part, offset, sha256)
    disk = _Disk(piece, request.app.state.patience.sealing)
    try:
        announced = request.headers.get("content-length", "")
        _require_room(piece, int(announced) if announced.isdecimal() else 0)
        return await _fill(disk, request)
    finally:
        with CancelScope(shield=True):
            await disk.rest()
            await run_sync(piece.close)


class _Disk:
    """A piece whose blocks are sealed in a thread, one at a time, while the next one comes in."""

    def __init__(self, piece: Piece, line: CapacityLimiter) -> None:
        self.piece, self._line = piece, line
        self._busy: asyncio.Task[None] | None = None

    async def take(self, block: bytearray) -> None:
        """Begin with this block once the one before is done; raises what `Piece.take` raised for that one."""
        await self.settle()
        self._busy = asyncio.create_task(run_sync(self.piece.take, block, limiter=self._line))

    async def settle(self) -> None:
        """Wait until all that was given is taken; raises as `Piece.take`."""
        busy, self._busy = self._busy, None
        if busy is not None:
            try:
                await asyncio.shield(busy)
            except asyncio.CancelledError:
                self._busy = busy  # the thread works on: whoever closes the piece has to wait for it
                raise

    async def rest(self) -> None:
        """Wait until no thread works on the piece, however that ends."""
        if self._busy is not None:
            await asyncio.wait([self._busy])
            self._busy.exception()  # is nobody's any more: what ended the request was said already


async def _fill(disk: _Disk, request: Request) -> int:
    """Everything to the disk; what ends it early says what becomes of the piece."""
    piece = disk.piece
    try:
        async for block in _blocks(request, piece):
            await disk.take(block)
        await disk.settle()
        return await run_sync(piece.finish)
    except TooLarge:
        await disk.settle()
        await run_sync(piece.drop)
        raise
    except (ClientDisconnect, TimeoutError):
        await disk.settle()
        await run_sync(piece.keep)
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from None


async def _blocks(request: Request, piece: Piece) -> AsyncIterator[bytearray]:
    """The body in blocks of about BUFFER_BYTES, and what is left of it when the sender goes away.

    Raises:
        TooLarge: with the first byte that is too much.
        ClientDisconnect, TimeoutError: after the last block that came.
    """
    waiting, seen, stream = bytearray(), 0, request.stream()
    try:
        while data := await _next(stream):
            seen += len(data)
            _require_room(piece, seen)
            waiting += data
            if len(waiting) >= BUFFER_BYTES:
                yield waiting
                waiting = bytearray()
    except (ClientDisconnect, TimeoutError):
        yield waiting
        raise
    yield waiting


async def _next(stream: AsyncIterator[bytes]) -> bytes:
    with fail_after(IDLE_SECONDS):
        return await anext(stream, b"")


def _require_octets(request: Request) -> None:
    coding = request.headers.get("content-encoding", "identity")
    if request.headers.get("content-type", OCTETS) != OCTETS or coding != "identity":
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def _require_room(piece: Piece, size: int) -> None:
    if size > piece.room:
        raise TooLarge(
            "more is sent than was declared for this part", fix="declare the file's whole length when beginning"
        )
