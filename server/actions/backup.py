"""Making a backup while the server runs: the database's copy first, then the blobs that its rows want.

In that order nothing is missing: a row is written when its blob is whole, so every blob that a copied row wants was
there when the copy was made. What is gone a moment later was deleted because it had to be, and the manifest says so.
The other way round, a blob that came between the two would have a row and no file.

Not in it: `keys/`, so that deleting stays deleting; what is still being received, which its member sends again; tiles
of runs that are under way, which are computed again.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from schemas.whole import whole_folder
from server.actions.deletion import wanted
from server.actions.desk import Desk
from server.domain.audit.export import write_export
from server.domain.runs import ACTIVE
from server.domain.uploads import Part, UploadState
from server.store.audit import events_up_to, latest_head
from server.store.backups.copying import copy_database
from server.store.backups.manifest import (
    BLOBS,
    FORMAT,
    LOG,
    LOG_KEY,
    VERSION,
    Manifest,
    files_in,
    write_manifest,
)
from server.store.blobs.durable import copy_durably, sync_folder
from server.store.releases import ReleaseRow, release_blob, told_blob
from server.store.runs import RunRow, links_blob, scratch_key
from server.store.schema import newest_revision, revision_of
from server.store.uploads import UploadRow, blob_of

OWNER_ONLY = 0o700


@dataclass(frozen=True)
class Backup:
    """A backup that was made: where, of how many blobs and events (None: rows of another version were not read)."""

    folder: Path
    blobs: int
    missing: list[str]
    events: int | None


@dataclass(frozen=True)
class _Read:
    """What the copied rows say."""

    database: str
    promised: set[str] | None
    events: int | None


def make_backup(desk: Desk, log_key: Path, target: Path) -> Backup:
    """Write a backup to a new folder, whole or not at all. Others go on reading and writing meanwhile.

    Args:
        log_key: the file of the key that signs the log.

    Raises:
        OutputExists, CannotWrite: the folder is there, or there is no room.
        DumpFailed, DumpMissing: PostgreSQL's programs failed.
    """
    schema = revision_of(desk.database) or ""
    with whole_folder(target, mode=OWNER_ONLY) as draft:
        (draft / BLOBS).mkdir(mode=OWNER_ONLY)
        copy_durably(log_key, draft / LOG_KEY)
        read = _copy_rows(desk, draft, current=schema == newest_revision())  # (1) the database
        names = desk.blobs.blob_names() if read.promised is None else sorted(read.promised)
        gone = [name for name in names if not desk.blobs.copy_out(name, draft / BLOBS / name)]  # (2) the blobs
        missing = _still_promised(desk, gone) if read.promised is not None else []
        manifest = Manifest(
            format=FORMAT,
            version=VERSION,
            made_at=desk.now(),
            waylink=version("waylink"),
            schema=schema,
            database=read.database,
            events=read.events,
            promised=None if read.promised is None else names,
            gone=[name for name in gone if name not in missing],
            files=list(files_in(draft)),  # (3) the manifest, over all of it
        )
        write_manifest(draft, manifest)
        _make_durable(draft)
    sync_folder(target.absolute().parent)
    return Backup(target, len(manifest.blobs), missing, read.events)


def promised(session: Session) -> set[str]:
    """The blobs that the rows say are there, finished."""
    keys, _ = wanted(session)
    for upload in session.scalars(select(UploadRow).where(UploadRow.state == UploadState.RECEIVING)):
        keys -= {blob_of(upload.id, part) for part in Part}
    for run in session.scalars(select(RunRow).where(RunRow.state.in_(ACTIVE))):
        keys -= {scratch_key(run.id), links_blob(run.id)}
    for release in session.scalars(select(ReleaseRow).where(ReleaseRow.manifest_sha256.is_(None))):
        keys -= {release_blob(release.id), told_blob(release.id)}
    return keys


def _copy_rows(desk: Desk, draft: Path, *, current: bool) -> _Read:
    with desk.database.snapshot() as session:
        name = copy_database(desk.database, session, draft)
        (draft / name).chmod(0o600)
        if not current:  # rows of an older version, before it is migrated: they are copied, not read
            return _Read(name, None, None)
        head = latest_head(session)
        if head is not None:
            with (draft / LOG).open("xb") as log:
                (draft / LOG).chmod(0o600)
                log.writelines(write_export(desk.log_key.public, events_up_to(session, head.size), head))
        return _Read(name, promised(session), head.size if head else 0)


def _still_promised(desk: Desk, gone: list[str]) -> list[str]:
    """Those that were not there and are wanted even now: lost, not deleted."""
    if not gone:
        return []
    with desk.reading() as session:
        return sorted(set(gone) & promised(session))


def _make_durable(folder: Path) -> None:
    for file in folder.rglob("*"):
        if file.is_file():
            handle = os.open(file, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)
    for place in (folder / BLOBS, folder):
        sync_folder(place)
