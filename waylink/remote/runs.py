"""Runs on the server: started, watched, cancelled; and the link map of one's own records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.console import Progress
from waylink.remote.address import require_id
from waylink.remote.connection import Connection
from waylink.remote.content_digest import arrived_whole
from waylink.remote.errors import BadLinkMap, RunCancelled, RunFailed

ESTIMATE, LINK = "estimate", "link"
ACTIVE = ("queued", "running")
POLL_SECONDS = 2.0  # the server writes progress at most once a second
_LINK_MAP_SECONDS = 300.0  # the server draws the ids of this recipient before it answers
_MOST_BYTES = 4 << 30  # a link map has 66 bytes a record


@dataclass(frozen=True)
class RunProgress:
    """How far a run is: `done` from 0 to 1 of this stage, and the seconds that the server expects to be left."""

    stage: str
    done: float
    seconds_left: float | None = None


@dataclass(frozen=True)
class RunError:
    """Why a run failed."""

    what: str
    where: str = ""
    fix: str = ""


@dataclass(frozen=True)
class Run:
    """A run as the server shows it; `result` says what it came to, by kind."""

    id: str
    project_id: str
    kind: str
    state: str
    agreement_digest: str
    requested_by: str
    members: list[str]
    created_at: str
    started_at: str | None
    ended_at: str | None
    progress: RunProgress | None
    result: dict[str, Any] | None
    error: RunError | None


def start_run(connection: Connection, project: str, kind: str, without: Sequence[str] = ()) -> Run:
    """Have the server estimate or link (`ESTIMATE`, `LINK`), with these members left out."""
    body = {"kind": kind, "without": list(without)}
    return connection.request("POST", f"/api/projects/{require_id(project, 'project')}/runs", json=body).read_as(Run)


def list_runs(connection: Connection, project: str) -> list[Run]:
    """The runs of a project."""
    return connection.request("GET", f"/api/projects/{require_id(project, 'project')}/runs").read_as(list[Run])


def show_run(connection: Connection, run: str) -> Run:
    """One run."""
    return connection.request("GET", _path(run)).read_as(Run)


def cancel_run(connection: Connection, run: str) -> Run:
    """Have a run stopped; the server does it within seconds."""
    return connection.request("POST", f"{_path(run)}/cancel").read_as(Run)


def watch_run(connection: Connection, run: str, progress: Progress, sleep: Callable[[float], object]) -> Run:
    """Wait until a run has ended, whichever way; tells how far it is. Whoever stops watching does not stop the run."""
    seen = show_run(connection, run)
    while seen.state in ACTIVE:
        seen = _watch_stage(connection, seen, progress, sleep)
    return seen


def require_done(run: Run) -> Run:
    """A run that is done, for whoever goes on from its result.

    Raises:
        RunFailed, RunCancelled: it is not; says why.
    """
    if run.state == "cancelled":
        fix = "the audit log says who asked for that; start another when they agree"
        raise RunCancelled("the run was cancelled", where=run.id, fix=fix)
    if run.state == "failed":
        why = run.error or RunError("the server does not say why")
        raise RunFailed(f"the run failed: {why.what}", where=why.where or run.id, fix=why.fix)
    return run


def fetch_link_map(connection: Connection, run: str) -> bytes:
    """The link map of the caller's own member: CSV `token,link_id`.

    Raises:
        BadLinkMap: it did not arrive whole.
    """
    return _fetch_csv(connection, run, "link-map")


def fetch_elsewhere(connection: Connection, run: str) -> bytes:
    """Which records of the caller's own member are known elsewhere, as randomised answers: CSV `token,elsewhere`.

    Raises:
        BadLinkMap: it did not arrive whole.
    """
    return _fetch_csv(connection, run, "elsewhere")


def _fetch_csv(connection: Connection, run: str, what: str) -> bytes:
    with connection.stream("GET", f"{_path(run)}/{what}", seconds=_LINK_MAP_SECONDS) as answer:
        data = answer.read(_MOST_BYTES)
        if not arrived_whole(answer.headers, data):
            raise BadLinkMap("did not arrive whole: its digest is another", where=run, fix="try again")
    return data


def _path(run: str) -> str:
    return f"/api/runs/{require_id(run, 'run')}"


def _watch_stage(connection: Connection, run: Run, progress: Progress, sleep: Callable[[float], object]) -> Run:
    """Wait until a run has ended or is at another stage."""
    stage, shown = _stage(run), 0
    with progress.stage(stage, 100) as advance:
        while run.state in ACTIVE and _stage(run) == stage:
            percent = round(100 * run.progress.done) if run.progress else 0
            if percent > shown:  # a run that another worker took over may begin lower; a bar does not go back
                advance(percent - shown)
                shown = percent
            sleep(POLL_SECONDS)
            run = show_run(connection, run.id)
    return run


def _stage(run: Run) -> str:
    if run.state == "queued" or run.progress is None:
        return "waiting"
    return run.progress.stage
