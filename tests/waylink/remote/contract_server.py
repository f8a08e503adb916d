"""A small server of runs and releases that follows the API's contract and computes nothing: what a test puts in it."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request, Response

from waylink.remote.content_digest import content_digest

PROJECT, RUN, RELEASE = "a" * 32, "b" * 32, "c" * 32
NOW = "2026-11-23T12:00:00Z"


def run_body(**changes: object) -> dict[str, Any]:
    body = dict.fromkeys(("started_at", "ended_at", "progress", "result", "error"))
    fixed = {"id": RUN, "project_id": PROJECT, "kind": "link", "state": "queued", "agreement_digest": "0" * 64}
    return body | fixed | {"requested_by": "clinic", "members": ["clinic", "school"], "created_at": NOW} | changes


def running(stage: str, done: float, seconds_left: float | None = None) -> dict[str, Any]:
    return run_body(state="running", progress={"stage": stage, "done": done, "seconds_left": seconds_left})


def release_body(**changes: object) -> dict[str, Any]:
    body = dict.fromkeys(("own_vote", "votes", "manifest_sha256", "decided_at", "published_at", "withdrawn_at"))
    fixed = {"id": RELEASE, "project_id": PROJECT, "title": "Pathways", "run": RUN, "count_run": "d" * 32}
    state = {
        "state": "proposed",
        "ready": True,
        "proposer": "school",
        "readers": ["analyst"],
        "tables": ["set_pathway"],
    }
    return body | fixed | state | {"reviewers": 3, "reviews_cast": 0, "created_at": NOW} | changes


def manifest_of(files: Mapping[str, bytes]) -> dict[str, Any]:
    """A manifest of the right form for these files."""
    return {
        "format": "waylink-release",
        "format_version": "2",
        "schema": "urn:waylink:release-manifest:2",
        "agreement": {"digest": "0" * 64, "project": "P", "purpose": "p", "run": "1", "members": ["a", "b"]},
        "parameters": {"policy": "cms11", "minimum_cell": 11, "data_level": "membership", "unit": "none"}
        | {"state": "member", "window_start": None, "window_end": None, "as_of": None},
        "approvals": [],
        "members": [],
        "facts": {"waylink_version": "0", "run_digest": "0"},
        "warnings": [],
        "tables": [],
        "files": {
            name: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)} for name, data in files.items()
        },
        "checked": ["x"],
        "not_checked": ["y"],
    }


def zip_of(files: Mapping[str, bytes], manifest: Mapping[str, Any] | None = None) -> bytes:
    """A release's archive: the files and their manifest, or another one."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        archive.writestr("manifest.json", json.dumps(manifest or manifest_of(files)))
    return data.getvalue()


def manifest_sha256(archive: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return hashlib.sha256(opened.read("manifest.json")).hexdigest()


@dataclass
class ContractServer:
    """What it holds and what it was asked.

    Attributes:
        runs: the answers to the next looks at the run; the last stays.
        link_map, archive: the bytes given out, and `digest`: the header beside them (None: the right one).
        release: the release as it is shown.
        asked: method, path and JSON body of every request that changes something.
    """

    runs: list[dict[str, Any]] = field(default_factory=lambda: [run_body()])
    link_map: bytes = b"token,link_id\n"
    archive: bytes = b""
    elsewhere: bytes = b"token,elsewhere\n" + b"00" * 16 + b",1\n"
    digest: str | None = None
    release: dict[str, Any] = field(default_factory=release_body)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)

    def app(self) -> FastAPI:
        app = FastAPI()
        app.add_api_route("/api/{path:path}", self._answer, methods=["GET", "POST"])
        return app

    async def _answer(self, path: str, request: Request) -> Any:
        if request.method == "POST":
            body = await request.body()
            self.asked.append((request.method, path, json.loads(body) if body else None))
        files = {"link-map": self.link_map, "archive": self.archive, "elsewhere": self.elsewhere}
        if (data := files.get(path.rpartition("/")[2])) is not None:
            return Response(data, headers={"Content-Digest": self.digest or content_digest(data)})
        listed = request.method == "GET" and path.endswith(("/runs", "releases"))
        if "runs" in path:
            one = self.runs.pop(0) if len(self.runs) > 1 and request.method == "GET" else self.runs[0]
        else:
            one = self.release
        return [one] if listed else one
