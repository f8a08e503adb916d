"""Housekeeping: whatever time or a crash has left to do, done again and again. Nothing here is asked for by anybody."""

from __future__ import annotations

from sqlalchemy import select

from server.actions.deletion import delete_upload, sweep
from server.actions.desk import Desk, agreement_in
from server.domain.accounts import SERVER
from server.domain.runs import RunKind, RunState
from server.domain.uploads import UploadState
from server.store.projects import AgreementRow
from server.store.runs import RunRow
from server.store.uploads import UploadRow


def keep_house(desk: Desk) -> None:
    """Delete what has to go by now: encodings of runs that are done, what no row wants, what a crash left half written.

    Raises:
        NoRoom, DiskFull, DiskFault: the disk's; the next time goes on.
    """
    delete_after_runs(desk)
    sweep(desk)
    # `sweep` knows what is wanted; what it never sees are the drafts of files, whose names start with a dot
    desk.blobs.sweep(_NoDrafts(), _NoDrafts(), desk.clock().timestamp())


def delete_after_runs(desk: Desk) -> int:
    """Delete the encodings of every linking run that is done, where the agreement keeps them no longer than that.

    The run's end is committed first: a crash in between loses no result, and the next call deletes. The services stay,
    for the tables.

    Returns:
        How many uploads were deleted.
    """
    used = _used_up(desk)
    if not used:
        return 0
    with desk.noting() as change:
        uploads = [change.session.get_one(UploadRow, upload) for upload in sorted(used)]
        left = [upload for upload in uploads if upload.state == UploadState.ACCEPTED]
        for upload in left:
            delete_upload(change, SERVER, upload, keep_services=True)
    sweep(desk)
    return len(left)


def _used_up(desk: Desk) -> set[str]:
    """The accepted uploads that a linking run has used, under an agreement that keeps them until its end."""
    done = select(RunRow, AgreementRow).where(RunRow.kind == RunKind.LINK, RunRow.state == RunState.DONE)
    of_its_round = (AgreementRow.project_id == RunRow.project_id) & (AgreementRow.round == RunRow.round)
    with desk.reading() as session:
        accepted = set(session.scalars(select(UploadRow.id).where(UploadRow.state == UploadState.ACCEPTED)))
        found: set[str] = set()
        for run, agreement in session.execute(done.join(AgreementRow, of_its_round)):
            own = accepted.intersection(run.uploads.values())
            if own and agreement_in(agreement).retention_days == 0:
                found |= own
        return found


class _NoDrafts:
    """Holds every name but that of a draft."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and not name.startswith(".")
