"""What goes over the wire of runs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal

from pydantic import Field

from server.actions.runs import RunView
from server.api.bodies import Body, Name
from server.domain.runs import RunKind, RunState

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
    def of(cls, view: RunView) -> RunOut:
        """The body of a view."""
        return cls.model_validate(asdict(view))
