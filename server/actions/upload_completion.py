"""Completing an upload: its files are proven where they lie; then it takes the place of the older one, or is gone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from schemas import Agreement
from schemas.agreement import Member
from server.actions.deletion import delete_upload, sweep
from server.actions.desk import Change, Desk, agreement_in
from server.actions.other_secrets import told_apart
from server.actions.projects import require_participant, visible_project
from server.actions.upload_pieces import received_of
from server.actions.uploads import UploadView, own_upload, show_own
from server.domain.accounts import Actor
from server.domain.audit.events import Subject
from server.domain.errors import NotAllReceived, NotAsDeclared, ServerError
from server.domain.permissions import Verb, require_may
from server.domain.policies import require_approved, require_no_active_run
from server.domain.runs import RunKind, RunState
from server.domain.states import moved
from server.domain.upload_checks.limits import UploadLimits
from server.domain.upload_checks.refusals import OtherSecret, UploadRefused
from server.domain.upload_checks.shared_marks import SharedMarks
from server.domain.uploads import UPLOAD_MOVES, Part, UploadMove, UploadState
from server.store.blobs.errors import BlobBroken, BlobMissing, KeyGone
from server.store.projects import ProjectRow, agreement_of, state_of
from server.store.runs import active_run, runs_of
from server.store.uploads import UploadRow, accepted_uploads, blob_of

if TYPE_CHECKING:
    from server.domain.upload_checks.upload import CheckedUpload

_UNFIT = (UploadRefused, NotAsDeclared, BlobBroken, BlobMissing, KeyGone)
"""Faults of what was sent, or of what became of it on the disk: sending it again is the way on."""


@dataclass(frozen=True)
class _Case:
    """An upload that may be looked at: everything that the checks need to know."""

    upload: UploadRow
    agreement: Agreement
    shared: SharedMarks | None


def complete_upload(desk: Desk, actor: Actor, upload_id: str) -> UploadView:
    """Check both files of an upload; accept it in place of the member's older one, or reject it, which deletes it.

    The same again on an accepted upload changes nothing.

    Raises:
        NotAllReceived: a part has not come to its end.
        Refused: it was rejected or deleted, or a run uses the upload that it would take the place of.
        BlobBusy: a piece of it, or its completion, is being worked on by another request.
        UploadRefused: says which check failed; the upload is rejected, and nothing of it stays.
    """
    require_may(actor, Verb.UPLOAD)
    with desk.reading() as session:
        upload = own_upload(session, actor, upload_id)
        if upload.state != UploadState.ACCEPTED:
            case = _case(session, actor, upload)
    if upload.state == UploadState.ACCEPTED:
        return show_own(desk, upload)
    _require_all_received(desk, upload)
    blob = blob_of(upload.id, Part.ENCODINGS)
    try:
        # its writer keeps others out while the files are read: completing twice at a time would read them twice
        with desk.blobs.writer(blob, desk.blobs.key(blob), sure_of=upload.encodings_bytes):
            accepted = _accept(desk, actor, case, _checked(desk, actor, case))
    except _UNFIT as fault:
        raise _reject(desk, actor, upload.id, fault) from None
    sweep(desk)
    return show_own(desk, accepted)


def _case(session: Session, actor: Actor, upload: UploadRow) -> _Case:
    project = visible_project(session, actor, upload.project_id)
    _require_now(session, actor, project, upload)
    agreement = agreement_in(agreement_of(session, project))
    return _Case(upload, agreement, _shared_marks(session, upload))


def _require_now(session: Session, actor: Actor, project: ProjectRow, upload: UploadRow) -> None:
    """Refuse what the rules do not allow at this moment."""
    moved(UPLOAD_MOVES, UploadState(upload.state), UploadMove.ACCEPT, what="upload")
    require_participant(session, actor, project)
    require_approved(state_of(project))
    older, active = accepted_uploads(session, project.id).get(actor.seat), active_run(session, project.id)
    if older is not None and active is not None and active.kind != RunKind.COUNT:  # counting needs services, which stay
        require_no_active_run(older.id in active.uploads.values())


def _require_all_received(desk: Desk, upload: UploadRow) -> None:
    for part in Part:
        if received_of(desk, upload, part) != upload.declared(part).size:
            raise NotAllReceived(
                "not all of it has been received", where=part, fix="send the rest; the upload says what is here"
            )


def _shared_marks(session: Session, upload: UploadRow) -> SharedMarks | None:
    """What the other members' accepted uploads have in common; None where there are none."""
    others = accepted_uploads(session, upload.project_id)
    others.pop(upload.member, None)
    for other in others.values():
        if other.key_check is not None and other.cleaning_version is not None:
            return SharedMarks(other.key_check, other.cleaning_version)
    return None


