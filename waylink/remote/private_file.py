"""A new file that only its owner can read, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from schemas.errors import CannotWrite, OutputExists


@contextmanager
def new_private_file(path: Path) -> Iterator[BinaryIO]:
    """A new file (mode 600 from its first byte) to write in; it goes away again where the block fails.

    Raises:
        OutputExists: there is one of that name; nothing is overwritten.
        CannotWrite: no permission, no room.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    except FileExistsError:
        raise OutputExists("is already there, and nothing is overwritten", where=str(path)) from None
    except OSError as error:
        raise _cannot_write(path, error) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
    except OSError as error:
        path.unlink(missing_ok=True)
        raise _cannot_write(path, error) from None
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _cannot_write(path: Path, error: OSError) -> CannotWrite:
    return CannotWrite(f"cannot be written ({error.strerror})", where=str(path), fix="name another place, or make room")
