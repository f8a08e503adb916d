"""Releases on the server: proposed from a run, reviewed, published, withdrawn, downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from waylink.remote.address import require_id
from waylink.remote.connection import Connection
from waylink.remote.content_digest import arrived_whole
from waylink.remote.errors import BadRelease
from waylink.remote.release_archive import MOST_BYTES, ReleaseFiles, open_archive

RELEASES = "/api/releases"


@dataclass(frozen=True)
class Release:
    """A release as the server shows it to the caller; `votes` is None until every reviewer has voted."""

    id: str
    project_id: str
    title: str
    run: str
    count_run: str
    state: str
    ready: bool
    proposer: str
    readers: list[str]
    tables: list[Any]
    reviewers: int
    reviews_cast: int
    own_vote: str | None
    votes: dict[str, str] | None
    manifest_sha256: str | None
    created_at: str
    decided_at: str | None
    published_at: str | None
    withdrawn_at: str | None
    waiting_for: list[str] = field(default_factory=list)
    review_until: str | None = None


def propose_release(
    connection: Connection, project: str, run: str, readers: Sequence[str], tables: Sequence[str] = ()
) -> Release:
    """Propose to publish the tables of a linking run (or only these), to be read by these analysts' accounts."""
    body: dict[str, object] = {"run": require_id(run, "run"), "readers": list(readers)}
    if tables:
        body["tables"] = list(tables)
    path = f"/api/projects/{require_id(project, 'project')}/releases"
    return connection.request("POST", path, json=body).read_as(Release)


def list_releases(connection: Connection) -> list[Release]:
    """The releases that the caller may see."""
    return connection.request("GET", RELEASES).read_as(list[Release])


def show_release(connection: Connection, release: str) -> Release:
    """One release."""
    return connection.request("GET", _path(release)).read_as(Release)


def download_release(connection: Connection, release: str) -> ReleaseFiles:
    """A release's files, proved: as they were sent, as their manifest says, and of the manifest that is reviewed.

    Raises:
        BadRelease: they are not; see `release_archive.open_archive`.
    """
    known = show_release(connection, release).manifest_sha256
    with connection.stream("GET", f"{_path(release)}/archive") as answer:
        data = answer.read(MOST_BYTES)
        if not arrived_whole(answer.headers, data):
            raise BadRelease("did not arrive whole: its digest is another", where=release, fix="try again")
    files = open_archive(data)
    if files.manifest_sha256 != known:
        raise BadRelease(
            "has another manifest than the server shows to the reviewers",
            where=release,
            fix="vote on nothing; tell the other members",
        )
    return files


def review_release(connection: Connection, release: str, manifest_sha256: str, vote: str) -> Release:
    """Vote (`approve`, `decline`) on the files whose manifest has that digest."""
    body = {"manifest_sha256": manifest_sha256, "vote": vote}
    return connection.request("POST", f"{_path(release)}/reviews", json=body).read_as(Release)


def publish_release(connection: Connection, release: str) -> Release:
    """Let the named analysts read an approved release."""
    return connection.request("POST", f"{_path(release)}/publish").read_as(Release)


def withdraw_release(connection: Connection, release: str) -> Release:
    """Take a release back."""
    return connection.request("POST", f"{_path(release)}/withdraw").read_as(Release)


def _path(release: str) -> str:
    return f"{RELEASES}/{require_id(release, 'release')}"
