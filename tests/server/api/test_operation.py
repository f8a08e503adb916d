"""Health, readiness, metrics, and what stands around every answer."""

import asyncio
import io
import json
import logging
import os
import re
import time

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from server.actions.operation import FRESH_SECONDS, HEARTBEATS, Premises, beat
from server.api.bounded_body import LARGEST_BODY
from server.app import create_app
from server.premises.logs import set_up_logs

PIECE = 1 << 16


@pytest.fixture
def premises(data_folder):
    return Premises(data_folder, workers=1)


def asking(coop, premises) -> TestClient:
    app = create_app(coop.desk, premises)
    _break_on_request(app)
    return TestClient(app, raise_server_exceptions=False)


def _break_on_request(app: FastAPI) -> None:
    @app.get("/api/break/{name}")
    def breaks(name: str) -> None:
        raise ValueError(name)


@pytest.fixture
def client(sqlite_coop, premises):
    with asking(sqlite_coop, premises) as client:
        yield client


def figures(client, coop) -> dict[str, float]:
    page = client.get("/metrics", headers=coop.headers("operator")).text
    found = [line.rpartition(" ") for line in page.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in found}


def test_a_server_with_a_living_worker_is_ready(client, premises):
    assert client.get("/readyz").status_code == 503
    beat(premises.folder, "worker-1")
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "checks": {"database": True, "schema": True, "disk": True, "worker": True},
    }


def test_a_worker_that_was_not_heard_of_for_a_minute_does_not_count(client, premises):
    beat(premises.folder, "worker-1")
    old = time.time() - FRESH_SECONDS - 1
    os.utime(premises.folder / HEARTBEATS / "worker-1", (old, old))
    assert client.get("/readyz").json()["checks"]["worker"] is False


def test_a_server_that_is_to_have_no_worker_is_ready_without(sqlite_coop, data_folder):
    with asking(sqlite_coop, Premises(data_folder, workers=0)) as client:
        assert client.get("/readyz").status_code == 200


def test_too_little_room_is_not_ready(sqlite_coop, data_folder):
    with asking(sqlite_coop, Premises(data_folder, disk_floor=1 << 62)) as client:
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["disk"]) == (503, False)


def test_another_schema_is_not_ready(client, sqlite_coop):
    with sqlite_coop.desk.database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    assert client.get("/readyz").json()["checks"] == {
        "database": True,
        "schema": False,
        "disk": True,
        "worker": False,
    }
    assert client.get("/healthz").json() == {"up": True}


def test_a_database_that_is_gone_is_not_ready(client, sqlite_coop, tmp_path):
    sqlite_coop.desk.database.close()
    (tmp_path / "only.db").write_bytes(b"no database at all, but long enough to be looked at" * 99)
    assert client.get("/readyz").json()["checks"]["database"] is False


def test_status_is_the_operators(client, sqlite_coop):
    answer = client.get("/api/status", headers=sqlite_coop.headers("operator")).json()
    assert answer["queue"] == {"queued": 0, "running": 0}
    assert answer["disk_free_bytes"] > 0
    assert answer["backup_age_seconds"] is None
    assert client.get("/api/status", headers=sqlite_coop.headers("shelter")).status_code == 403


def test_metrics_count_by_route_and_not_by_what_was_asked(client, sqlite_coop):
    project = sqlite_coop.approved().project.id
    client.get(f"/api/projects/{project}", headers=sqlite_coop.headers("shelter"))
    client.request("INVENTED", f"/nowhere/{project}")
    found = figures(client, sqlite_coop)
    assert found['waylink_requests_total{method="GET",route="/api/projects/{project_id}",status="200"}'] == 1
    assert found['waylink_requests_total{method="other",route="none",status="404"}'] == 1
    assert not [name for name in found if project in name or "INVENTED" in name]
    assert found['waylink_runs{state="done"}'] == 0
    assert found["waylink_queue_length"] == 0
    assert found["waylink_disk_free_bytes"] > 0


def test_two_apps_do_not_share_their_figures(client, sqlite_coop, premises):
    client.get("/healthz")
    with asking(sqlite_coop, premises) as other:
        assert not [name for name in figures(other, sqlite_coop) if "/healthz" in name]


@pytest.mark.parametrize("path", ["/healthz", "/api/me", "/nowhere", "/api/break/x"])
def test_every_answer_has_the_headers_and_an_id_of_its_own(client, path):
    first, second = client.get(path), client.get(path)
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    assert first.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in first.headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in first.headers
    assert "server" not in first.headers
    assert re.fullmatch(r"[0-9a-f]{16}", first.headers["X-Request-ID"])
    assert first.headers["X-Request-ID"] != second.headers["X-Request-ID"]


