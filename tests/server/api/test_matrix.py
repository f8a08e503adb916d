"""Every route, asked by everybody: who must get in gets in, nobody else does, and what is others' looks like nothing.

The table below is written by hand and apart from `server/domain/permissions.py`: a route that is missing in it fails.
"""

import random
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from server.actions import accounts, releases
from server.actions.desk import Desk
from server.actions.operation import Premises
from server.actions.uploads import begin_upload
from server.app import create_app
from server.domain.accounts import LOCAL_OPERATOR, Role, Scope
from server.domain.audit.keys import LogKey
from server.domain.uploads import DeclaredFile, Part
from server.domain.votes import Vote
from server.store.blobs import BlobFolder
from server.store.database import Database
from server.store.schema import migrate
from tests.server.conftest import AGREEMENT, Clock, SetUp, set_up
from tests.server.delivered import deliver, encodings_of
from tests.server.linked import count_all, link_by_hand
from tests.server.uploading import digest_header

# Who asks. `shelter` owns what is asked for; clinic takes part in the same project; pantry does not.
INSIDE = ("shelter", "clinic", "clients")
OUTSIDE = ("pantry",)
OTHERS = ("operator", "analyst", "auditor")
KNOWN = (*INSIDE, *OUTSIDE, *OTHERS)
UNKNOWN = ("anonymous", "expired", "revoked", "disabled", "mistyped", "basic")
NARROW = ("shelter, may only send", "operator, may only read")
EVERYBODY = (*KNOWN, *UNKNOWN, *NARROW)

PUBLIC = frozenset(EVERYBODY)
ALL = frozenset(KNOWN)
READERS = frozenset({*KNOWN, "operator, may only read"})
STEWARDS = frozenset({"shelter", "clinic", "pantry"})


@dataclass(frozen=True)
class Case:
    """A request as its rightful askers send it.

    `may`: who gets an answer under 400. `refused`: who is told 409, because of a rule that is about them or the time.
    """

    route: str
    may: frozenset[str]
    body: object = None
    refused: frozenset[str] = frozenset()
    content: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def only(*names: str) -> frozenset[str]:
    return frozenset(names)


PIECE = bytes(1 << 16)
DECLARED = {"bytes": 1 << 20, "sha256": "0" * 64}
UPLOAD = {"encodings": DECLARED, "services": DECLARED}
SENDER = "shelter, may only send"
ANOTHER = AGREEMENT.replace("2026-q4", "2027-q1")

