"""Uploads: begun, seen, deleted; records withdrawn. How they are received and completed is in the files beside."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from server.actions.deletion import delete_upload, sweep
from server.actions.desk import Change, Desk, agreement_in
from server.actions.other_secrets import doubting
from server.actions.projects import require_participant, visible_project
from server.actions.upload_pieces import make_keys, received_of
from server.domain.accounts import Actor
from server.domain.audit.events import Subject
from server.domain.errors import AlreadyThere, NotFound, TooLarge
from server.domain.permissions import Verb, require_may
from server.domain.policies import require_approved
from server.domain.uploads import MOST_UNFINISHED, DeclaredFile, Part, UploadState
from server.store.projects import ProjectRow, agreement_of, state_of
from server.store.runs import active_run
from server.store.uploads import UploadRow, WithdrawnRow, upload_of_key, uploads_of, withdrawn_of

_HEADER_ROOM = 1 << 16  # what an encodings file may have beside its records
Declared = Mapping[Part, DeclaredFile]


@dataclass(frozen=True)
class UploadView:
    """An upload as its member sees it.

    Attributes:
        received: for each part, how many bytes are safely here.
        doubting: the members on whose word an accepted upload was made with a wrong secret; mostly nobody.
    """

    id: str
    project_id: str
    member: str
    state: UploadState
    agreement_digest: str
    records: int | None
    declared: Mapping[Part, int]
    received: Mapping[Part, int]
    created_at: str
    decided_at: str | None
    doubting: list[str] = field(default_factory=list)


def begin_upload(
    desk: Desk, actor: Actor, project_id: str, idempotency_key: str, declared: Declared
) -> tuple[UploadView, bool]:
    """Say what will be sent.

    Args:
        idempotency_key: the sender's name for this upload: the same again begins nothing new.
        declared: length and SHA-256 of each part.

    Returns:
        The upload, and whether it is new.

    Raises:
        TooLarge: more than this server takes.
        AlreadyThere: the key was used for other files.
        Refused: the agreement is not approved, or the member has left.
    """
    require_may(actor, Verb.UPLOAD)
    with desk.reading() as session:
        project = visible_project(session, actor, project_id)
        known = upload_of_key(session, project.id, actor.seat, idempotency_key)
        if known is not None:
            _require_same(known, declared)
            return show_own(desk, known), False
    with desk.changing() as change:
        project = visible_project(change.session, actor, project_id)
        require_participant(change.session, actor, project)
        require_approved(state_of(project))
        _require_fits(desk, change.session, project, declared)
        if upload_of_key(change.session, project.id, actor.seat, idempotency_key) is not None:
            raise AlreadyThere("this upload is being begun by another request", fix="ask again with the same key")
        _make_room(change, actor, project)
        upload = _new_upload(desk.new_id(), change.now, actor, project, idempotency_key, declared)
        change.session.add(upload)
        facts = {f"{part}_sha256": file.sha256 for part, file in declared.items()}
        change.record(actor, "upload.begun", Subject("upload", upload.id), agreement=upload.agreement_digest, **facts)
    sweep(desk)
    make_keys(desk, upload.id)
    return show_own(desk, upload), True


def list_uploads(desk: Desk, actor: Actor, project_id: str) -> list[UploadView]:
    """The caller's own member's uploads in a project, oldest first."""
    require_may(actor, Verb.SEE_UPLOADS)
    with desk.reading() as session:
        project = visible_project(session, actor, project_id)
        return [_with_doubts(desk, session, upload) for upload in uploads_of(session, project.id, actor.seat)]


def show_upload(desk: Desk, actor: Actor, upload_id: str) -> UploadView:
    """One upload of the caller's own member."""
    require_may(actor, Verb.SEE_UPLOADS)
    with desk.reading() as session:
        return _with_doubts(desk, session, own_upload(session, actor, upload_id))


def delete_own_upload(desk: Desk, actor: Actor, upload_id: str) -> None:
    """Take an upload back, services too; a run that uses it is cancelled. What is gone already stays gone."""
    require_may(actor, Verb.UPLOAD)
    with desk.reading() as session:
        upload = own_upload(session, actor, upload_id)
        if not _anything_left(upload):
            return
    with desk.changing() as change:
        upload = own_upload(change.session, actor, upload_id)
        active = active_run(change.session, upload.project_id)
        if active is not None and upload.id in active.uploads.values():
            active.cancel_requested = True
            change.record(actor, "run.cancel_requested", Subject("run", active.id))
        if upload.state == UploadState.DELETED:  # its services were kept for tables
            upload.keep_services = False
            change.record(actor, "upload.deleted", Subject("upload", upload.id), services_kept=False)
        else:
            delete_upload(change, actor, upload)
    sweep(desk)


