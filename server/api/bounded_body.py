"""The bounds of a body that is held in memory: how long it may be, and how long it may take to come."""

from __future__ import annotations

import re
import time
from http import HTTPStatus

from anyio import fail_after
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

LARGEST_BODY = 1 << 20  # an agreement with its schema is 60 kB; the pieces of an upload are streamed, not held
BODY_SECONDS = 30.0  # the largest body over a line of 300 kbit/s; who sends slower than that only holds a place
_STREAMED = re.compile(r"PATCH /api/uploads/[^/]+/parts/[^/]+")


def is_streamed(scope: Scope) -> bool:
    """Whether the request's body is a piece of an upload, which has bounds of its own (`piece_stream`)."""
    return _STREAMED.fullmatch(f"{scope['method']} {scope['path']}") is not None


def bounded(scope: Scope, receive: Receive) -> Receive:
    """`receive` that ends with HTTPException 413 when a body gets too long, with 408 when it takes too long.

    The time is counted from now to the body's last byte. What comes after that (word that the caller has gone) may take
    any time, and so may an upload's pieces, of which every part has to come in time by itself.
    """
    if is_streamed(scope):
        return receive
    taken, whole, until = 0, False, time.monotonic() + BODY_SECONDS

    async def receive_bounded() -> Message:
        nonlocal taken, whole
        if whole:
            return await receive()
        try:
            with fail_after(max(0.0, until - time.monotonic())):
                message = await receive()
        except TimeoutError:
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from None
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        whole = not message.get("more_body", False)
        return message

    return receive_bounded
