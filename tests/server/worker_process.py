"""A worker in a process of its own, to be killed:

    python -m tests.server.worker_process FOLDER TILES [tile N SECONDS | touch N]

It notes each tile that it begins to compare, as a line of FOLDER/tiles.log. It can kill itself, as `kill -9` would: so
many seconds after the N-th of these; or when it is about to touch the disk for the N-th time, be it a file or a
transaction of the database.
"""

from __future__ import annotations

import os
import secrets
import signal
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import event

from server.actions.desk import Desk
from server.domain.audit.keys import LogKey
from server.store.blobs import BlobFolder
from server.store.database import Database
from server.worker import execute_link
from server.worker.scratch import Scratch
from server.worker.work import Pace, work

SEED = b"a log of a test".ljust(32)
LOG = "tiles.log"
TOUCHES = {"open", "os.rename", "os.link", "os.remove", "os.truncate", "os.listdir", "os.scandir"}


def desk_in(folder: Path) -> Desk:
    """A desk over FOLDER/waylink.db, with the time and chance of the machine."""
    database = Database(f"sqlite:///{folder / 'waylink.db'}")
    blobs = BlobFolder(folder, secrets.token_bytes)
    return Desk(database, blobs, lambda: datetime.now(UTC), secrets.token_bytes, LogKey(SEED))


def killing_at(number: int, seconds: float = 0.0) -> Callable[[], None]:
    """To be called again and again; the process dies of the call of that number (0: of none)."""
    calls = 0

    def call() -> None:
        nonlocal calls
        calls += 1
        if calls == number and seconds:
            threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()
        elif calls == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return call


def note_tiles(folder: Path, begun: Callable[[], None]) -> None:
    """Write down each tile that is begun, before it is."""
    log = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    class Noting(Scratch):
        def get(self, name: str) -> bytes | None:
            found = super().get(name)
            if found is None:
                os.write(log, f"{name}\n".encode())
                begun()
            return found

    execute_link.Scratch = Noting


def watch_disk(desk: Desk, folder: Path, touch: Callable[[], None]) -> None:
    """Call before each file of the folder is opened, moved or removed, and before each transaction and its commit."""

    def heard(name: str, args: tuple[object, ...]) -> None:
        if name in TOUCHES and args and str(args[0]).startswith(str(folder)):
            touch()

    sys.addaudithook(heard)
    for when in ("begin", "commit"):
        event.listen(desk.database.engine, when, lambda _: touch())


def main(folder: Path, block_records: int, what: str = "", number: int = 0, seconds: float = 0.0) -> None:
    """Work until the queue is empty. To be killed often is no fault of a run here."""
    desk = desk_in(folder)
    kill = killing_at(number, seconds)
    note_tiles(folder, kill if what == "tile" else killing_at(0))
    if what == "touch":
        watch_disk(desk, folder, kill)
    pace = Pace(niceness=0, block_records=block_records, most_attempts=1000)
    work(desk, once=True, threads=1, pace=pace)


if __name__ == "__main__":
    kinds = (Path, int, str, int, float)
    main(*(kind(word) for kind, word in zip(kinds, sys.argv[1:], strict=False)))
