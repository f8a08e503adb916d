"""What goes over the wire of runs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from server.api.bodies import Body, Name
from server.domain.runs import RunKind, RunState
from server.store.runs import RunRow

MOST_MEMBERS = 1000  # more names than any agreement has


class RunIn(Body):
    """A run to start; `without` names members that are left out."""

    kind: Literal[RunKind.ESTIMATE, RunKind.LINK]
    without: list[Name] = Field(default_factory=list, max_length=MOST_MEMBERS)


class ProgressOut(Body):
    """How far a run is: the stage's name, its share that is done (0 to 1), about how many seconds it has left."""

    stage: str
    done: float
    seconds_left: float | None


class RunErrorOut(Body):
    """Why a run failed."""

    what: str
    where: str
    fix: str


class RunOut(Body):
    """A run as those who take part in its project see it."""

    id: str
    project_id: str
    kind: RunKind
    state: RunState
    agreement_digest: str
    requested_by: str
    members: list[str]
    created_at: str
    started_at: str | None
    ended_at: str | None
    progress: ProgressOut | None
    result: dict[str, object] | None
    error: RunErrorOut | None

    @classmethod
    def of(cls, row: RunRow) -> RunOut:
        """The body of a row; the lease and the server's own facts stay behind."""
        return cls(
            id=row.id,
            project_id=row.project_id,
            kind=RunKind(row.kind),
            state=RunState(row.state),
            agreement_digest=row.agreement_digest,
            requested_by=row.requested_by,
            members=sorted(row.uploads),
            created_at=row.created_at,
            started_at=row.started_at,
            ended_at=row.ended_at,
            progress=ProgressOut.model_validate(row.progress) if row.progress else None,
            result=row.result,
            error=RunErrorOut.model_validate(row.error) if row.error else None,
        )
