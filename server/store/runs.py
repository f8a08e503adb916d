"""Runs as rows: the table is the queue. A worker holds a run by a lease that it renews."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ForeignKey, Index, func, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import JSON

from server.domain.runs import ACTIVE, RunKind, RunState
from server.store.database import Base, Numbered, one_of

_IS_ACTIVE = text("state IN ('queued', 'running')")


class RunRow(Numbered, Base):
    """Something to compute, or computed.

    `uploads` maps each linked member to its upload; `link_run` is what a count is counted from; `progress` is
    {stage, done (0-1), seconds_left}; `result` holds what members may see, `facts` what the worker keeps for later.
    """

    __tablename__ = "runs"
    __table_args__ = (
        one_of("state", RunState),
        one_of("kind", RunKind),
        Index(
            "one_active_run",
            "project_id",
            unique=True,
            sqlite_where=_IS_ACTIVE,
            postgresql_where=_IS_ACTIVE,
        ),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    round: Mapped[int]
    agreement_digest: Mapped[str]
    requested_by: Mapped[str] = mapped_column(ForeignKey("seats.name"))
    uploads: Mapped[dict[str, str]] = mapped_column(JSON)
    link_run: Mapped[str | None] = mapped_column(ForeignKey("runs.id"))
    created_at: Mapped[str]
    started_at: Mapped[str | None]
    ended_at: Mapped[str | None]
    lease_owner: Mapped[str | None]
    lease_until: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    progress: Mapped[dict[str, object] | None] = mapped_column(JSON)
    result: Mapped[dict[str, object] | None] = mapped_column(JSON)
    facts: Mapped[dict[str, object] | None] = mapped_column(JSON)
    error: Mapped[dict[str, object] | None] = mapped_column(JSON)


def scratch_key(run_id: str) -> str:
    """The key of what a run needs only while it runs; its blobs' names start with this and "-"."""
    return f"{run_id}-scratch"


def links_blob(run_id: str) -> str:
    """The blob, and its key, of the link maps that a run found."""
    return f"{run_id}-links"


def runs_of(session: Session, project_id: str) -> Sequence[RunRow]:
    """The runs of a project, oldest first."""
    wanted = select(RunRow).where(RunRow.project_id == project_id)
    return session.scalars(wanted.order_by(RunRow.number)).all()


def active_run(session: Session, project_id: str) -> RunRow | None:
    """The run of a project that waits or runs."""
    return session.scalars(
        select(RunRow).where(RunRow.project_id == project_id, RunRow.state.in_(ACTIVE))
    ).one_or_none()


def next_in_queue(session: Session, now: str) -> RunRow | None:
    """The oldest run that waits, or whose worker has not been heard of in time."""
    waiting = RunRow.state == RunState.QUEUED
    orphaned = (RunRow.state == RunState.RUNNING) & (RunRow.lease_until < now)
    wanted = select(RunRow).where(or_(waiting, orphaned)).order_by(RunRow.number).limit(1)
    return session.scalars(wanted).one_or_none()


def count_runs(session: Session) -> dict[str, int]:
    """How many runs there are in each state that has any."""
    counted = select(RunRow.state, func.count()).group_by(RunRow.state)
    return {str(state): int(count) for state, count in session.execute(counted)}