CASES = [
    Case("GET /healthz", PUBLIC),
    Case("GET /readyz", PUBLIC),
    Case("GET /metrics", only("operator", "operator, may only read")),
    Case("GET /api/status", only("operator", "operator, may only read")),
    Case("GET /api/register", PUBLIC),
    Case("GET /api/me", frozenset({*KNOWN, *NARROW})),
    Case("GET /api/me/tokens", READERS),
    Case(
        "POST /api/me/tokens", ALL - {"shelter", "operator"}, {"scopes": ["read"]}, refused=only("shelter", "operator")
    ),
    Case("DELETE /api/tokens/{token_id}", only("shelter", "operator")),
    Case("GET /api/seats", only("operator")),
    Case("POST /api/seats", only("operator"), {"name": "library"}),
    Case("GET /api/accounts", only("operator")),
    Case("POST /api/accounts", only("operator"), {"name": "new", "role": "auditor"}),
    Case("DELETE /api/accounts/{name}", only("operator")),
    Case("POST /api/accounts/{name}/tokens", only("operator"), {}),
    Case("GET /api/projects", READERS - {"analyst", "auditor"}),
    Case("POST /api/projects", only("shelter", "clinic"), {"agreement": ANOTHER}, refused=only("pantry")),
    Case("GET /api/projects/{project_id}", only(*INSIDE, "operator", "operator, may only read")),
    Case("GET /api/projects/{project_id}/agreement", only(*INSIDE, "operator", "operator, may only read")),
    Case("PUT /api/projects/{project_id}/agreement", only("shelter", "clinic"), {"agreement": AGREEMENT}),
    Case(
        "POST /api/projects/{project_id}/votes",
        frozenset(),
        {"agreement_digest": "0" * 64, "vote": "approve"},
        refused=only(*INSIDE),
    ),
    Case("POST /api/projects/{project_id}/leave", only(*INSIDE)),
    Case("POST /api/projects/{project_id}/close", only("shelter", "clinic")),
    Case("GET /api/projects/{project_id}/uploads", only("shelter", "clinic")),
    Case(
        "POST /api/projects/{project_id}/uploads",
        only("shelter", "clinic", SENDER),
        UPLOAD,
        headers={"Idempotency-Key": "another"},
    ),
    Case("GET /api/uploads/{upload_id}", only("shelter")),
    Case("DELETE /api/uploads/{upload_id}", only("shelter", SENDER)),
    Case("POST /api/uploads/{upload_id}/complete", frozenset(), refused=only("shelter", SENDER)),
    Case(
        "PATCH /api/uploads/{upload_id}/parts/{part}",
        only("shelter", SENDER),
        content=PIECE,
        headers={"Upload-Offset": "0", "Content-Digest": digest_header(PIECE)},
    ),
    Case("POST /api/projects/{project_id}/withdrawals", only("shelter", "clinic", SENDER), {"tokens": ["0" * 32]}),
    Case("GET /api/projects/{project_id}/runs", only(*INSIDE, "operator", "operator, may only read")),
    Case("POST /api/projects/{project_id}/runs", only("shelter", "clinic"), {"kind": "link"}),
    Case("GET /api/runs/{run_id}", only(*INSIDE, "operator", "operator, may only read")),
    Case("POST /api/runs/{run_id}/cancel", frozenset(), refused=only("shelter", "clinic")),
    Case("GET /api/runs/{run_id}/link-map", only("shelter", "clinic")),
    Case("GET /api/runs/{run_id}/elsewhere", only("shelter", "clinic")),
    Case("GET /api/releases", only(*INSIDE, *OUTSIDE, "analyst")),
    Case("POST /api/projects/{project_id}/releases", only("shelter", "clinic"), {"run": "{run_id}"}),
    Case("GET /api/releases/{release_id}", only(*INSIDE, "analyst")),
    Case("GET /api/releases/{release_id}/archive", only(*INSIDE, "analyst")),
    Case(
        "POST /api/releases/{release_id}/reviews",
        frozenset(),
        {"manifest_sha256": "0" * 64, "vote": "approve"},
        refused=only(*INSIDE),
    ),
    Case("POST /api/releases/{release_id}/publish", frozenset(), refused=only("shelter", "clinic")),
    Case("POST /api/releases/{release_id}/withdraw", only("shelter", "clinic")),
    Case("GET /api/audit/head", READERS - {"analyst"}),
    Case("GET /api/audit/export", READERS - {"analyst"}),
    Case("GET /api/audit/consistency", READERS - {"analyst"}),
    Case("GET /api/audit/inclusion", READERS - {"analyst"}),
]
QUERIES = {"/api/audit/consistency": "?first=1", "/api/audit/inclusion": "?event=1"}


@dataclass(frozen=True)
class World:
    """A server that is set up, on disk; each request is asked of a copy of it."""

    folder: Path
    ids: dict[str, str]
    headers: dict[str, dict[str, str]]

    @contextmanager
    def ask(self, scratch: Path) -> Iterator[TestClient]:
        shutil.copytree(self.folder, scratch)
        desk = desk_in(scratch)
        with TestClient(create_app(desk, Premises(scratch)), raise_server_exceptions=False) as client:
            yield client
        desk.database.close()


def desk_in(folder: Path) -> Desk:
    chance = random.Random(str(folder)).randbytes  # noqa: S311 (no secret: a test)
    database = Database(f"sqlite:///{folder / 'waylink.db'}")
    clock = Clock()
    clock.wait(days=2)  # one token has expired by now
    return Desk(database, BlobFolder(folder, chance), clock, chance, LogKey(bytes(32)))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world") / "data"
    folder.mkdir()
    desk = desk_in(folder)
    desk.clock.wait(days=-2)
    migrate(desk.database)
    coop = set_up(desk)
    headers = {name: coop.headers(name) for name in KNOWN} | strangers(desk, coop)
    view = coop.approved()
    project = view.project.id
    run, _ = link_by_hand(coop, view.agreement, project)
    release = published(coop, project, run)
    for encodings in encodings_of(view.agreement, view.agreement.members, people=10).values():
        deliver(desk, view, encodings)
    file = DeclaredFile(1 << 20, "0" * 64)
    upload, _ = begin_upload(desk, coop.actors["shelter"], project, "one", dict.fromkeys(Part, file))
    token = coop.actors["shelter"].token
    ids = {"project_id": project, "name": "auditor", "token_id": token, "upload_id": upload.id, "part": "encodings"}
    ids |= {"run_id": run, "release_id": release}
    desk.database.close()
    return World(folder, ids, headers)


