"""`python -m server.worker.process NAME`: one worker. Its settings come by standard input, and it ends with that."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from server.actions.operation import beat
from server.premises.data_folder import OPEN_TO_OWNER
from server.premises.logs import set_up_logs
from server.premises.opening import desk_of
from server.premises.settings import Settings, settings_from_line
from server.worker.work import work

BEAT_SECONDS = 5.0
_STDIN = 0
LAST_SECONDS = 10.0
"""What a worker whose server is gone gets to let go of its run; its lease ends by itself, too."""

_log = logging.getLogger(__name__)


def main() -> None:
    """Work until told to stop."""
    os.umask(OPEN_TO_OWNER)
    stopping = threading.Event()
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, lambda *_: stopping.set())
    name, line = sys.argv[1], _read_line()
    if stopping.is_set() or not line:
        return
    settings = settings_from_line(line)
    set_up_logs(settings.log_level)
    threading.Thread(target=_end_with_server, args=(stopping,), daemon=True).start()
    try:
        with desk_of(settings) as desk:
            stop = heard_of(settings, name, stopping.is_set, time.monotonic)
            work(desk, stop=stop, threads=settings.worker_threads, wait=lambda seconds: _rest(stopping, seconds))
    except Exception:  # its text may hold anything: class and place are logged
        _log.exception("worker.broke", extra={"worker": name})
        sys.exit(1)


def heard_of(
    settings: Settings, name: str, stop: Callable[[], bool], seconds: Callable[[], float]
) -> Callable[[], bool]:
    """`stop`, and whenever a worker asks, its heartbeat is noted, every five seconds at most."""
    last = -BEAT_SECONDS

    def ask() -> bool:
        nonlocal last
        if seconds() - last >= BEAT_SECONDS:
            last = seconds()
            with suppress(OSError):  # a disk that fails shows in /readyz; the work may go on
                beat(settings.data, name)
        return stop()

    return ask


def _rest(stopping: threading.Event, seconds: float) -> None:
    stopping.wait(seconds)


def _read_line() -> bytes:
    """The first line of standard input, past Python's buffer: a thread that waits there holds a lock of it."""
    line = b""
    while not line.endswith(b"\n") and (more := os.read(_STDIN, 1)):
        line += more
    return line


def _end_with_server(stopping: threading.Event) -> None:
    """Wait for the end of standard input: the server has ended, or was killed."""
    while os.read(_STDIN, 1):
        pass
    stopping.set()
    time.sleep(LAST_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    main()
