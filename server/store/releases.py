"""Releases and their reviews as rows. The files lie in one encrypted blob each (a zip)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import JSON

from server.domain.releases import ReleaseState
from server.domain.votes import Vote
from server.store.database import Base, Numbered, one_of


class ReleaseRow(Numbered, Base):
    """Tables of one run, on their way to their readers. `count_run` computes them; until it is done none is there."""

    __tablename__ = "releases"
    __table_args__ = (one_of("state", ReleaseState),)
    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    link_run: Mapped[str] = mapped_column(ForeignKey("runs.id"))
    count_run: Mapped[str] = mapped_column(ForeignKey("runs.id"))
    state: Mapped[str]
    proposer: Mapped[str] = mapped_column(ForeignKey("seats.name"))
    readers: Mapped[list[str]] = mapped_column(JSON)
    quorum: Mapped[int]
    tables: Mapped[list[str]] = mapped_column(JSON)
    manifest_sha256: Mapped[str | None]
    archive_sha256: Mapped[str | None]
    created_at: Mapped[str]
    decided_at: Mapped[str | None]
    published_at: Mapped[str | None]
    withdrawn_at: Mapped[str | None]


class ReviewRow(Base):
    """A seat's vote on a release."""

    __tablename__ = "reviews"
    __table_args__ = (one_of("vote", Vote),)
    release_id: Mapped[str] = mapped_column(ForeignKey("releases.id"), primary_key=True)
    seat: Mapped[str] = mapped_column(ForeignKey("seats.name"), primary_key=True)
    vote: Mapped[str]
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[str]


def release_blob(release_id: str) -> str:
    """The blob, and its key, of a release's files: one zip."""
    return f"{release_id}-release"


def told_blob(release_id: str) -> str:
    """The blob, and its key, of what a release told: it stays, when the release goes, for those that come after it."""
    return f"{release_id}-told"


def counted_of(session: Session, project_id: str) -> Sequence[ReleaseRow]:
    """The releases of a project whose tables were counted, whatever became of them, oldest first."""
    wanted = select(ReleaseRow).where(ReleaseRow.project_id == project_id, ReleaseRow.manifest_sha256.is_not(None))
    return session.scalars(wanted.order_by(ReleaseRow.number)).all()


def releases_of(session: Session, project_id: str) -> Sequence[ReleaseRow]:
    """The releases of a project, oldest first."""
    wanted = select(ReleaseRow).where(ReleaseRow.project_id == project_id)
    return session.scalars(wanted.order_by(ReleaseRow.number)).all()


def releases_under_review(session: Session) -> Sequence[ReleaseRow]:
    """The releases of all projects that are proposed and not decided, oldest first."""
    wanted = select(ReleaseRow).where(ReleaseRow.state == ReleaseState.PROPOSED)
    return session.scalars(wanted.order_by(ReleaseRow.number)).all()


def published_of(session: Session, project_id: str) -> Sequence[ReleaseRow]:
    """The published releases of a project, oldest first."""
    wanted = select(ReleaseRow).where(ReleaseRow.project_id == project_id, ReleaseRow.state == ReleaseState.PUBLISHED)
    return session.scalars(wanted.order_by(ReleaseRow.number)).all()


def published_for(session: Session, reader: str) -> Sequence[ReleaseRow]:
    """The published releases that name an analyst's account as a reader, oldest first."""
    wanted = select(ReleaseRow).where(ReleaseRow.state == ReleaseState.PUBLISHED)
    rows = session.scalars(wanted.order_by(ReleaseRow.number))
    return [row for row in rows if reader in row.readers]


def release_of_count(session: Session, run_id: str) -> ReleaseRow | None:
    """The release whose tables that run counts."""
    return session.scalars(select(ReleaseRow).where(ReleaseRow.count_run == run_id)).one_or_none()


def reviews_of(session: Session, release_id: str) -> dict[str, Vote]:
    """The votes on a release, by seat."""
    rows = session.scalars(select(ReviewRow).where(ReviewRow.release_id == release_id))
    return {row.seat: Vote(row.vote) for row in rows}