def published(coop: SetUp, project: str, run: str) -> str:
    """A release that the shelter proposed, that is reviewed and published, and that the analyst may read."""
    proposed = releases.propose_release(coop.desk, coop.actors["shelter"], project, run, ["analyst"])
    count_all(coop)
    release = proposed.release.id
    seen = releases.show_release(coop.desk, coop.actors["shelter"], release).release.manifest_sha256
    for seat in ("clinic", "clients", "school"):
        releases.review_release(coop.desk, coop.actors[seat], release, seen, Vote.APPROVE)
    releases.publish_release(coop.desk, coop.actors["clinic"], release)
    return release


def strangers(desk: Desk, coop: SetUp) -> dict[str, dict[str, str]]:
    """Those who have no token that works, and those whose token is for something else."""
    given = {}
    for name in ("expired", "revoked", "disabled"):
        coop.add(name, Role.STEWARD, "shelter")
        if name == "expired":
            accounts.revoke_token(desk, LOCAL_OPERATOR, coop.actors[name].token)
            short = accounts.issue_token(desk, LOCAL_OPERATOR, name, days=1)
            coop.tokens[name] = short.text.reveal()
        given[name] = coop.headers(name)
    accounts.revoke_token(desk, LOCAL_OPERATOR, coop.actors["revoked"].token)
    accounts.disable_account(desk, LOCAL_OPERATOR, "disabled")
    token = coop.tokens["shelter"]
    given["mistyped"] = {"Authorization": f"Bearer {token[:-1]}{'a' if token[-1] != 'a' else 'b'}"}
    given["basic"] = {"Authorization": "Basic c2hlbHRlcjpzaGVsdGVy"}
    given["anonymous"] = {}
    for owner, scope in (("shelter", Scope.SEND), ("operator", Scope.READ)):
        narrow = accounts.issue_token(desk, LOCAL_OPERATOR, owner, [scope]).text.reveal()
        given[f"{owner}, may only {scope}"] = {"Authorization": f"Bearer {narrow}"}
    return given


def request(client: TestClient, case: Case, ids: dict[str, str], headers: dict[str, str]):
    method, template = case.route.split(" ")
    url = template.format(**ids) + QUERIES.get(template, "")
    body = case.body if not isinstance(case.body, dict) else {key: _filled(one, ids) for key, one in case.body.items()}
    return client.request(method, url, json=body, content=case.content, headers={**headers, **case.headers})


def _filled(value: object, ids: dict[str, str]) -> object:
    return value.format(**ids) if value == "{run_id}" else value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.route)
def test_exactly_those_who_may_get_in(world, tmp_path, case):
    for who in EVERYBODY:
        with world.ask(tmp_path / who) as client:
            status = request(client, case, world.ids, world.headers[who]).status_code
        if who in case.may:
            assert status < 300, (who, status)
        elif who in case.refused:
            assert status == 409, (who, status)
        elif who in UNKNOWN:
            assert status == 401, (who, status)
        else:
            assert status in {403, 404}, (who, status)


@pytest.mark.parametrize("case", [case for case in CASES if "{" in case.route], ids=lambda case: case.route)
def test_what_is_others_looks_like_what_is_not_there(world, tmp_path, case):
    nowhere = dict.fromkeys(world.ids, "0" * 32) | {"name": "nobody", "part": "encodings"}
    hidden_from = [who for who in KNOWN if who not in case.may | case.refused]
    for who in hidden_from:
        with world.ask(tmp_path / who) as client:
            foreign = request(client, case, world.ids, world.headers[who])
            missing = request(client, case, nowhere, world.headers[who])
        assert (foreign.status_code, foreign.json()) == (missing.status_code, missing.json()), who


def test_no_route_is_missing_in_the_table(sqlite_desk):
    paths = create_app(sqlite_desk).openapi()["paths"]
    there = {f"{method.upper()} {path}" for path, operations in paths.items() for method in operations}
    assert there == {case.route for case in CASES}
