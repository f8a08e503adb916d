"""Releases over HTTP: the bodies that are promised, and the statuses."""

import base64
import hashlib
import io
import zipfile

import pytest

from tests.server.linked import count_all, link_by_hand

FIELDS = {
    "id", "project_id", "title", "run", "count_run", "state", "ready", "proposer", "readers", "tables", "reviewers",
    "reviews_cast", "own_vote", "votes", "waiting_for", "review_until", "manifest_sha256", "created_at", "decided_at",
    "published_at", "withdrawn_at",
}  # fmt: skip


@pytest.fixture
def proposed(client, sqlite_coop) -> dict:
    """A release that is counted, as its proposer sees it."""
    view = sqlite_coop.approved()
    run, _ = link_by_hand(sqlite_coop, view.agreement, view.project.id)
    body = {"run": run, "readers": ["analyst"]}
    made = client.post(f"/api/projects/{view.project.id}/releases", json=body, headers=sqlite_coop.headers("shelter"))
    assert made.status_code == 201, made.text
    count_all(sqlite_coop)
    return client.get(f"/api/releases/{made.json()['id']}", headers=sqlite_coop.headers("shelter")).json()


def manifest_sha256(archive: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
        return hashlib.sha256(zipped.read("manifest.json")).hexdigest()


def test_a_release_goes_from_its_proposal_to_its_reader(client, sqlite_coop, proposed):
    release = f"/api/releases/{proposed['id']}"
    assert (proposed["state"], proposed["ready"], proposed.keys()) == ("proposed", True, FIELDS)
    for seat in ("clients", "clinic", "school"):
        headers = sqlite_coop.headers(seat)
        seen = manifest_sha256(client.get(f"{release}/archive", headers=headers).content)
        body = {"manifest_sha256": seen, "vote": "approve"}
        reviewed = client.post(f"{release}/reviews", json=body, headers=headers).json()
        assert reviewed["own_vote"] == "approve"
        assert (reviewed["votes"] is None) == (seat != "school")
    published = client.post(f"{release}/publish", headers=sqlite_coop.headers("clinic")).json()
    assert published["state"] == "published"
    reader = sqlite_coop.headers("analyst")
    assert [one["id"] for one in client.get("/api/releases", headers=reader).json()] == [proposed["id"]]
    assert client.get(f"{release}/archive", headers=reader).status_code == 200
    assert len(client.get("/api/register").json()[0]["releases"]) == 1
    assert client.post(f"{release}/withdraw", headers=sqlite_coop.headers("school")).json()["state"] == "withdrawn"
    assert client.get(release, headers=reader).status_code == 404
    assert client.get("/api/register").json()[0]["releases"] == []


def test_an_archive_comes_with_its_digest(client, sqlite_coop, proposed):
    fetched = client.get(f"/api/releases/{proposed['id']}/archive", headers=sqlite_coop.headers("clinic"))
    digest = base64.b64encode(hashlib.sha256(fetched.content).digest()).decode()
    assert fetched.headers["content-type"] == "application/zip"
    assert fetched.headers["content-digest"] == f"sha-256=:{digest}:"


def test_a_refusal_names_its_rule(client, sqlite_coop, proposed):
    body = {"manifest_sha256": proposed["manifest_sha256"], "vote": "approve"}
    answer = client.post(f"/api/releases/{proposed['id']}/reviews", json=body, headers=sqlite_coop.headers("shelter"))
    assert (answer.status_code, answer.json()["rule"]) == (409, "proposer-does-not-review")


@pytest.mark.parametrize("body", [
    {}, {"vote": "approve"}, {"manifest_sha256": "0" * 63, "vote": "approve"},
    {"manifest_sha256": "0" * 64, "vote": "perhaps"}, {"manifest_sha256": "0" * 64, "vote": "approve", "more": 1},
])  # fmt: skip
def test_a_review_of_another_form_is_refused(client, sqlite_coop, proposed, body):
    headers = sqlite_coop.headers("clinic")
    assert client.post(f"/api/releases/{proposed['id']}/reviews", json=body, headers=headers).status_code == 422


@pytest.mark.parametrize("method_path", [
    ("GET", ""), ("GET", "/archive"), ("POST", "/publish"), ("POST", "/withdraw"),
])  # fmt: skip
def test_a_foreign_and_a_missing_release_get_the_same_answer(client, sqlite_coop, proposed, method_path):
    method, path = method_path
    headers = sqlite_coop.headers("pantry")
    foreign = client.request(method, f"/api/releases/{proposed['id']}{path}", headers=headers)
    missing = client.request(method, f"/api/releases/{'0' * 32}{path}", headers=headers)
    assert (foreign.status_code, foreign.json()) == (404, missing.json())


def test_without_a_token_nothing_is_told(client, proposed):
    for path in ("/api/releases", f"/api/releases/{proposed['id']}", f"/api/releases/{proposed['id']}/archive"):
        assert client.get(path).status_code == 401
