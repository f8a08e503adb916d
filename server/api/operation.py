"""Routes for whoever runs the server: is it up, is it ready, how is it doing."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from server.actions.operation import Premises, Status, check_readiness, show_status
from server.api.access import TheActor, TheDesk
from server.api.bodies import Body
from server.api.metrics import MEDIA_TYPE, Metrics
from server.api.one_hop import OneHop, in_a_thread
from server.domain.errors import NotFound
from server.domain.runs import RunState

router = APIRouter(tags=["operation"], route_class=OneHop)


class HealthOut(Body):
    """The process is up."""

    up: bool = True


class ReadyOut(Body):
    """Whether the server can do its work, and what of it it can."""

    ready: bool
    checks: dict[str, bool]


class QueueOut(Body):
    """How many runs wait, and how many are under way."""

    queued: int
    running: int


class StatusOut(Body):
    """How the server is doing."""

    version: str
    schema_revision: str
    queue: QueueOut
    disk_free_bytes: int
    data_bytes: int
    workers: int
    backup_age_seconds: int | None

    @classmethod
    def of(cls, status: Status) -> StatusOut:
        """The body of a status."""
        return cls(
            version=status.version,
            schema_revision=status.schema,
            queue=QueueOut(queued=status.runs[RunState.QUEUED], running=status.runs[RunState.RUNNING]),
            disk_free_bytes=status.disk_free_bytes,
            data_bytes=status.data_bytes,
            workers=status.workers,
            backup_age_seconds=None if status.backup_age is None else round(status.backup_age),
        )


async def premises_of(request: Request) -> Premises | None:
    """Where the app's server stands; None for an app without one."""
    premises: Premises | None = request.app.state.premises
    return premises


ThePremises = Annotated[Premises | None, Depends(premises_of)]


@in_a_thread
def status_of_server(desk: TheDesk, actor: TheActor, premises: ThePremises) -> Status:
    """How the server is doing, for an operator's token."""
    if premises is None:
        raise NotFound("data folder")
    return show_status(desk, actor, premises)


TheStatus = Annotated[Status, Depends(status_of_server)]


@router.get("/healthz")
def healthz() -> HealthOut:
    """The process is up."""
    return HealthOut()


@router.get("/readyz", responses={HTTPStatus.SERVICE_UNAVAILABLE: {"model": ReadyOut}})
def readyz(desk: TheDesk, premises: ThePremises, response: Response) -> ReadyOut:
    """Whether the server can do its work: database, schema, room on the disk, a worker that lives."""
    checks = check_readiness(desk, premises)
    ready = all(checks.values())
    response.status_code = HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE
    return ReadyOut(ready=ready, checks=checks)


@router.get("/api/status")
def see_status(status: TheStatus) -> StatusOut:
    """How the server is doing, for the operator."""
    return StatusOut.of(status)


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(request: Request, status: TheStatus) -> Response:
    """Figures for Prometheus; needs an operator's token."""
    figures: Metrics = request.app.state.metrics
    return Response(figures.page(status), media_type=MEDIA_TYPE)
