"""Projects, their agreements, who takes part, and votes, as rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ForeignKey, and_, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import JSON

from server.domain.projects import ProjectState
from server.domain.votes import Vote
from server.store.database import Base, Numbered, one_of


class ProjectRow(Numbered, Base):
    """A project. `round` counts its agreements: votes and uploads belong to one of them."""

    __tablename__ = "projects"
    __table_args__ = (one_of("state", ProjectState),)
    id: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    round: Mapped[int]
    agreement_digest: Mapped[str]
    proposer: Mapped[str] = mapped_column(ForeignKey("seats.name"))
    created_at: Mapped[str]
    approved_at: Mapped[str | None]  # of its first approval: from then on the register shows it
    approved_round: Mapped[int | None]  # the agreement that was approved last
    closed_at: Mapped[str | None]


class AgreementRow(Base):
    """An agreement of a project as it was proposed: the text that people read, and the schema it names."""

    __tablename__ = "agreements"
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str]
    toml: Mapped[str]
    schema: Mapped[dict[str, object]] = mapped_column(JSON)
    proposer: Mapped[str] = mapped_column(ForeignKey("seats.name"))
    created_at: Mapped[str]


class ParticipantRow(Base):
    """A seat that a project's current agreement names."""

    __tablename__ = "participants"
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    seat: Mapped[str] = mapped_column(ForeignKey("seats.name"), primary_key=True)
    left_at: Mapped[str | None]


class VoteRow(Base):
    """A seat's vote on an agreement."""

    __tablename__ = "votes"
    __table_args__ = (one_of("vote", Vote),)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    seat: Mapped[str] = mapped_column(ForeignKey("seats.name"), primary_key=True)
    vote: Mapped[str]
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[str]


def projects_of(session: Session, seat: str | None) -> Sequence[ProjectRow]:
    """The projects that a seat takes part in or has left (None: all), oldest first."""
    wanted = select(ProjectRow).order_by(ProjectRow.number)
    if seat is not None:
        wanted = wanted.join(ParticipantRow).where(ParticipantRow.seat == seat)
    return session.scalars(wanted).all()


def projects_for_register(session: Session) -> Sequence[ProjectRow]:
    """The projects that were approved at some time, oldest first."""
    wanted = select(ProjectRow).where(ProjectRow.approved_at.is_not(None))
    return session.scalars(wanted.order_by(ProjectRow.number)).all()


def agreement_of(session: Session, project: ProjectRow) -> AgreementRow:
    """A project's current agreement."""
    return session.get_one(AgreementRow, (project.id, project.round))


def agreement_approved_last(session: Session, project: ProjectRow) -> AgreementRow:
    """The agreement that a project was last approved with; there is one (`projects_for_register`)."""
    return session.get_one(AgreementRow, (project.id, project.approved_round))


def is_agreed_elsewhere(session: Session, project_id: str, digest: str) -> bool:
    """Whether another project is being voted on with that agreement, or had it and was approved at some time."""
    voted_on = and_(ProjectRow.state == ProjectState.PROPOSED, ProjectRow.round == AgreementRow.round)
    others = select(ProjectRow.id).join(AgreementRow, AgreementRow.project_id == ProjectRow.id)
    same = others.where(ProjectRow.id != project_id, AgreementRow.digest == digest)
    return session.scalars(same.where(or_(ProjectRow.approved_at.is_not(None), voted_on)).limit(1)).first() is not None


def participants(session: Session, project_id: str) -> Sequence[ParticipantRow]:
    """Everybody that the current agreement names, by name; those who left, too."""
    wanted = select(ParticipantRow).where(ParticipantRow.project_id == project_id)
    return session.scalars(wanted.order_by(ParticipantRow.seat)).all()


def votes_of(session: Session, project: ProjectRow) -> dict[str, Vote]:
    """The votes of a project's current round, by seat."""
    return votes_in_round(session, project.id, project.round)


def votes_in_round(session: Session, project_id: str, round_: int) -> dict[str, Vote]:
    """The votes on one of a project's agreements, by seat."""
    wanted = select(VoteRow).where(VoteRow.project_id == project_id, VoteRow.round == round_)
    return {row.seat: Vote(row.vote) for row in session.scalars(wanted)}


def state_of(project: ProjectRow) -> ProjectState:
    """A project's state."""
    return ProjectState(project.state)
