"""Who has come to the server's door and shown no token: for how long they may stay, and how many of them at a time.

Nothing may stand in front of the server, so this holds without a proxy, and from the moment of the system's accept:
in the TLS handshake too. Behind a proxy the callers are the proxy's connections, of which there are few.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar

from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from server.api.admission import TOKEN_SHOWN


@dataclass(frozen=True)
class Manners:
    """What is asked of whoever comes.

    Attributes:
        request_seconds: from the connection, or a later request's first byte, to the end of the request's headers.
        answer_seconds: from there until an answer to a caller without token has been taken; and what is left of any
            answer, once all of it was handed to the system (64 KiB at most), has to be taken in this time.
        strangers: connections at a time without a token that works. One more, and the oldest of them has to go: a new
            caller needs some milliseconds, so a crowd that only stands there shuts nobody out.
    """

    request_seconds: float = 10.0
    answer_seconds: float = 30.0
    strangers: int = 256  # a fourth of the files that a process may have open by most systems' default


@dataclass(eq=False)
class Visit:
    """A connection, from the system's accept to its end.

    Attributes:
        until: when it is ended (by the clock of `Doorkeeper`); None: not by us.
        end: ends it at once, whatever has not been sent yet.
    """

    connection: socket.socket
    until: float | None
    end: Callable[[], object]
    number: int = field(init=False)

    def __post_init__(self) -> None:
        self.number = self.connection.fileno()

    @property
    def is_over(self) -> bool:
        """Whether the connection was closed."""
        return self.connection.fileno() < 0


class Doorkeeper:
    """All visits of one server. Used on the server's own loop only."""

    def __init__(self, manners: Manners | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._manners, self._clock = manners or Manners(), clock
        self._strangers: dict[int, Visit] = {}  # by file descriptor; the oldest first
        self._known: dict[int, Visit] = {}

    def let_in(self, connection: socket.socket) -> None:
        """Somebody has connected."""

        def end() -> None:
            with suppress(OSError):  # it has gone by itself
                connection.shutdown(socket.SHUT_RDWR)  # the loop hears of that, and closes

        self._forget(connection.fileno())  # of one that was closed, whose number the system gave out again
        while len(self._strangers) >= self._manners.strangers:
            oldest = next(iter(self._strangers.values()))
            self._forget(oldest.number)
            oldest.end()
        visit = Visit(connection, self._clock() + self._manners.request_seconds, end)
        self._strangers[visit.number] = visit

    def find(self, transport: asyncio.Transport) -> Visit | None:
        """The visit of a connection that has come so far as to speak HTTP; None: it had to go meanwhile."""
        number = transport.get_extra_info("socket").fileno()
        visit = self._strangers.get(number)
        if visit is not None:
            visit.end = transport.abort
        return visit

    def hears(self, visit: Visit) -> None:
        """The first of another request is here: the rest has to come soon."""
        visit.until = self._clock() + self._manners.request_seconds

    def asked(self, visit: Visit) -> None:
        """A request's headers are here: of nobody we know, until a token is shown with it."""
        self._forget(visit.number)
        visit.until = self._clock() + self._manners.answer_seconds
        self._strangers[visit.number] = visit

    def knows(self, visit: Visit) -> None:
        """The request has shown a token that works: it may take its time."""
        self._forget(visit.number)
        visit.until = None
        self._known[visit.number] = visit

    def answered(self, visit: Visit) -> None:
        """All of an answer was handed to the system."""
        visit.until = self._clock() + self._manners.answer_seconds

    def left(self, visit: Visit) -> None:
        """The connection is closed."""
        if visit in (self._strangers.get(visit.number), self._known.get(visit.number)):
            self._forget(visit.number)

    def end_overdue(self) -> None:
        """End every visit whose time is over; to be called now and then."""
        now = self._clock()
        for visit in [*self._strangers.values(), *self._known.values()]:
            if visit.is_over:
                self._forget(visit.number)
            elif visit.until is not None and visit.until <= now:
                self._forget(visit.number)
                visit.end()

    def _forget(self, number: int) -> None:
        self._strangers.pop(number, None)
        self._known.pop(number, None)


class Door(socket.socket):
    """A listening socket that tells its doorkeeper who comes in; it has one before anybody does."""

    keeper: Doorkeeper | None = None

    def accept(self) -> tuple[socket.socket, Any]:
        """As the system's."""
        connection, address = super().accept()
        # An answer leaves in two pieces. Without this the second waits for the first one's receipt, which most systems
        # hold back for 40 ms; asyncio sees to it only for sockets that were made with the protocol's name.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.keeper is not None:
            self.keeper.let_in(connection)
        return connection, address


class WatchedProtocol(H11Protocol):
    """uvicorn's HTTP, which tells the doorkeeper how far a visit is. To be subclassed with the keeper of one server."""

    keeper: ClassVar[Doorkeeper]

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state | {TOKEN_SHOWN: self._shown}, _loop)
        self._visit: Visit | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn's own
        """It speaks HTTP from here on."""
        self._visit = self.keeper.find(transport)
        super().connection_made(transport)
        if self._visit is None:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed."""
        if self._visit is not None:
            self.keeper.left(self._visit)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some bytes came: of a body, or of another request."""
        if self._visit is not None and self._is_first_of_a_request():
            self._hears = True
            self.keeper.hears(self._visit)
        super().data_received(data)

    def handle_events(self) -> None:
        """Bytes became events of HTTP; one may be a request's headers."""
        before = self.cycle
        super().handle_events()
        if self._visit is not None and self.cycle is not before:
            self._hears = False
            self.keeper.asked(self._visit)

    def on_response_complete(self) -> None:
        """An answer is out."""
        if self._visit is not None:
            self.keeper.answered(self._visit)
        super().on_response_complete()

    _hears = True  # the first request is waited for from the accept on

    def _is_first_of_a_request(self) -> bool:
        return not self._hears and self.cycle is not None and self.cycle.response_complete

    def _shown(self) -> None:
        if self._visit is not None:
            self.keeper.knows(self._visit)
