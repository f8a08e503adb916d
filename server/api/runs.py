"""Routes: runs of a project, and the caller's own link map."""

from __future__ import annotations

import base64
import hashlib

from fastapi import APIRouter, Response, status

from server.actions import runs
from server.api.access import TheActor, TheDesk
from server.api.bodies import Id
from server.api.one_hop import OneHop
from server.api.run_bodies import RunIn, RunOut

router = APIRouter(prefix="/api", tags=["runs"], route_class=OneHop)


@router.post("/projects/{project_id}/runs", status_code=status.HTTP_201_CREATED)
def start_run(desk: TheDesk, actor: TheActor, project_id: Id, body: RunIn) -> RunOut:
    """Ask for an estimate or for linking; a worker takes it up."""
    return RunOut.of(runs.start_run(desk, actor, project_id, body.kind, without=body.without))


@router.get("/projects/{project_id}/runs")
def list_runs(desk: TheDesk, actor: TheActor, project_id: Id) -> list[RunOut]:
    """The runs of a project, oldest first."""
    return [RunOut.of(run) for run in runs.list_runs(desk, actor, project_id)]


@router.get("/runs/{run_id}")
def show_run(desk: TheDesk, actor: TheActor, run_id: Id) -> RunOut:
    """One run: how far it is, or what it found."""
    return RunOut.of(runs.show_run(desk, actor, run_id))


@router.post("/runs/{run_id}/cancel", status_code=status.HTTP_202_ACCEPTED)
def cancel_run(desk: TheDesk, actor: TheActor, run_id: Id) -> RunOut:
    """Have a run ended: at once while it waits, within seconds while it runs."""
    return RunOut.of(runs.cancel_run(desk, actor, run_id))


@router.get(
    "/runs/{run_id}/link-map",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "token,link_id"}},
)
def fetch_link_map(desk: TheDesk, actor: TheActor, run_id: Id) -> Response:
    """The link map of the caller's own member: `token,link_id`, with its digest (RFC 9530)."""
    return _csv(runs.fetch_link_map(desk, actor, run_id))


@router.get(
    "/runs/{run_id}/elsewhere",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "token,elsewhere"}},
)
def fetch_elsewhere(desk: TheDesk, actor: TheActor, run_id: Id) -> Response:
    """Which records of the caller's own member are known elsewhere, each answer turned with a chance of one in four.

    Only where the agreement says `equity = "randomised"`; `token,elsewhere`, with its digest (RFC 9530).
    """
    return _csv(runs.fetch_elsewhere(desk, actor, run_id))


def _csv(data: bytes) -> Response:
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    return Response(data, media_type="text/csv", headers={"Content-Digest": f"sha-256=:{digest}:"})
