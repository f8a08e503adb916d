"""Uploads and withdrawn records as rows. What was uploaded lies in blobs, each part under a key of its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from server.domain.uploads import DeclaredFile, Part, UploadState
from server.store.database import Base, Numbered, one_of

_ASKED_AT_ONCE = 500  # parameters of one statement: SQLite before 3.32 takes 999


class UploadRow(Numbered, Base):
    """What a member delivers under one agreement. At most one of a member is accepted at a time."""

    __tablename__ = "uploads"
    __table_args__ = (
        one_of("state", UploadState),
        UniqueConstraint("project_id", "member", "idempotency_key", name="one_upload_per_key"),
        Index(
            "one_accepted_upload",
            "project_id",
            "member",
            unique=True,
            sqlite_where=text("state = 'accepted'"),
            postgresql_where=text("state = 'accepted'"),
        ),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    member: Mapped[str] = mapped_column(ForeignKey("seats.name"))
    agreement_digest: Mapped[str]
    state: Mapped[str]
    idempotency_key: Mapped[str]
    encodings_bytes: Mapped[int] = mapped_column(BigInteger)
    encodings_sha256: Mapped[str]
    services_bytes: Mapped[int] = mapped_column(BigInteger)
    services_sha256: Mapped[str]
    records: Mapped[int | None]
    key_check: Mapped[str | None]
    cleaning_version: Mapped[str | None]
    created_at: Mapped[str]
    decided_at: Mapped[str | None]
    keep_services: Mapped[bool] = mapped_column(default=False)
    encodings_deleted_at: Mapped[str | None]
    services_deleted_at: Mapped[str | None]

    def declared(self, part: Part) -> DeclaredFile:
        """What its sender said that a part is."""
        if part is Part.ENCODINGS:
            return DeclaredFile(self.encodings_bytes, self.encodings_sha256)
        return DeclaredFile(self.services_bytes, self.services_sha256)


class WithdrawnRow(Base):
    """A record that its member took back: out of every later run."""

    __tablename__ = "withdrawn_records"
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    member: Mapped[str] = mapped_column(ForeignKey("seats.name"), primary_key=True)
    token: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[str]


def blob_of(upload_id: str, part: Part) -> str:
    """The name of the blob, and of its key, of one part of an upload."""
    return f"{upload_id}-{part}"


def uploads_of(session: Session, project_id: str, member: str | None = None) -> Sequence[UploadRow]:
    """The uploads of a project, or of one of its members, oldest first."""
    wanted = select(UploadRow).where(UploadRow.project_id == project_id)
    if member is not None:
        wanted = wanted.where(UploadRow.member == member)
    return session.scalars(wanted.order_by(UploadRow.number)).all()


def uploads_in(session: Session, state: UploadState) -> Sequence[UploadRow]:
    """All uploads in that state, oldest first."""
    wanted = select(UploadRow).where(UploadRow.state == state)
    return session.scalars(wanted.order_by(UploadRow.number)).all()


def upload_of_key(session: Session, project_id: str, member: str, idempotency_key: str) -> UploadRow | None:
    """The upload that a member began under that key."""
    mine = select(UploadRow).where(UploadRow.project_id == project_id, UploadRow.member == member)
    return session.scalars(mine.where(UploadRow.idempotency_key == idempotency_key)).one_or_none()


def accepted_uploads(session: Session, project_id: str) -> dict[str, UploadRow]:
    """The uploads of a project that runs may use, by member."""
    return {row.member: row for row in uploads_of(session, project_id) if row.state == UploadState.ACCEPTED}


def withdrawn_tokens(session: Session, project_id: str) -> dict[str, set[str]]:
    """The withdrawn records' tokens of a project, by member."""
    found: dict[str, set[str]] = {}
    for row in session.scalars(select(WithdrawnRow).where(WithdrawnRow.project_id == project_id)):
        found.setdefault(row.member, set()).add(row.token)
    return found


def withdrawn_of(session: Session, project_id: str, member: str, tokens: Collection[str]) -> set[str]:
    """Those of some tokens that their member has withdrawn already."""
    mine = select(WithdrawnRow.token).where(WithdrawnRow.project_id == project_id, WithdrawnRow.member == member)
    asked = sorted(tokens)
    found: set[str] = set()
    for start in range(0, len(asked), _ASKED_AT_ONCE):
        found |= set(session.scalars(mine.where(WithdrawnRow.token.in_(asked[start : start + _ASKED_AT_ONCE]))))
    return found
