"""Deletion: a row says that something goes, its key is destroyed, and the log says so once it is true.

What is wanted follows from the rows. Everything else on disk goes at the next `sweep`: after a change that deletes,
when a run ends, and at every start, so a crash between row and key delays a deletion and never loses one.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.actions.desk import Change, Desk
from server.domain.accounts import SERVER, Actor
from server.domain.audit.events import Subject
from server.domain.projects import ProjectState
from server.domain.releases import RELEASE_MOVES, ReleaseMove, ReleaseState
from server.domain.runs import ACTIVE, RunKind, RunState
from server.domain.states import moved
from server.domain.uploads import UPLOAD_MOVES, Part, UploadMove, UploadState
from server.store.projects import ProjectRow
from server.store.releases import ReleaseRow, release_blob, release_of_count, releases_of, told_blob
from server.store.runs import RunRow, links_blob, scratch_key
from server.store.uploads import UploadRow, blob_of, uploads_of

_KEPT_RELEASES = (ReleaseState.PROPOSED, ReleaseState.APPROVED, ReleaseState.PUBLISHED)


def delete_uploads_of(change: Change, actor: Actor, project_id: str, *, member: str | None = None) -> None:
    """Let all that was uploaded to a project (or by one of its members) go, services too."""
    for upload in uploads_of(change.session, project_id, member):
        upload.keep_services = False
        if upload.state in {UploadState.RECEIVING, UploadState.ACCEPTED}:
            delete_upload(change, actor, upload)


def delete_upload(change: Change, actor: Actor, upload: UploadRow, *, keep_services: bool = False) -> None:
    """Let one upload go; `keep_services`: its service records stay, for the tables of runs that are done."""
    upload.state = moved(UPLOAD_MOVES, UploadState(upload.state), UploadMove.DELETE, what="upload")
    upload.keep_services = keep_services
    upload.decided_at = change.now
    change.record(actor, "upload.deleted", Subject("upload", upload.id), services_kept=keep_services)


def delete_all_of(change: Change, actor: Actor, project_id: str) -> None:
    """Let everything of a project go but its published releases and what the log says."""
    delete_uploads_of(change, actor, project_id)
    withdraw_unpublished(change, actor, project_id)


def withdraw_unpublished(change: Change, actor: Actor, project_id: str) -> None:
    """Take back the releases of a project that nobody outside has seen: they are of an agreement that is over."""
    for release in releases_of(change.session, project_id):
        if release.state in {ReleaseState.PROPOSED, ReleaseState.APPROVED}:
            withdraw(change, actor, release)


def withdraw_uncounted(change: Change, actor: Actor, count_run: RunRow) -> None:
    """Take back the release whose count failed or was cancelled: to be called with that change of the run's state."""
    release = release_of_count(change.session, count_run.id)
    if release is not None and release.state == ReleaseState.PROPOSED:
        withdraw(change, actor, release)


def withdraw(change: Change, actor: Actor, release: ReleaseRow) -> None:
    """Take a release back; its files go with the next `sweep`."""
    release.state = moved(RELEASE_MOVES, ReleaseState(release.state), ReleaseMove.WITHDRAW, what="release")
    release.withdrawn_at = change.now
    change.record(actor, "release.withdrawn", Subject("release", release.id))


def sweep(desk: Desk) -> int:
    """Destroy every key and delete every blob that no row wants (any more); then say so in the log.

    Returns:
        How many keys were destroyed.
    """
    # (1) what is on disk first, then what is wanted: whatever comes meanwhile had its row before its key
    keys, blobs = desk.blobs.key_names(), desk.blobs.blob_names()
    with desk.reading() as session:
        wanted_keys, wanted_blobs = wanted(session)
    # (2) the key first: from here on nobody can read it, in a backup neither
    gone = [key for key in keys if key not in wanted_keys]
    for key in gone:
        desk.blobs.destroy_key(key)
    for name in blobs:
        if not _belongs(name, wanted_blobs):
            desk.blobs.delete_blob(name)
    # (3) the log says what is true now
    _record_destroyed(desk)
    return len(gone)


def wanted(session: Session) -> tuple[set[str], set[str]]:
    """The keys that must stay, and the blobs (or beginnings of blobs' names, ending in "-") that must."""
    keys: set[str] = set()
    for upload in session.scalars(select(UploadRow)):
        keys |= {blob_of(upload.id, part) for part in _kept_parts(upload)}
    for release in session.scalars(select(ReleaseRow).where(ReleaseRow.state.in_(_KEPT_RELEASES))):
        keys.add(release_blob(release.id))
    scratch: set[str] = set()
    projects = select(ReleaseRow, ProjectRow.state).join(ProjectRow, ProjectRow.id == ReleaseRow.project_id)
    keys |= {told_blob(release.id) for release, state in session.execute(projects) if _told_kept(release, state)}
    rows = select(RunRow, ProjectRow.state).join(ProjectRow, ProjectRow.id == RunRow.project_id)
    for run, project_state in session.execute(rows):
        if run.state in ACTIVE:
            scratch.add(scratch_key(run.id))
        if run.kind == RunKind.LINK and _links_kept(run, project_state):
            keys.add(links_blob(run.id))
    return keys | scratch, keys | {f"{key}-" for key in scratch}


def _belongs(name: str, wanted_blobs: set[str]) -> bool:
    """Whether a blob is wanted: by its name, or as one of the tiles of a run that is not at its end."""
    return name in wanted_blobs or f"{name.rpartition('-')[0]}-" in wanted_blobs


def _kept_parts(upload: UploadRow) -> list[Part]:
    if upload.state in {UploadState.RECEIVING, UploadState.ACCEPTED}:
        return list(Part)
    return [Part.SERVICES] if upload.state == UploadState.DELETED and upload.keep_services else []


def _links_kept(run: RunRow, project_state: str) -> bool:
    return run.state in {*ACTIVE, RunState.DONE} and project_state != ProjectState.CLOSED


def _told_kept(release: ReleaseRow, project_state: str) -> bool:
    """Whether what a release told is needed: it was read, or may be, and others of its project may follow."""
    read = release.manifest_sha256 is not None or release.state == ReleaseState.PROPOSED
    return read and project_state != ProjectState.CLOSED


def _record_destroyed(desk: Desk) -> None:
    """Note for every upload which of its parts cannot be read any more, and say it in the log."""
    with desk.reading() as session:
        pending = [(row.id, part) for row in session.scalars(select(UploadRow)) for part in _unrecorded(row)]
    gone = [(upload, part) for upload, part in pending if not desk.blobs.has_key(blob_of(upload, part))]
    if not gone:
        return
    with desk.noting() as change:
        for upload_id, part in gone:
            upload = change.session.get_one(UploadRow, upload_id)
            if part not in _unrecorded(upload):
                continue  # another process swept at the same time, and said so
            setattr(upload, f"{part}_deleted_at", change.now)
            change.record(SERVER, f"{part}.destroyed", Subject("upload", upload_id))


def _unrecorded(upload: UploadRow) -> list[Part]:
    return [part for part in Part if part not in _kept_parts(upload) and getattr(upload, f"{part}_deleted_at") is None]
