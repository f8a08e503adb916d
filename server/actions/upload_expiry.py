"""What is deleted when its time has come: uploads that were never finished, encodings whose retention is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy.orm import Session

from server.actions.deletion import delete_upload, sweep
from server.actions.desk import Desk, agreement_in
from server.domain.accounts import SERVER
from server.domain.runs import ACTIVE, RunKind, RunState
from server.domain.uploads import UploadState
from server.store.projects import ProjectRow, agreement_of
from server.store.runs import RunRow, runs_of
from server.store.uploads import UploadRow, uploads_in

Due = Callable[[Session], Iterator[UploadRow]]


def expire_unfinished(desk: Desk) -> int:
    """Delete the uploads that were begun `limits.unfinished_hours` ago and are not finished; gives back how many."""
    limit = desk.later(hours=-desk.limits.unfinished_hours)

    def due(session: Session) -> Iterator[UploadRow]:
        return (upload for upload in uploads_in(session, UploadState.RECEIVING) if upload.created_at < limit)

    return _delete(desk, due, keep_services=False)


def expire_retained(desk: Desk) -> int:
    """Delete the encodings whose agreement's retention is over, counted from the first run that linked them.

    Their services stay for the tables of that run. Encodings that a run is using go when it has ended.

    Returns:
        How many uploads were deleted.
    """

    def due(session: Session) -> Iterator[UploadRow]:
        return (
            upload for upload in uploads_in(session, UploadState.ACCEPTED) if _retention_is_over(desk, session, upload)
        )

    return _delete(desk, due, keep_services=True)


def _delete(desk: Desk, due: Due, *, keep_services: bool) -> int:
    with desk.reading() as session:
        if not any(True for _ in due(session)):
            return 0
    with desk.noting() as change:  # another process may have kept house meanwhile
        found = list(due(change.session))
        for upload in found:
            delete_upload(change, SERVER, upload, keep_services=keep_services)
    sweep(desk)
    return len(found)


def _retention_is_over(desk: Desk, session: Session, upload: UploadRow) -> bool:
    runs = [run for run in runs_of(session, upload.project_id) if upload.id in run.uploads.values()]
    linked = [_ended(run) for run in runs if run.kind == RunKind.LINK and run.state == RunState.DONE]
    if not linked or any(run.state in ACTIVE and run.kind != RunKind.COUNT for run in runs):
        return False
    project = session.get_one(ProjectRow, upload.project_id)
    days = agreement_in(agreement_of(session, project)).retention_days
    return min(linked) <= desk.later(days=-days)


def _ended(run: RunRow) -> str:
    return run.ended_at or run.created_at
