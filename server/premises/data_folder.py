"""The data folder: open to its owner only, with the log's key in it, held by one `waylink serve` at a time."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from schemas.errors import CannotWrite, UsageFault
from server.domain.audit.errors import UnfitKey
from server.domain.audit.keys import KEY_BYTES, LogKey
from server.domain.errors import ServerError
from server.store.blobs.durable import put_whole

LOG_KEY = "log.key"
OPEN_TO_OWNER = 0o077
"""The umask of every process of the server: SQLite makes files of its own beside the database's."""
LOCK = "serve.lock"
LOCK_SECONDS = 10.0  # a server that was killed a moment ago may take so long to be gone
_LOOK_SECONDS = 0.1


class DataFolderHeld(ServerError, UsageFault):
    """Another `waylink serve` runs on this data folder."""


class NoDataFolder(ServerError, UsageFault):
    """There is no waylink data in this folder."""


class LogKeyMissing(ServerError, UsageFault):
    """The database has a log whose key is not here: nothing could be signed, so nothing can be done."""


def make_data_folder(folder: Path) -> None:
    """Make the folder, or shut an existing one to all but its owner.

    Raises:
        CannotWrite: no permission, no room, or it is a file.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        fault = f"the data folder cannot be used ({error.strerror})"
        raise CannotWrite(fault, where=str(folder), fix="name a folder of your own with --data") from None


def read_log_key(folder: Path) -> LogKey | None:
    """The key that signs the log; None where there is none yet.

    Raises:
        LogKeyMissing: the file is there and is no key.
    """
    try:
        return LogKey((folder / LOG_KEY).read_bytes())
    except FileNotFoundError:
        return None
    except UnfitKey:
        raise LogKeyMissing("is no key", where=LOG_KEY, fix="restore the file from a backup") from None
    except OSError as error:
        raise NoDataFolder(
            f"cannot be read ({error.strerror})", where=str(folder), fix="run as the account that runs the server"
        ) from None


def make_log_key(folder: Path, random_bytes: Callable[[int], bytes]) -> LogKey:
    """Make the key that signs the log, in a file of mode 600; never in place of another."""
    seed = random_bytes(KEY_BYTES)
    try:
        put_whole(folder / LOG_KEY, [seed], random_bytes, replace=False)
    except OSError as error:
        raise CannotWrite(f"cannot be written ({error.strerror})", where=str(folder / LOG_KEY)) from None
    return LogKey(seed)


@contextmanager
def holding(folder: Path, *, wait: float = LOCK_SECONDS) -> Iterator[None]:
    """Be the one server on a data folder, for as long as the block runs; the system lets go if the process dies.

    Raises:
        DataFolderHeld: another one is, and still was after `wait` seconds.
    """
    file = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        until = time.monotonic() + wait
        while not _locked(file):
            if time.monotonic() >= until:
                raise DataFolderHeld(
                    "another `waylink serve` runs on this data folder",
                    where=str(folder),
                    fix="stop it first, or give this one another --data",
                )
            time.sleep(_LOOK_SECONDS)
        yield
    finally:
        os.close(file)


def _locked(file: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