def test_a_request_cannot_choose_its_id(client):
    assert client.get("/healthz", headers={"X-Request-ID": "mine"}).headers["X-Request-ID"] != "mine"


def test_where_clients_come_by_tls_they_are_told_to_stay_with_it(sqlite_coop, data_folder):
    with asking(sqlite_coop, Premises(data_folder, https=True)) as client:
        assert client.get("/healthz").headers["Strict-Transport-Security"].startswith("max-age=")


def test_a_body_that_is_too_long_is_not_taken(client, sqlite_coop):
    headers = sqlite_coop.headers("operator")
    assert client.post("/api/seats", headers=headers, content=b" " * LARGEST_BODY).status_code == 422
    answer = client.post("/api/seats", headers=headers, content=b" " * (LARGEST_BODY + 1))
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_body_of_unknown_length_is_read_no_further_than_the_limit(client, sqlite_coop):
    taken, answered = 0, []

    async def receive():
        nonlocal taken
        taken += PIECE
        return {"type": "http.request", "body": b" " * PIECE, "more_body": True}

    async def send(message):
        answered.append(message)

    authorization = sqlite_coop.headers("operator")["Authorization"].encode()
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/seats",
        "query_string": b"",
        "headers": [(b"authorization", authorization)],
    }
    asyncio.run(client.app(scope, receive, send))
    assert answered[0]["status"] == 413
    assert taken == LARGEST_BODY + PIECE


def ask_slowly(app, headers):
    """Ask with a body that never ends; gives back what was answered."""
    answered = []

    async def receive():
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def send(message):
        answered.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/seats",
        "query_string": b"",
        "headers": [(b"transfer-encoding", b"chunked"), *headers],
    }
    asyncio.run(asyncio.wait_for(app(scope, receive, send), 30))
    return answered


@pytest.mark.parametrize(("who", "status"), [("operator", 408), ("nobody", 401)])
def test_a_body_that_takes_too_long_is_waited_for_no_longer(client, sqlite_coop, monkeypatch, who, status):
    monkeypatch.setattr("server.api.bounded_body.BODY_SECONDS", 0.1)
    authorization = sqlite_coop.headers(who)["Authorization"] if who != "nobody" else ""
    answered = ask_slowly(client.app, [(b"authorization", authorization.encode())])
    assert answered[0]["status"] == status
    assert (b"connection", b"close") in answered[0]["headers"]
    assert json.loads(answered[1]["body"])["status"] == status


def test_of_a_caller_without_a_token_no_body_reaches_the_program(client, monkeypatch):
    def seen(*_):
        raise AssertionError

    monkeypatch.setattr("starlette.requests.Request.body", seen)
    monkeypatch.setattr("starlette.requests.Request.json", seen)
    answer = client.post("/api/seats", content=b"{" * 100_000, headers={"Authorization": "Bearer waylink_no_token"})
    assert answer.status_code == 401
    assert "Connection" not in answer.headers  # all of it was let run by
    too_long = client.post("/api/seats", content=b" " * (LARGEST_BODY + 1))
    assert (too_long.status_code, too_long.headers["Connection"]) == (401, "close")


def test_a_fault_of_the_program_is_answered_and_logged_without_its_text(client, sqlite_coop):
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    set_up_logs("info", stream)
    try:
        answer = client.get("/api/break/Zebulonius?token=Vandersmoot", headers=sqlite_coop.headers("shelter"))
    finally:
        root.handlers[:], root.level = handlers, level
    assert answer.status_code == 500
    assert answer.json()["type"] == "urn:waylink:problem:Unexpected"
    said = answer.text + stream.getvalue()
    broke, request = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (broke["event"], broke["error"]) == ("request.broke", "ValueError")
    assert request["route"] == "/api/break/{name}"
    assert broke["request_id"] == request["request_id"] == answer.headers["X-Request-ID"]
    for word in ("Zebulonius", "Vandersmoot", sqlite_coop.tokens["shelter"]):
        assert word not in said


def test_a_request_is_logged_with_the_account_and_nothing_else_of_it(client, sqlite_coop):
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    set_up_logs("info", stream)
    try:
        client.post("/api/seats?x=Vandersmoot", headers=sqlite_coop.headers("operator"), json={"name": "Zebulonius"})
    finally:
        root.handlers[:], root.level = handlers, level
    line = json.loads(stream.getvalue())
    assert line.keys() == {"time", "level", "event", "request_id", "method", "route", "status", "ms", "account"}
    assert (line["method"], line["route"], line["status"]) == ("POST", "/api/seats", 201)
    assert line["account"] == sqlite_coop.actors["operator"].account
    for word in ("Zebulonius", "Vandersmoot", sqlite_coop.tokens["operator"]):
        assert word not in stream.getvalue()
