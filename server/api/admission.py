"""Who is let in: the access token of a request is looked up once, before anything of its body is held in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from anyio.to_thread import run_sync
from fastapi.security.utils import get_authorization_scheme_param
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from server.actions.accounts import identify
from server.actions.desk import Desk
from server.api.bounded_body import is_streamed
from server.api.problems import answer_to
from server.domain.accounts import Actor
from server.domain.errors import TokenRefused

ADMITTED = "admitted"
TOKEN_SHOWN = "token_shown"  # noqa: S105 (the name of what the server hands us, see `server.serving.doorkeeper`)
_OPEN = frozenset({"/healthz", "/readyz", "/api/register", "/api/openapi.json"})
"""Paths that ask nobody for a token, and must answer whatever the database does."""


@dataclass(frozen=True)
class Admitted:
    """What came of the token: whose it is, or the error with which whatever needs an actor ends."""

    found: Actor | Exception

    @property
    def actor(self) -> Actor:
        """Whose it is; raises the error."""
        if isinstance(self.found, Actor):
            return self.found
        raise self.found


class Admission:
    """ASGI middleware that puts `Admitted` into the request's state (under ADMITTED).

    Of a caller without a token that works no body is kept: it is let run by, in the bounds of every body, so that the
    caller sees the answer and no broken connection. FastAPI by itself reads a body before it asks who sends it.
    """

    def __init__(self, app: ASGIApp, *, desk: Desk) -> None:
        self._app, self._desk = app, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request in, or answer it."""
        if scope["type"] != "http" or scope["path"] in _OPEN:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        found = await self._find(headers)
        state = scope.setdefault("state", {})
        state[ADMITTED] = Admitted(found)
        if isinstance(found, Actor):
            state["account"] = found.account  # for the log's line
            state.get(TOKEN_SHOWN, _nobody_cares)()
        elif _has_body(headers) and not is_streamed(scope):
            whole = await _let_run_by(receive)
            answer = answer_to(found)
            if not whole:
                answer.headers["Connection"] = "close"
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _find(self, headers: Headers) -> Actor | Exception:
        scheme, token = get_authorization_scheme_param(headers.get("authorization"))
        if scheme.lower() != "bearer" or not token:
            return TokenRefused()
        try:
            return await run_sync(identify, self._desk, token)
        except Exception as error:
            return error


def _has_body(headers: Mapping[str, str]) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


async def _let_run_by(receive: Receive) -> bool:
    """Whether the body came to its end in its bounds, or its sender has gone; nothing of it is kept."""
    try:
        while (await receive()).get("more_body", False):
            pass
    except HTTPException:
        return False
    return True


def _nobody_cares() -> None:
    """Told of a token where no connection is behind the request, as in tests of the app by itself."""
