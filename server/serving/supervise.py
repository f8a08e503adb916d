"""Workers as child processes: started, started again when they die, and stopped together with the server."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from server.actions.operation import forget_worker
from server.premises.settings import Settings

STOP_SECONDS = 10.0  # a worker lets go of its run within five
FIRST_DELAY = 1.0
LONGEST_DELAY = 60.0
HEALTHY_SECONDS = 60.0
"""A worker that lived so long did not die of how it was started: the next one comes after the shortest delay."""

_log = logging.getLogger(__name__)


class Workers:
    """The workers of one server, each kept alive by a thread of its own.

    They are started before the database is ready, because starting takes a second, and wait until they are let in.
    """

    def __init__(self, settings: Settings, start: Callable[[str], subprocess.Popen[bytes]] | None = None) -> None:
        self._settings, self._start = settings, start or start_worker
        self._stopping, self._open = threading.Event(), threading.Event()
        self._lock = threading.Lock()  # between the end and the next start there is no process to stop
        self._living: dict[str, subprocess.Popen[bytes]] = {}
        self._keepers: list[threading.Thread] = []

    def start(self) -> None:
        """Start as many as the settings say."""
        for number in range(1, self._settings.workers + 1):
            keeper = threading.Thread(target=self._keep, args=(f"worker-{number}",), daemon=True)
            self._keepers.append(keeper)
            keeper.start()

    def let_in(self) -> None:
        """The database is ready: they may begin."""
        self._open.set()

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """End all of them: asked first, killed after `seconds`."""
        with self._lock:
            self._stopping.set()
            self._open.set()
            for process in self._living.values():
                process.terminate()
        until = time.monotonic() + seconds
        for keeper in self._keepers:
            keeper.join(max(0.0, until - time.monotonic()))
        with self._lock:
            for process in self._living.values():
                process.kill()
        for keeper in self._keepers:
            keeper.join()

    def _keep(self, name: str) -> None:
        delay = FIRST_DELAY
        while True:
            begun = time.monotonic()
            status = self._live_once(name)
            if self._stopping.is_set():
                return
            delay = FIRST_DELAY if time.monotonic() - begun > HEALTHY_SECONDS else delay
            _log.error("worker.died", extra={"worker": name, "exit_status": status, "seconds": delay})
            self._stopping.wait(delay)
            delay = min(2 * delay, LONGEST_DELAY)

    def _live_once(self, name: str) -> int | None:
        with self._lock:
            if self._stopping.is_set():
                return None
            process = self._living[name] = self._start(name)
        _log.info("worker.started", extra={"worker": name, "pid": process.pid})
        self._open.wait()
        hand_over(self._settings, process)
        status = process.wait()
        with self._lock:
            del self._living[name]
        if process.stdin is not None:
            process.stdin.close()
        forget_worker(self._settings.data, name)
        return status


def start_worker(name: str) -> subprocess.Popen[bytes]:
    """Start one; it waits for its settings."""
    command = [sys.executable, "-m", "server.worker.process", name]
    return subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 (our own program)


def hand_over(settings: Settings, process: subprocess.Popen[bytes]) -> None:
    """Give a worker its settings: by standard input, which others cannot read, and whose end ends the worker."""
    if process.stdin is None:
        return
    with suppress(BrokenPipeError):  # it died at once: whoever waits for it will see
        process.stdin.write(settings.as_line())
        process.stdin.flush()
