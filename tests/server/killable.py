"""A server in a process of its own, to be killed: `python -m tests.server.killable FOLDER SOCKET`."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from server.actions.desk import Desk
from server.app import create_app
from server.domain.audit.keys import LogKey
from server.store.blobs import BlobFolder
from server.store.database import Database
from tests.conftest import ROOT


def desk_in(folder: Path) -> Desk:
    """The desk of a data folder."""
    database = Database(f"sqlite:///{folder / 'waylink.db'}")
    return Desk(database, BlobFolder(folder), lambda: datetime.now(UTC), os.urandom, LogKey(bytes(32)))


class Killable:
    """A server that can be killed and started again. Its port stays open meanwhile: who asks then has to wait."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._port.getsockname()[1]}"
        self.kills = 0
        self.process = self._started()

    def kill_and_start(self) -> None:
        """End it without a warning, and start another one on the same folder."""
        self.process.kill()
        self.process.wait()
        self.kills += 1
        self.process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.server.killable", str(self._folder), str(self._port.fileno())]
        return subprocess.Popen(command, cwd=ROOT, pass_fds=[self._port.fileno()])

    def close(self) -> None:
        """Kill it for good."""
        self.process.kill()
        self.process.wait()
        self._port.close()


if __name__ == "__main__":
    config = uvicorn.Config(create_app(desk_in(Path(sys.argv[1]))), fd=int(sys.argv[2]), log_level="error")
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[2]))])
