"""A request straight to an ASGI app: as its server would call it, and no thread or session in between."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from requests import PreparedRequest
from starlette.types import ASGIApp


@dataclass
class Answer:
    """What the app sent."""

    status: int = 0
    body: bytearray = field(default_factory=bytearray)

    async def send(self, message: MutableMapping[str, Any]) -> None:
        self.status = message.get("status", self.status)
        self.body += message.get("body", b"")


def http_scope(method: str, url: str, headers: Mapping[str, str | bytes]) -> dict[str, Any]:
    """The scope of a request (ASGI 3.0, HTTP)."""
    address = urlsplit(url)
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": address.scheme,
        "path": unquote(address.path),
        "raw_path": address.path.encode("ascii"),
        "query_string": address.query.encode("ascii"),
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), _raw(value)) for name, value in headers.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 80),
    }


async def call(app: ASGIApp, request: PreparedRequest) -> Answer:
    """Send the request whole, and stay until the whole answer is there."""
    body = request.body or b""
    to_come = [body.encode("utf-8") if isinstance(body, str) else bytes(body)]
    answer = Answer()

    async def receive() -> MutableMapping[str, Any]:
        if not to_come:
            await asyncio.get_running_loop().create_future()  # the caller does not hang up
        return {"type": "http.request", "body": to_come.pop(), "more_body": False}

    url = request.url or ""
    scope = http_scope(request.method or "", url, {"host": urlsplit(url).netloc, **request.headers})
    await app(scope, receive, answer.send)
    return answer


def _raw(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")