def withdraw_records(desk: Desk, actor: Actor, project_id: str, tokens: Collection[str]) -> int:
    """Take records of the caller's member out of every later run, by their tokens; gives back how many are new.

    Whether the tokens are in an upload is not looked at: they stay withdrawn in uploads to come.
    """
    require_may(actor, Verb.WITHDRAW_RECORDS)
    with desk.reading() as session:
        project = visible_project(session, actor, project_id)
        require_participant(session, actor, project)
        if not set(tokens) - withdrawn_of(session, project.id, actor.seat, tokens):
            return 0
    with desk.changing() as change:
        project = visible_project(change.session, actor, project_id)
        require_participant(change.session, actor, project)
        new = set(tokens) - withdrawn_of(change.session, project.id, actor.seat, tokens)
        rows = (WithdrawnRow(project_id=project.id, member=actor.seat, token=one, at=change.now) for one in new)
        change.session.add_all(rows)
        change.record(actor, "records.withdrawn", Subject("project", project.id))
        return len(new)


def own_upload(session: Session, actor: Actor, upload_id: str) -> UploadRow:
    """An upload of the actor's own member; NotFound where there is none, or it is others'."""
    upload = session.get(UploadRow, upload_id)
    if upload is None or upload.member != actor.seat:
        raise NotFound("upload")
    return upload


def show_own(desk: Desk, upload: UploadRow) -> UploadView:
    """An upload's row as its member sees it."""
    return UploadView(
        id=upload.id,
        project_id=upload.project_id,
        member=upload.member,
        state=UploadState(upload.state),
        agreement_digest=upload.agreement_digest,
        records=upload.records,
        declared={part: upload.declared(part).size for part in Part},
        received={part: received_of(desk, upload, part) for part in Part},
        created_at=upload.created_at,
        decided_at=upload.decided_at,
    )


def _with_doubts(desk: Desk, session: Session, upload: UploadRow) -> UploadView:
    return replace(show_own(desk, upload), doubting=doubting(session, upload))


def _require_same(upload: UploadRow, declared: Declared) -> None:
    if any(upload.declared(part) != declared[part] for part in Part):
        raise AlreadyThere(
            "this key was used for an upload of other files", where="Idempotency-Key", fix="use a key of its own"
        )


def _require_fits(desk: Desk, session: Session, project: ProjectRow, declared: Declared) -> None:
    """TooLarge where a part is longer than this server takes, or could hold more records than it takes."""
    from schemas.encodings import TOKEN_BYTES  # NumPy: a server that waits does without

    limits, schema = desk.limits, agreement_in(agreement_of(session, project)).linkage_schema
    of_records = limits.upload_records * (schema.bits // 8 + TOKEN_BYTES) + _HEADER_ROOM
    most = {Part.ENCODINGS: min(limits.upload_bytes, of_records), Part.SERVICES: limits.upload_bytes}
    for part, file in declared.items():
        if file.size > most[part]:
            raise TooLarge(
                f"the file has more than the {most[part]:,} bytes that this server takes",
                where=part,
                fix="ask the operator for a higher limit",
            )


def _make_room(change: Change, actor: Actor, project: ProjectRow) -> None:
    """A member has only so many uploads unfinished: the oldest go."""
    unfinished = [
        upload for upload in uploads_of(change.session, project.id, actor.seat) if upload.state == UploadState.RECEIVING
    ]
    for upload in unfinished[: max(0, len(unfinished) + 1 - MOST_UNFINISHED)]:
        delete_upload(change, actor, upload)


def _new_upload(
    upload_id: str, now: str, actor: Actor, project: ProjectRow, idempotency_key: str, declared: Declared
) -> UploadRow:
    return UploadRow(
        id=upload_id,
        project_id=project.id,
        member=actor.seat,
        agreement_digest=project.agreement_digest,
        state=UploadState.RECEIVING,
        idempotency_key=idempotency_key,
        encodings_bytes=declared[Part.ENCODINGS].size,
        encodings_sha256=declared[Part.ENCODINGS].sha256,
        services_bytes=declared[Part.SERVICES].size,
        services_sha256=declared[Part.SERVICES].sha256,
        keep_services=False,
        created_at=now,
    )


def _anything_left(upload: UploadRow) -> bool:
    live: Sequence[str] = (UploadState.RECEIVING, UploadState.ACCEPTED)
    return upload.state in live or (upload.state == UploadState.DELETED and upload.keep_services)
