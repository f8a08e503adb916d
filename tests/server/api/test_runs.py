"""Runs over HTTP: what members send and see."""

import base64
import hashlib

import pytest

from server.actions import projects
from server.actions.run_queue import claim_run, renew_lease
from server.worker.work import Pace, work
from tests.server.actions.test_runs import delivered
from tests.server.conftest import AGREEMENT

RUN_KEYS = {
    "id", "project_id", "kind", "state", "agreement_digest", "requested_by", "members", "created_at", "started_at",
    "ended_at", "progress", "result", "error",
}  # fmt: skip


@pytest.fixture
def project(sqlite_coop):
    return delivered(sqlite_coop).project.id


@pytest.fixture
def ask(client, sqlite_coop):
    """Send a request as somebody."""

    def send(method, path, who="clinic", **more):
        return client.request(method, f"/api{path}", headers=sqlite_coop.headers(who), **more)

    return send


def begin(ask, project, **body):
    answer = ask("POST", f"/projects/{project}/runs", json={"kind": "link"} | body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def work_all(coop):
    work(coop.desk, once=True, threads=1, pace=Pace(niceness=0))


def test_a_run_from_asking_to_its_link_map(ask, project, sqlite_coop):
    run = begin(ask, project)
    assert set(run) == RUN_KEYS
    assert (run["state"], run["members"], run["requested_by"]) == ("queued", ["clinic", "school", "shelter"], "clinic")
    assert ask("GET", f"/runs/{run['id']}", "clients").json() == run
    assert ask("GET", f"/projects/{project}/runs", "school").json() == [run]
    work_all(sqlite_coop)
    done = ask("GET", f"/runs/{run['id']}").json()
    assert done["state"] == "done"
    assert done["result"]["selfcheck"] == {"against": "anonlink", "agreed": True}
    answer = ask("GET", f"/runs/{run['id']}/link-map", "school")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.startswith("token,link_id\n")
    digest = base64.b64encode(hashlib.sha256(answer.content).digest()).decode()
    assert answer.headers["content-digest"] == f"sha-256=:{digest}:"


def test_answers_of_records_elsewhere_are_there_only_where_the_agreement_asks_for_them(ask, project, sqlite_coop):
    run = begin(ask, project)
    work_all(sqlite_coop)
    assert ask("GET", f"/runs/{run['id']}/link-map").status_code == 200
    answer = ask("GET", f"/runs/{run['id']}/elsewhere")
    assert (answer.status_code, answer.json()["detail"]) == (404, "there is no such list of answers")


def test_answers_of_records_elsewhere_are_of_the_members_own_records_and_the_same_each_time(ask, sqlite_coop):
    project = delivered(sqlite_coop, toml=f'equity = "randomised"\n{AGREEMENT}').project.id
    run = begin(ask, project)
    work_all(sqlite_coop)
    tokens, answers = (
        [row.split(",")[0] for row in ask("GET", f"/runs/{run['id']}/{what}").text.splitlines()[1:]]
        for what in ("link-map", "elsewhere")
    )
    assert tokens == answers
    assert len(tokens) == 10
    first, second = (ask("GET", f"/runs/{run['id']}/elsewhere").content for _ in range(2))
    assert first == second


def test_an_estimate_without_a_member(ask, project, sqlite_coop):
    run = begin(ask, project, kind="estimate", without=["school"])
    assert run["members"] == ["clinic", "shelter"]
    work_all(sqlite_coop)
    result = ask("GET", f"/runs/{run['id']}").json()["result"]
    assert set(result) == {"pairs", "seconds", "memory_mib", "how", "why"}


def test_progress_is_seen_while_it_runs(ask, project, sqlite_coop):
    run = begin(ask, project)
    _, lease = claim_run(sqlite_coop.desk, "worker")
    told = {"stage": "comparing", "done": 0.25, "seconds_left": 30.0}
    renew_lease(sqlite_coop.desk, lease, progress=told)
    seen = ask("GET", f"/runs/{run['id']}").json()
    assert (seen["state"], seen["progress"]) == ("running", told)


def test_cancelling_is_accepted_and_a_second_run_may_follow(ask, project):
    run = begin(ask, project)
    assert ask("POST", f"/projects/{project}/runs", json={"kind": "link"}).json()["rule"] == "one-run-at-a-time"
    cancelled = ask("POST", f"/runs/{run['id']}/cancel", "shelter")
    assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
    begin(ask, project)


def test_each_refusal_has_its_status_and_its_rule(ask, project, sqlite_coop):
    start = f"/projects/{project}/runs"
    left_out = {"kind": "link", "without": ["school", "clinic"]}
    refused = {
        "two-members": (409, ask("POST", start, json=left_out)),
        "role": (403, ask("POST", start, "operator", json={"kind": "link"})),
    }
    run = begin(ask, project)
    refused["finished-run"] = (409, ask("GET", f"/runs/{run['id']}/link-map"))
    projects.leave_project(sqlite_coop.desk, sqlite_coop.actors["school"], project)
    refused["still-a-member"] = (409, ask("POST", f"/runs/{run['id']}/cancel", "school"))
    for rule, (status, answer) in refused.items():
        assert (answer.status_code, answer.json()["rule"]) == (status, rule)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/runs/{id}"),
        ("POST", "/runs/{id}/cancel"),
        ("GET", "/runs/{id}/link-map"),
        ("GET", "/runs/{id}/elsewhere"),
    ],
)
def test_foreign_and_missing_runs_look_alike(ask, project, method, path):
    run = begin(ask, project)
    answers = [ask(method, path.format(id=one), "pantry") for one in (run["id"], "0" * 32)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize(
    "body", [{}, {"kind": "count"}, {"kind": "link", "without": "school"}, {"kind": "link", "who": []}]
)
def test_a_body_of_another_form_is_refused(ask, project, body):
    assert ask("POST", f"/projects/{project}/runs", json=body).status_code == 422


def test_a_name_that_is_no_members_is_refused(ask, project):
    answer = ask("POST", f"/projects/{project}/runs", json={"kind": "link", "without": ["pantry"]})
    assert (answer.status_code, answer.json()["where"]) == (422, "without")


@pytest.mark.parametrize("path", ["/api/runs/{run}", "/api/runs/{run}/link-map", "/api/projects/{project}/runs"])
def test_nothing_is_told_without_a_token(client, ask, project, path):
    run = begin(ask, project)
    assert client.get(path.format(run=run["id"], project=project)).status_code == 401
