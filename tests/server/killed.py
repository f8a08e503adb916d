"""A real `waylink serve`, to be killed: itself, its worker, or both; its worker notes the tiles that it begins."""

from __future__ import annotations

import os
import signal
import socket
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from tests.conftest import ROOT
from tests.server.running import Running, serving, wait_for
from tests.server.worker_process import LOG


class KillableServer:
    """A server that can be killed and started again, at one address, on one data folder."""

    def __init__(self, folder: Path, tile_records: int = 400, workers: int = 1) -> None:
        self.folder = folder
        self.kills = 0
        self._workers = workers
        with socket.create_server(("127.0.0.1", 0)) as door:
            self._port = door.getsockname()[1]
        self._env = os.environ | {
            "PYTHONPATH": f"{Path(__file__).parent / 'watched'}{os.pathsep}{ROOT}",
            "TILES_NOTED_IN": str(folder),
            "TILE_RECORDS": str(tile_records),
        }
        (folder / LOG).touch()
        self._up = ExitStack()
        self.running: Running
        self.start()

    @property
    def address(self) -> str:
        return self.running.address

    def start(self) -> None:
        """Have it up."""
        options = ("--port", self._port, "--workers", self._workers)
        self.running = self._up.enter_context(serving(self.folder, *options, env=self._env))

    def kill_and_start(self) -> None:
        """Kill the server alone; its worker ends by itself, and nothing of it is in the next one's way."""
        self.kills += 1
        workers = self.running.workers
        self.running.process.kill()
        self._start_again(workers)

    def kill_all_and_start(self) -> None:
        """Kill worker and server."""
        self.kills += 1
        workers = self.running.workers
        self._kill(workers)
        self.running.process.kill()
        self._start_again(workers)

    def kill_worker(self) -> None:
        """Kill the worker alone; the server starts another one."""
        self.kills += 1
        self._kill(self.running.workers)

    def tiles_begun(self) -> Counter[str]:
        return Counter((self.folder / LOG).read_text().split())

    def close(self) -> None:
        """End it well."""
        self._up.close()

    def _kill(self, workers: list[int]) -> None:
        for worker in workers:
            os.kill(worker, signal.SIGKILL)

    def _start_again(self, workers: list[int]) -> None:
        self._up.close()
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))
        self.start()
