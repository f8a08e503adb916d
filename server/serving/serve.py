"""`waylink serve`: the API in this process, workers beside it, until a signal comes."""

from __future__ import annotations

import asyncio
import logging
import shlex
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import UsageFault
from server.actions.accounts import list_accounts
from server.actions.desk import Desk
from server.actions.operation import HEARTBEATS, forget_worker, live_workers
from server.domain.accounts import LOCAL_OPERATOR
from server.domain.errors import ServerError
from server.premises.data_folder import holding, make_data_folder
from server.premises.logs import set_up_logs
from server.premises.open_files import open_files
from server.premises.opening import desk_of
from server.premises.settings import Settings
from server.serving.doorkeeper import Door
from server.serving.supervise import Workers

_log = logging.getLogger(__name__)


class CannotListen(ServerError, UsageFault):
    """The address cannot be listened on."""


@dataclass(frozen=True)
class Up:
    """A server that takes requests from now on.

    Attributes:
        address: its URL.
        first_steps: the commands that make the first steward; none where there are accounts already.
        warnings: what is wrong with how it was set up, though it works.
    """

    address: str
    first_steps: list[str]
    warnings: list[str]


def serve(settings: Settings, settings_file: Path, tell: Callable[[Up], None]) -> None:
    """Serve until SIGTERM or SIGINT; then API and workers end within some seconds.

    Args:
        settings_file: where settings were read from, or would have been.
        tell: called once, when requests are taken.

    Raises:
        BadSettings: the address is not to be listened on as the settings say.
        CannotListen: the system does not let us.
        DataFolderHeld, SchemaBehind and what else `open_desk` raises.
    """
    settings.require_safe_door()
    make_data_folder(settings.data)
    set_up_logs(settings.log_level)
    with holding(settings.data), _listening(settings) as door:
        _forget_old_workers(settings)
        workers = Workers(settings)
        workers.start()
        try:
            with desk_of(settings, make=True) as desk:
                workers.let_in()
                _answer(settings, desk, door, tell, _warnings(settings, settings_file))
        finally:
            workers.stop()
    _log.info("server.stopped")


def _answer(
    settings: Settings, desk: Desk, door: socket.socket, tell: Callable[[Up], None], warnings: list[str]
) -> None:
    """Take requests until a signal comes."""
    from server.serving.api_server import ApiServer  # FastAPI takes a second: the workers start meanwhile

    up = Up(_address(settings, door), _first_steps(desk, settings), warnings)
    asyncio.run(ApiServer(settings, desk, lambda: tell(up)).serve([door]))


@contextmanager
def _listening(settings: Settings) -> Iterator[Door]:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with Door(family, socket.SOCK_STREAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((settings.host, settings.port))
        except OSError as error:
            fix = "stop what listens there, or give another --port or --host"
            fault = f"cannot listen there ({error.strerror})"
            raise CannotListen(fault, where=f"{settings.host}:{settings.port}", fix=fix) from None
        yield door


def _address(settings: Settings, door: socket.socket) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{'https' if settings.has_tls else 'http'}://{host}:{door.getsockname()[1]}"


def _first_steps(desk: Desk, settings: Settings) -> list[str]:
    if list_accounts(desk, LOCAL_OPERATOR):
        return []
    data = f"--data {shlex.quote(str(settings.data))}"
    return [
        f"waylink admin seat add shelter {data}",
        f"waylink admin account add shelter-steward --role steward --seat shelter {data}",
        f"waylink admin token new shelter-steward --out shelter.token {data}",
    ]


def _warnings(settings: Settings, settings_file: Path) -> list[str]:
    found = open_files(settings, settings_file)
    for _ in found:
        _log.warning("settings.open_file")  # which file, standard output says: a log has no paths
    return [
        f"{file} holds {what} and is open to others; make it the server's alone (chmod 600)"
        for what, file in found.items()
    ]


def _forget_old_workers(settings: Settings) -> None:
    """Of a server that was killed; this one holds the folder, so they are nobody's."""
    for name in live_workers(settings.data):
        forget_worker(settings.data, name)
    (settings.data / HEARTBEATS).mkdir(mode=0o700, exist_ok=True)
