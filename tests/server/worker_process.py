"""A worker in a process of its own, to be killed:

    python -m tests.server.worker_process FOLDER TILES [KILL_AT SECONDS]

It notes each tile that it begins to compare, as a line of FOLDER/tiles.log, and can kill itself, as `kill -9` would:
so many seconds after the KILL_AT-th of them.
"""

from __future__ import annotations

import os
import secrets
import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from server import execute_link
from server.actions.desk import Desk
from server.domain.audit.keys import LogKey
from server.scratch import Scratch
from server.store.blobs import BlobFolder
from server.store.database import Database
from server.worker import Pace, work

SEED = b"a log of a test".ljust(32)
LOG = "tiles.log"


def desk_in(folder: Path) -> Desk:
    """A desk over FOLDER/waylink.db, with the time and chance of the machine."""
    database = Database(f"sqlite:///{folder / 'waylink.db'}")
    blobs = BlobFolder(folder, secrets.token_bytes)
    return Desk(database, blobs, lambda: datetime.now(UTC), secrets.token_bytes, LogKey(SEED))


def pace_of(block_records: int) -> Pace:
    """A worker's pace for runs that are killed often: that is no fault of theirs."""
    return Pace(niceness=0, block_records=block_records, most_attempts=1000)


def _noting(folder: Path, kill_at: int, seconds: float) -> type[Scratch]:
    log = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    begun = 0

    class Noting(Scratch):
        def get(self, name: str) -> bytes | None:
            nonlocal begun
            found = super().get(name)
            if found is None:
                os.write(log, f"{name}\n".encode())
                begun += 1
                if begun == kill_at:
                    threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()
            return found

    return Noting


def main(folder: Path, block_records: int, kill_at: int = 0, seconds: float = 0.0) -> None:
    """Work until the queue is empty."""
    execute_link.Scratch = _noting(folder, kill_at, seconds)
    work(desk_in(folder), once=True, threads=1, pace=pace_of(block_records))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *(kind(word) for kind, word in zip((int, float), sys.argv[3:])))  # noqa: B905
