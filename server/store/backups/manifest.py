"""A backup's manifest: what it is of, and the SHA-256 of every file in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from schemas.whole import write_secretly
from server.store.backups.errors import BackupBroken

NAME = "manifest.json"
FORMAT = "waylink-backup"
VERSION = 1
SQLITE, DUMP = "waylink.db", "waylink.dump"
LOG, LOG_KEY, BLOBS = "audit.jsonl", "log.key", "blobs"
_BLOCK = 1 << 20


@dataclass(frozen=True)
class BackupFile:
    """One file: its name in the backup, its size in bytes and its SHA-256."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself.

    Attributes:
        made_at: UTC.
        waylink: the version that made it.
        schema: the database's revision.
        database: the file of the database, `SQLITE` or `DUMP`.
        events: how many events the log has.
        promised: the blobs that the rows say are there; None where the rows are of another version.
        gone: those of them that were deleted, as they had to be, while the backup was made.
        files: everything in the folder but this file.
    """

    format: str
    version: int
    made_at: str
    waylink: str
    schema: str
    database: str
    events: int | None
    promised: list[str] | None
    gone: list[str]
    files: list[BackupFile]

    @property
    def blobs(self) -> set[str]:
        """The names of the blobs in it."""
        return {one.name.removeprefix(f"{BLOBS}/") for one in self.files if one.name.startswith(f"{BLOBS}/")}


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it beside what it lists, for its owner to read."""
    write_secretly(folder / NAME, (json.dumps(asdict(manifest), indent=1) + "\n").encode())


def read_manifest(folder: Path) -> Manifest:
    """Read it.

    Raises:
        BackupBroken: (check 1) it is not there, or not of this format and version.
    """
    try:
        read = TypeAdapter(Manifest).validate_json((folder / NAME).read_bytes())
    except OSError:
        raise BackupBroken("is no backup: it has no manifest", check=1, where=str(folder)) from None
    except ValidationError:
        raise BackupBroken("is no manifest of a backup", check=1, where=NAME) from None
    if (read.format, read.version) != (FORMAT, VERSION):
        raise BackupBroken(f"is not of version {VERSION}, which this waylink reads", check=1, where=NAME)
    return read


def digest_of(file: Path) -> str:
    """A file's SHA-256."""
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while block := opened.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def files_in(folder: Path) -> Iterator[BackupFile]:
    """Every file under a folder but the manifest, by name."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file != folder / NAME:
            yield BackupFile(file.relative_to(folder).as_posix(), file.stat().st_size, digest_of(file))
