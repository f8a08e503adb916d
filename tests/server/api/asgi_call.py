"""A prepared request straight to an ASGI app: as its server would call it, and no thread or session in between."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
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
    whole: bool = False

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.body += message.get("body", b"")
            self.whole = not message.get("more_body", False)


def scope_of(request: PreparedRequest) -> dict[str, Any]:
    """The scope of a request (ASGI 3.0, HTTP)."""
    address = urlsplit(request.url or "")
    headers = {"host": address.netloc} | {name.lower(): value for name, value in request.headers.items()}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": address.scheme,
        "path": unquote(address.path),
        "raw_path": address.path.encode("ascii"),
        "query_string": address.query.encode("ascii"),
        "root_path": "",
        "headers": [(_raw(name), _raw(value)) for name, value in headers.items()],
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 80),
        "state": {},
    }


async def call(app: ASGIApp, request: PreparedRequest) -> Answer:
    """Send the request whole, wait for the whole answer, and be gone."""
    body = request.body or b""
    sent = body.encode("utf-8") if isinstance(body, str) else bytes(body)
    to_come = [{"type": "http.request", "body": sent, "more_body": False}]
    answered = asyncio.Event()
    answer = Answer()

    async def receive() -> MutableMapping[str, Any]:
        if to_come:
            return to_come.pop()
        await answered.wait()
        return {"type": "http.disconnect"}

    await app(scope_of(request), receive, answer.send)
    answered.set()
    return answer


def _raw(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("latin-1")
