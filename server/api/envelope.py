"""Around every answer: a request id, headers that browsers obey, one log line, bounds for what is read to memory."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.api.bounded_body import bounded
from server.api.metrics import Metrics
from server.api.problems import unexpected

NO_ROUTE = "none"
OTHER = "other"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})  # a caller could invent any word
REQUEST_ID = "X-Request-ID"
_ID_BYTES = 8
_YEAR_SECONDS = 31_536_000

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_log = logging.getLogger(__name__)


class Envelope:
    """ASGI middleware: see the first line. Only what `server.premises.logs.FIELDS` names of a request is logged."""

    def __init__(
        self, app: ASGIApp, *, metrics: Metrics, random_bytes: Callable[[int], bytes], https: bool = False
    ) -> None:
        self._app, self._metrics, self._random_bytes = app, metrics, random_bytes
        self._headers = _HEADERS | ({"Strict-Transport-Security": f"max-age={_YEAR_SECONDS}"} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status, request_id = time.perf_counter(), 0, self._random_bytes(_ID_BYTES).hex()

        async def send_enveloped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._address(MutableHeaders(scope=message), request_id)
            await send(message)

        try:
            await self._app(scope, bounded(scope, receive), send_enveloped)
        except ClientDisconnect:
            pass  # whoever asked has gone: there is nobody to answer
        except Exception:
            _log.exception("request.broke", extra={"request_id": request_id})
            if not status:
                answer = unexpected()
                answer.headers["Connection"] = "close"  # what is left of its body is not read
                await answer(scope, receive, send_enveloped)
        finally:
            self._note(scope, request_id, status, time.perf_counter() - started)

    def _address(self, headers: MutableHeaders, request_id: str) -> None:
        headers[REQUEST_ID] = request_id
        for name, value in self._headers.items():
            headers.setdefault(name, value)

    def _note(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        route = str(getattr(scope.get("route"), "path", NO_ROUTE))
        method = scope["method"] if scope["method"] in _METHODS else OTHER
        self._metrics.count(route, method, status, seconds)
        said = {
            "request_id": request_id,
            "method": method,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "account": scope.get("state", {}).get("account", ""),
        }
        _log.info("request", extra=said)
