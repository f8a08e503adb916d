"""Proving a backup before it is needed, and again before it is restored. Needs neither the server nor its keys."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from server.actions.backup import promised
from server.domain.audit.errors import LogAltered, UnfitKey
from server.domain.audit.export import write_export
from server.domain.audit.keys import LogKey, PublicKey
from server.domain.audit.verify import verify_export
from server.store.audit import events_up_to, latest_head
from server.store.backups.copying import require_whole
from server.store.backups.errors import BackupBroken
from server.store.backups.manifest import (
    BLOBS,
    LOG,
    LOG_KEY,
    NAME,
    SQLITE,
    Manifest,
    digest_of,
    read_manifest,
)
from server.store.blobs.sealing import plain_size
from server.store.database import Database
from server.store.schema import known_revisions, migrate


@dataclass(frozen=True)
class VerifiedBackup:
    """A backup that has been proved.

    Attributes:
        digest: SHA-256 of its manifest, which stands for all of it.
        rows_read: whether the database's own rows were read too: a PostgreSQL dump's are when it is restored.
    """

    manifest: Manifest
    digest: str
    blobs: int
    rows_read: bool


def verify_backup(folder: Path) -> VerifiedBackup:
    """Prove a backup.

    (1) The manifest is there, of this format and version.
    (2) Exactly the files that it lists are there, each with its size and SHA-256.
    (3) The database's copy is sound (SQLite: integrity_check and foreign_key_check; PostgreSQL: pg_restore reads it).
    (4) Its schema is of this version of waylink, or of an earlier one.
    (5) The log verifies from its first event to its head, signed with the key that is in the backup; for SQLite the
        database's own log does, too.
    (6) Every blob that the rows promise is there, but those deleted meanwhile; by its size each can be a sealed blob.

    Raises:
        BackupBroken: the first check that failed (attribute `check`).
    """
    manifest = read_manifest(folder)  # (1)
    _require_files(folder, manifest)  # (2)
    require_whole(folder / manifest.database)  # (3)
    if manifest.schema not in known_revisions():
        fix = "use a newer waylink"
        raise BackupBroken(f"its schema {manifest.schema} is unknown here", check=4, where=NAME, fix=fix)  # (4)
    key = _key_in(folder)
    if (folder / LOG).exists():
        _require_log(folder, manifest, key)  # (5)
    wanted = set(manifest.promised or ())
    rows_read = manifest.database == SQLITE
    if rows_read:
        wanted |= _read_rows(folder / SQLITE, key)  # (5), (6)
    _require_blobs(folder, manifest, wanted)  # (6)
    return VerifiedBackup(manifest, digest_of(folder / NAME), len(manifest.blobs), rows_read)


def _require_files(folder: Path, manifest: Manifest) -> None:
    listed = {one.name: one for one in manifest.files}
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()} - {NAME}
    for name in sorted(found ^ listed.keys()):
        what = "is listed and not there" if name in listed else "is there and not listed"
        raise BackupBroken(what, check=2, where=name)
    for name, one in listed.items():
        file = folder / name
        if file.is_symlink() or file.stat().st_size != one.bytes or digest_of(file) != one.sha256:
            raise BackupBroken("is not the file that the manifest lists", check=2, where=name)
    if not {manifest.database, LOG_KEY} <= listed.keys():
        raise BackupBroken("has no database or no log.key", check=2, where=NAME)


def _key_in(folder: Path) -> PublicKey:
    try:
        return LogKey((folder / LOG_KEY).read_bytes()).public
    except UnfitKey:
        raise BackupBroken("is no key", check=5, where=LOG_KEY) from None


def _require_log(folder: Path, manifest: Manifest, key: PublicKey) -> None:
    try:
        verified = verify_export(folder / LOG, pinned=key)
    except LogAltered as error:
        raise BackupBroken(f"the log does not verify: {error.what}", check=5, where=LOG) from None
    if verified.size != manifest.events:
        raise BackupBroken("has not as many events as the manifest says", check=5, where=LOG)


def _read_rows(file: Path, key: PublicKey) -> set[str]:
    """Read a copy of the database's copy, brought up to this version: its log verifies; what blobs do its rows want?"""
    with tempfile.TemporaryDirectory(prefix="waylink-verify-") as scratch:
        copy = Path(shutil.copyfile(file, Path(scratch) / SQLITE))
        database = Database(f"sqlite:///{copy}")
        try:
            migrate(database)
            with database.reading() as session:
                head = latest_head(session)
                if head is not None:
                    verify_export(write_export(key, events_up_to(session, head.size), head), pinned=key)
                return promised(session)
        except LogAltered as error:
            raise BackupBroken(f"its log does not verify: {error.what}", check=5, where=file.name) from None
        finally:
            database.close()


def _require_blobs(folder: Path, manifest: Manifest, wanted: set[str]) -> None:
    for name in sorted(wanted - manifest.blobs - set(manifest.gone)):
        raise BackupBroken("the rows promise this blob, and it is not there", check=6, where=f"{BLOBS}/{name}")
    for name in sorted(manifest.blobs & wanted):
        if plain_size((folder / BLOBS / name).stat().st_size) < 0:
            raise BackupBroken("no sealed blob has such a size", check=6, where=f"{BLOBS}/{name}")
