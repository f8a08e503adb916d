"""`waylink admin restore` and `migrate`: bringing a data folder back, and bringing one up to date."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import CannotWrite
from server.actions.backup import make_backup
from server.actions.desk import Desk
from server.actions.operation import LAST_BACKUP
from server.actions.restore import Settled, settle_after_restore
from server.actions.verify_backup import VerifiedBackup, verify_backup
from server.premises.data_folder import LOG_KEY, NoDataFolder, holding, make_data_folder, read_log_key
from server.premises.opening import database_faults, desk_of, now, open_database
from server.premises.settings import FILE, Settings
from server.store.backups.copying import load_dump, require_empty
from server.store.backups.errors import NotEmpty
from server.store.backups.manifest import BLOBS, SQLITE
from server.store.blobs import BlobFolder
from server.store.blobs.durable import copy_durably, sync_folder
from server.store.database import Database
from server.store.schema import SchemaBehind, known_revisions, migrate, newest_revision, revision_of

_MAY_BE_THERE = {"keys", FILE, "lost+found"}
"""What a folder to restore into may hold: the old folder's keys, where they were saved, and settings."""


@dataclass(frozen=True)
class Restored:
    """What was restored, and what of it could not be kept."""

    backup: VerifiedBackup
    settled: Settled


@dataclass(frozen=True)
class Migrated:
    """From which schema to which; where the backup from before is (None: there was nothing to back up)."""

    before: str
    after: str
    backup: Path | None


def restore(settings: Settings, backup: Path, *, keep_tokens: bool = False) -> Restored:
    """Make a data folder from a backup. Uploads whose keys are not in its `keys/` are marked as deleted, and every
    access token is revoked, unless `keep_tokens`.

    Raises:
        BackupBroken: the backup does not verify; nothing was done.
        NotEmpty: the data folder or the database is not empty.
    """
    verified = verify_backup(backup)
    folder = settings.data
    make_data_folder(folder)
    _require_empty(settings)
    sqlite, file = verified.manifest.database == SQLITE, _sqlite_file(settings)
    if sqlite != (file is not None):
        kind = "SQLite" if sqlite else "PostgreSQL"
        raise NotEmpty(f"the backup is of {kind}", where="database_url", fix=f"name a new database of {kind}")
    with _undone_on_failure(settings), database_faults():
        if file is not None:
            copy_durably(backup / SQLITE, file)
        database = open_database(settings)
        try:
            if not sqlite:
                require_empty(database)
                load_dump(database, backup / verified.manifest.database)
            migrate(database)
        finally:
            database.close()
        blobs = BlobFolder(folder)
        for name in sorted(verified.manifest.blobs):
            blobs.take_in(name, backup / BLOBS / name)
        copy_durably(backup / LOG_KEY, folder / LOG_KEY)  # last: without it no server starts on a half-made folder
        sync_folder(folder)
    with desk_of(settings) as desk:
        made_at = verified.manifest.made_at
        return Restored(verified, settle_after_restore(desk, verified.digest, made_at, keep_tokens=keep_tokens))


def bring_up_to_date(settings: Settings, target: Path | None = None) -> Migrated:
    """Migrate the database to this version's schema, after a backup. The server must not run meanwhile.

    Args:
        target: the backup's folder; None: one under `backups/` in the data folder.

    Raises:
        DataFolderHeld: a server runs on the folder.
        SchemaBehind: the database is of a newer waylink.
    """
    make_data_folder(settings.data)
    with holding(settings.data, wait=0), database_faults():
        database = open_database(settings)
        try:
            before = revision_of(database)
            if before is not None and before not in known_revisions():
                raise SchemaBehind(
                    f"the database's schema {before} is newer than this waylink's {newest_revision()}",
                    where="database",
                    fix="update waylink",
                )
            backup = None
            if before not in (None, newest_revision()):
                backup = _back_up_first(settings, database, target)
                migrate(database)
        finally:
            database.close()
        with desk_of(settings, make=True):  # an empty folder is made ready, as `serve` does
            return Migrated(before or "", newest_revision(), backup)


def note_backup(folder: Path) -> None:
    """Date the last backup, for the metrics."""
    (folder / LAST_BACKUP).touch(mode=0o600)


def _back_up_first(settings: Settings, database: Database, target: Path | None) -> Path:
    key = read_log_key(settings.data)
    if key is None:
        raise NoDataFolder("there is a database and no log.key", where=str(settings.data), fix="restore the file")
    if target is None:
        target = settings.data / "backups" / f"before-{newest_revision()}-{now():%Y%m%dT%H%M%SZ}"
    desk = Desk(database, BlobFolder(settings.data), now, os.urandom, key, settings.limits)
    make_backup(desk, settings.data / LOG_KEY, target)
    return target


def _require_empty(settings: Settings) -> None:
    if {path.name for path in settings.data.iterdir()} - _MAY_BE_THERE:
        fix = "name a new folder; it may hold the old one's keys/, nothing else"
        raise NotEmpty("the data folder is not empty", where=str(settings.data), fix=fix)
    file = _sqlite_file(settings)
    if file is not None and file.exists():
        raise NotEmpty("the database is there already", where=str(file), fix="name a new one")


def _sqlite_file(settings: Settings) -> Path | None:
    url = settings.database
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


@contextmanager
def _undone_on_failure(settings: Settings) -> Iterator[None]:
    """Leave the folder as it was found, whatever goes wrong in the block."""
    try:
        yield
    except BaseException as error:
        for path in settings.data.iterdir():
            if path.name not in _MAY_BE_THERE:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        file = _sqlite_file(settings)
        if file is not None:
            file.unlink(missing_ok=True)
        if isinstance(error, OSError):
            fault = f"cannot be restored ({error.strerror})"
            raise CannotWrite(fault, where=str(settings.data), fix="make room, or name another folder") from None
        raise
