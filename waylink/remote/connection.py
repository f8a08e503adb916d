"""One connection to the co-op's server: HTTP requests with the token, answers, and errors in place of problems."""

from __future__ import annotations

import json as json_text
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse
from urllib3.util import Retry, Timeout

from schemas.errors import BrokenFile, FileMissing
from waylink.remote.address import Address
from waylink.remote.answers import read_as
from waylink.remote.errors import BadAnswer
from waylink.remote.problems import error_of
from waylink.remote.token import AccessToken
from waylink.remote.unreachable import unreachable

T = TypeVar("T")

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 60.0  # between two pieces of an answer; a request that takes longer says so itself
_PIECE_BYTES = 1 << 16
_MOST_BYTES = 32 << 20  # an answer that is held whole: lists and pages are far under this
_TRIES_AGAIN = 3
_PASSING = (502, 503, 504)  # a server that starts again, or its proxy


@dataclass(frozen=True)
class Answer:
    """An answer that arrived whole, of a status under 300."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def read_as(self, form: type[T]) -> T:
        """The body, which is JSON, as a typed value; BadAnswer where it has another form."""
        try:
            value = json_text.loads(self.body)
        except (ValueError, RecursionError):
            raise BadAnswer("the server's answer is not JSON", fix="is it a waylink server?") from None
        return read_as(form, value)


class Stream:
    """An answer of a status under 300 that is read in pieces."""

    def __init__(self, response: BaseHTTPResponse, server: Address) -> None:
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        self._server = server

    def pieces(self) -> Iterator[bytes]:
        """The body, piece by piece; Unreachable where the connection breaks before its end."""
        try:
            yield from self._response.stream(_PIECE_BYTES, decode_content=False)
        except HTTPError as error:
            raise unreachable(self._server, error) from None

    def read(self, most: int) -> bytes:
        """All of the body, which has no more than `most` bytes; BadAnswer where there are more."""
        body = bytearray()
        for piece in self.pieces():
            body += piece
            if len(body) > most:
                raise BadAnswer(f"the server's answer has more than {most:,} bytes", where=self._server.url)
        return bytes(body)


class Connection:
    """A server, and whoever speaks to it. Its repr shows the address and nothing else.

    What fails in passing is tried again where that cannot do a thing twice: when no connection came about, and for
    GET also when it broke. Nothing is sent on to another address.
    """

    def __init__(
        self, server: Address, token: AccessToken | None = None, *, ca: Path | None = None, pause: float = 0.5
    ) -> None:
        """Prepare a connection; nothing is sent yet.

        Args:
            server: where it is.
            token: who asks; None for what is open to everybody.
            ca: the certificate authority (PEM) that vouches for the server; None: those that the system trusts.
            pause: seconds before the first new try; each later one waits twice as long.

        Raises:
            FileMissing, BrokenFile: the authority's file.
        """
        self.server = server
        self._token = token
        self._retries = Retry(
            total=_TRIES_AGAIN,
            other=0,
            redirect=False,
            allowed_methods={"GET"},
            status_forcelist=_PASSING,
            raise_on_status=False,
            respect_retry_after_header=False,
            backoff_factor=pause,
        )
        self._pool = urllib3.PoolManager(ssl_context=_trust(ca)) if server.secure else urllib3.PoolManager()

    def __repr__(self) -> str:
        return f"Connection({self.server.url})"

    def request(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str | int] | None = None,
        seconds: float = ANSWER_SECONDS,
    ) -> Answer:
        """Ask, and wait for all of the answer.

        Args:
            method, path: as `GET`, `/api/me`; what stands in the path was checked by the caller.
            json: a body that is sent as JSON; or
            body: one that is sent as it is (application/octet-stream).
            headers, query: more of them.
            seconds: how long the server may be silent.

        Raises:
            RemoteError: the server refuses (see `problems.error_of`) or cannot be reached.
        """
        with self.stream(method, path, json=json, body=body, headers=headers, query=query, seconds=seconds) as answer:
            return Answer(answer.status, answer.headers, answer.read(_MOST_BYTES))

    @contextmanager
    def stream(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str | int] | None = None,
        seconds: float = ANSWER_SECONDS,
    ) -> Iterator[Stream]:
        """As `request`, with the answer's body still to come."""
        sent, kind = (body, "application/octet-stream") if json is None else (_json_bytes(json), "application/json")
        url = f"{self.server.url}{path}" + (f"?{urlencode(query)}" if query else "")
        own = self._headers() | ({"Content-Type": kind} if sent is not None else {})
        try:
            response = self._pool.request(
                method,
                url,
                body=sent,
                headers=own | dict(headers or {}),
                retries=self._retries,
                timeout=Timeout(connect=CONNECT_SECONDS, read=seconds),
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
        except HTTPError as error:
            raise unreachable(self.server, error) from None
        try:
            stream = Stream(response, self.server)
            if response.status >= 300:
                raise error_of(response.status, stream.read(_MOST_BYTES), server=self.server.url)
            yield stream
        finally:
            response.close()

    def _headers(self) -> dict[str, str]:
        who = {"Authorization": f"Bearer {self._token.reveal()}"} if self._token else {}
        return {"Accept": "application/json", "User-Agent": f"waylink/{version('waylink')}"} | who


def _json_bytes(value: object) -> bytes:
    return json_text.dumps(value).encode("utf-8")


def _trust(ca: Path | None) -> ssl.SSLContext:
    """Whose word for a server is taken: the given authority's alone or, without one, the system's authorities."""
    try:
        return ssl.create_default_context(cafile=str(ca) if ca else None)
    except ssl.SSLError:
        raise BrokenFile("holds no certificate (PEM)", where=str(ca)) from None
    except OSError:
        raise FileMissing("no such certificate file", where=str(ca)) from None
