"""Routes: releases, their reviews, their archives."""

from __future__ import annotations

import base64

from fastapi import APIRouter, Response, status

from server.actions import releases
from server.api.access import TheActor, TheDesk
from server.api.bodies import Id
from server.api.one_hop import OneHop
from server.api.release_bodies import ReleaseIn, ReleaseOut, ReviewIn

router = APIRouter(prefix="/api", tags=["releases"], route_class=OneHop)

_ZIP = "application/zip"


@router.post("/projects/{project_id}/releases", status_code=status.HTTP_201_CREATED)
def propose_release(desk: TheDesk, actor: TheActor, project_id: Id, body: ReleaseIn) -> ReleaseOut:
    """Propose a release of a linking run: its tables are counted first, then the other seats review it."""
    view = releases.propose_release(desk, actor, project_id, body.run, body.readers, body.tables)
    return ReleaseOut.of(view)


@router.get("/releases")
def list_releases(desk: TheDesk, actor: TheActor) -> list[ReleaseOut]:
    """The releases that the caller may see."""
    return [ReleaseOut.of(view) for view in releases.list_releases(desk, actor)]


@router.get("/releases/{release_id}")
def show_release(desk: TheDesk, actor: TheActor, release_id: Id) -> ReleaseOut:
    """One release."""
    return ReleaseOut.of(releases.show_release(desk, actor, release_id))


@router.post("/releases/{release_id}/reviews")
def review_release(desk: TheDesk, actor: TheActor, release_id: Id, body: ReviewIn) -> ReleaseOut:
    """Approve or decline the files that were read."""
    return ReleaseOut.of(releases.review_release(desk, actor, release_id, body.manifest_sha256, body.vote))


@router.post("/releases/{release_id}/publish")
def publish_release(desk: TheDesk, actor: TheActor, release_id: Id) -> ReleaseOut:
    """Let the named analysts read an approved release."""
    return ReleaseOut.of(releases.publish_release(desk, actor, release_id))


@router.post("/releases/{release_id}/withdraw")
def withdraw_release(desk: TheDesk, actor: TheActor, release_id: Id) -> ReleaseOut:
    """Take a release back."""
    return ReleaseOut.of(releases.withdraw_release(desk, actor, release_id))


@router.get(
    "/releases/{release_id}/archive",
    response_class=Response,
    responses={200: {"content": {_ZIP: {}}, "description": "manifest.json, tables/, charts/, report.html"}},
)
def fetch_archive(desk: TheDesk, actor: TheActor, release_id: Id) -> Response:
    """The release's files as one zip; `Content-Digest` (RFC 9530) proves it whole."""
    archive, sha256 = releases.read_archive(desk, actor, release_id)
    digest = base64.b64encode(bytes.fromhex(sha256)).decode()
    return Response(archive, media_type=_ZIP, headers={"Content-Digest": f"sha-256=:{digest}:"})
