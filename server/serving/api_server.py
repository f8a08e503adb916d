"""uvicorn with the API in it, set up so that it says nothing of a request, and ends when it is told to."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from server.actions.desk import Desk
from server.actions.operation import Premises
from server.app import create_app
from server.premises.settings import Settings
from server.serving.doorkeeper import Door, Doorkeeper, Manners, WatchedProtocol

STOP_SECONDS = 5  # requests that are under way get so long to end
MIB = 1 << 20


class ApiServer(uvicorn.Server):
    """uvicorn's, that says when it is up, that lets nobody stand in its door, and for which a signal is no error."""

    def __init__(
        self, settings: Settings, desk: Desk, tell: Callable[[], None], manners: Manners | None = None
    ) -> None:
        self._keeper, self._tell = Doorkeeper(manners), tell
        super().__init__(_config(settings, desk, self._keeper))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        for door in sockets or ():
            if isinstance(door, Door):
                door.keeper = self._keeper
        await super().startup(sockets)
        if self.started:
            self._tell()

    async def on_tick(self, counter: int) -> bool:
        """uvicorn's pulse, ten times a second."""
        self._keeper.end_overdue()
        return await super().on_tick(counter)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End when a signal comes, and put back who heard signals before; uvicorn's own raises it again."""
        before = {ending: signal.signal(ending, self._end) for ending in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for ending, handler in before.items():
                signal.signal(ending, handler)

    def _end(self, ending: int, _: FrameType | None) -> None:
        self.force_exit = self.should_exit and ending == signal.SIGINT  # Ctrl-C twice: at once
        self.should_exit = True


def _config(settings: Settings, desk: Desk, doorkeeper: Doorkeeper) -> uvicorn.Config:
    class AtThisDoor(WatchedProtocol):
        keeper = doorkeeper

    premises = Premises(
        folder=settings.data,
        disk_floor=settings.disk_floor_mib * MIB,
        workers=settings.workers,
        https=settings.has_tls or settings.behind_proxy,
    )
    return uvicorn.Config(
        create_app(desk, premises),
        log_config=None,  # ours is set up already
        access_log=False,  # it has paths, and those have names
        server_header=False,
        proxy_headers=False,  # nobody's address is looked at
        http=AtThisDoor,
        ws="none",
        timeout_graceful_shutdown=STOP_SECONDS,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
    )
