"""After a restore: what cannot be read any more is let go, with events, so that members can go on."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from server.actions.deletion import delete_upload, sweep, withdraw
from server.actions.desk import Change, Desk
from server.actions.runs import end_run
from server.domain.accounts import LOCAL_OPERATOR, SERVER
from server.domain.audit.events import Fact, Subject
from server.domain.releases import ReleaseState
from server.domain.runs import ACTIVE, RunMove, RunState
from server.domain.uploads import Part, UploadState
from server.store.accounts import unrevoked_tokens
from server.store.releases import ReleaseRow, release_blob
from server.store.runs import RunRow, links_blob, scratch_key
from server.store.uploads import UploadRow, blob_of

_ENDED = {
    "what": "the server was restored from a backup, and what this run needs is gone",
    "where": "run",
    "fix": "have the members send again where they are asked to, then start it again",
}


@dataclass(frozen=True)
class Settled:
    """How many uploads, runs and releases could not be kept, and how many tokens were revoked."""

    uploads: int
    runs: int
    releases: int
    tokens: int


def settle_after_restore(desk: Desk, backup: str, made_at: str, *, keep_tokens: bool) -> Settled:
    """Say in the log that the server was restored, and let go of everything whose vault key is not here.

    Args:
        backup: SHA-256 of the backup's manifest.
        made_at: when the backup was made.
        keep_tokens: whether tokens work that worked then. A token that was revoked since, because it leaked or its
            account was shut, would work again: nobody here can know which.
    """
    with desk.changing() as change:
        facts: dict[str, Fact] = {"made_at": made_at, "tokens_kept": keep_tokens}
        change.record(LOCAL_OPERATOR, "server.restored", Subject("backup", backup), **facts)
        tokens = 0 if keep_tokens else _revoke_tokens(change)
        uploads = sum(_let_upload_go(desk, change, upload) for upload in change.session.scalars(select(UploadRow)))
        active = change.session.scalars(select(RunRow).where(RunRow.state.in_(ACTIVE)))
        runs = sum(_end_run(desk, change, run) for run in active)
        releases = sum(_withdraw(desk, change, release) for release in change.session.scalars(select(ReleaseRow)))
    sweep(desk)
    return Settled(uploads, runs, releases, tokens)


def _revoke_tokens(change: Change) -> int:
    tokens = unrevoked_tokens(change.session)
    for token in tokens:
        token.revoked_at = change.now
        change.record(LOCAL_OPERATOR, "token.revoked", Subject("account", token.account_id), token=token.id)
    return len(tokens)


def _let_upload_go(desk: Desk, change: Change, upload: UploadRow) -> bool:
    readable = {part: desk.blobs.has_key(blob_of(upload.id, part)) for part in Part}
    if upload.state == UploadState.DELETED:
        upload.keep_services = upload.keep_services and readable[Part.SERVICES]
        return False
    if upload.state not in {UploadState.RECEIVING, UploadState.ACCEPTED} or all(readable.values()):
        return False
    delete_upload(change, SERVER, upload)
    return True


def _end_run(desk: Desk, change: Change, run: RunRow) -> bool:
    """End a run that waits or is under way, unless all that it needs can be read."""
    needed = [
        change.session.get_one(UploadRow, upload).state == UploadState.ACCEPTED for upload in run.uploads.values()
    ]
    if run.link_run is not None:
        needed = [desk.blobs.has_key(links_blob(run.link_run))]
    running = run.state == RunState.RUNNING
    if all(needed) and (not running or desk.blobs.has_key(scratch_key(run.id))):
        return False
    run.error = dict(_ENDED)
    end_run(change, SERVER, run, RunMove.FAIL if running else RunMove.CANCEL)  # one that waits can only be cancelled
    return True


def _withdraw(desk: Desk, change: Change, release: ReleaseRow) -> bool:
    """Withdraw a release that nobody outside has, and whose tables are gone or will never come."""
    if release.state not in {ReleaseState.PROPOSED, ReleaseState.APPROVED}:
        return False
    waits = release.manifest_sha256 is None and change.session.get_one(RunRow, release.count_run).state in ACTIVE
    if waits or desk.blobs.has_key(release_blob(release.id)):
        return False
    withdraw(change, SERVER, release)
    return True