def _checked(desk: Desk, actor: Actor, case: _Case) -> CheckedUpload:
    from server.domain.upload_checks import check_upload  # NumPy: a server that waits does without

    encodings, services = (_PlainFile(desk, case.upload, part) for part in Part)
    checked = check_upload(
        encodings.chunks(),
        services.chunks(),
        case.agreement,
        Member(actor.seat),
        shared=case.shared,
        limits=UploadLimits(records=desk.limits.upload_records),
    )
    for file in (encodings, services):
        file.require_as_declared()
    return checked


class _PlainFile:
    """One part, read once; its digest is taken on the way."""

    def __init__(self, desk: Desk, upload: UploadRow, part: Part) -> None:
        self._desk, self._blob, self._part = desk, blob_of(upload.id, part), part
        self._declared, self._running = upload.declared(part), hashlib.sha256()

    def chunks(self) -> Iterator[bytes]:
        """The file, in pieces."""
        for chunk in self._desk.blobs.stream_blob(self._blob, self._desk.blobs.key(self._blob)):
            self._running.update(chunk)
            yield chunk

    def require_as_declared(self) -> None:
        """The file has been read to its end: NotAsDeclared unless it is what its sender said."""
        if self._running.hexdigest() != self._declared.sha256:
            raise NotAsDeclared("is not the file that was declared", where=self._part, fix="send both files again")


def _accept(desk: Desk, actor: Actor, case: _Case, checked: CheckedUpload) -> UploadRow:
    with desk.changing() as change:
        upload = own_upload(change.session, actor, case.upload.id)
        project = visible_project(change.session, actor, upload.project_id)
        _require_now(change.session, actor, project, upload)
        shared = _shared_marks(change.session, upload)  # another member's upload may have come first meanwhile
        if shared is not None and shared != SharedMarks(checked.key_check, checked.cleaning_version):
            fix = "encode with the secret and the version of waylink that the other members use"
            what, key_check = "was made unlike the other members' encodings", checked.key_check
            raise OtherSecret(what, where=Part.ENCODINGS, fix=fix, key_check=key_check)
        older = accepted_uploads(change.session, project.id).get(actor.seat)
        if older is not None:
            delete_upload(change, actor, older, keep_services=_was_linked(change, project, older))
            change.session.flush()  # at most one is accepted at any moment: the database says so too
        upload.state = moved(UPLOAD_MOVES, UploadState(upload.state), UploadMove.ACCEPT, what="upload")
        upload.records, upload.decided_at = checked.records, change.now
        upload.key_check, upload.cleaning_version = checked.key_check, checked.cleaning_version
        facts = {f"{part}_sha256": upload.declared(part).sha256 for part in Part}
        subject = Subject("upload", upload.id)
        change.record(actor, "upload.accepted", subject, agreement=upload.agreement_digest, **facts)
        return upload


def _was_linked(change: Change, project: ProjectRow, upload: UploadRow) -> bool:
    """Whether a run of this round linked an upload: releases may still be counted from its services."""
    return any(
        run.kind == RunKind.LINK and run.state == RunState.DONE and upload.id in run.uploads.values()
        for run in runs_of(change.session, project.id)
        if run.round == project.round
    )


def _reject(desk: Desk, actor: Actor, upload_id: str, fault: ServerError) -> ServerError:
    """Reject an upload for a fault; gives back what to tell its sender."""
    with desk.changing() as change:
        upload = own_upload(change.session, actor, upload_id)
        upload.state = moved(UPLOAD_MOVES, UploadState(upload.state), UploadMove.REJECT, what="upload")
        upload.decided_at = change.now
        change.record(actor, "upload.rejected", Subject("upload", upload.id), reason=type(fault).__name__)
        if isinstance(fault, OtherSecret) and fault.key_check:
            upload.key_check = fault.key_check
            change.session.flush()
            fault = told_apart(change.session, upload)
    sweep(desk)
    return fault
