"""Files and folders that appear whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import CannotWrite, OutputExists


@contextmanager
def whole_folder(target: Path, *, mode: int = 0o755) -> Iterator[Path]:
    """Give a hidden folder beside `target` to write in; rename it to `target` when the block ends well.

    Whatever goes wrong inside the block, `target` stays as it was and the hidden folder is removed.

    Args:
        mode: the folder's permissions.

    Raises:
        OutputExists: `target` is a file or a folder that is not empty: nothing is ever overwritten.
        CannotWrite: no permission, no room.
    """
    refuse_to_overwrite(target)
    with _writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        with _writing(target):
            yield draft
            draft.chmod(mode)
            if target.is_dir():
                target.rmdir()  # empty, as checked above: Windows does not rename onto a folder
            draft.replace(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


@contextmanager
def _writing(target: Path) -> Iterator[None]:
    """Say which output could not be written, and why, in place of the system's error."""
    try:
        yield
    except OSError as error:
        fault = f"cannot be written ({error.strerror})"
        raise CannotWrite(
            fault, where=str(target), fix="name another folder, or make room; nothing was written"
        ) from None


def refuse_to_overwrite(target: Path) -> None:
    """Raise `OutputExists` unless `target` is free (absent, or an empty folder)."""
    if target.is_file() or (target.is_dir() and any(target.iterdir())):
        raise OutputExists("is already there, and nothing is overwritten", where=str(target), fix="name a new folder")


def write_secretly(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Write a file that only its owner can read (mode 600 from its first byte), never over another one.

    Args:
        path: of the new file.
        data: all of it, or one part after the other.

    Raises:
        OutputExists: the file is already there.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise OutputExists("is already there, and nothing is overwritten", where=str(path)) from None
    except OSError as error:
        raise CannotWrite(f"cannot be written ({error.strerror})", where=str(path)) from None
    with os.fdopen(descriptor, "wb") as file:
        file.writelines([data] if isinstance(data, bytes) else data)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file, or write it anew: it is the old one until it is the new one.

    Raises:
        CannotWrite: no permission, no room.
    """
    with _writing(path):
        descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            Path(draft).replace(path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
