"""From a proposal to a downloaded release by command, over HTTP, with a worker: every noun against the real API."""

from __future__ import annotations

import csv
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from encoder.encode import encode_clients, write_folder
from encoder.secret import Secret
from schemas.agreement import parse_agreement
from tests.conftest import EXAMPLE
from tests.server.conftest import AGREEMENT, MEMBERS, SetUp

worker = pytest.importorskip("server.worker.work")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Three members of the example, encoded under the agreement."""
    root, agreement, secret = tmp_path_factory.mktemp("encoded"), parse_agreement(AGREEMENT), Secret(bytes(range(32)))
    for member in MEMBERS:
        clients, services = (EXAMPLE / f"{member}_{kind}.csv" for kind in ("clients", "services"))
        write_folder(encode_clients(clients, agreement, member, secret, services=services), root / member)
    return {member: root / member for member in MEMBERS}


@pytest.fixture
def _working(coop: SetUp) -> Iterator[None]:
    """A worker in a thread of its own."""
    stopped = threading.Event()
    pace = worker.Pace(niceness=0, idle_seconds=0.1)
    options = {"stop": stopped.is_set, "threads": 1, "pace": pace}
    thread = threading.Thread(target=worker.work, args=(coop.desk,), kwargs=options)
    thread.start()
    yield
    stopped.set()
    thread.join()


@pytest.mark.usefixtures("_working")
def test_a_release_comes_from_members_lists_to_its_reader_by_commands_alone(
    waylink, folders, agreement_file, tmp_path, monkeypatch
):
    monkeypatch.setattr("waylink.remote.runs.POLL_SECONDS", 0.05)
    head = tmp_path / "head.json"
    assert waylink("clinic", "audit", "head", "--keep", head).status == 0

    project = waylink("shelter", "project", "propose", agreement_file, "--json").data["id"]
    for seat in ("clinic", "school", "clients"):
        assert waylink(seat, "approve", project, "--agreement", agreement_file, "--json").status == 0
    for member, folder in folders.items():
        assert waylink(member, "send", folder, "--project", project, "--json").data["state"] == "accepted"

    estimate = waylink("school", "run", "estimate", project, "--json").data
    assert estimate["result"]["pairs"] > 0
    run = waylink("school", "run", "start", project, "--wait", "--json").data
    assert run["state"] == "done"
    assert [one["kind"] for one in waylink("clients", "run", "list", project, "--json").data["runs"]] == [
        "estimate",
        "link",
    ]

    links = tmp_path / "links.csv"
    assert waylink("clinic", "results", run["id"], "--out", links, "--folder", folders["clinic"]).status == 0
    with links.open(newline="") as file, (EXAMPLE / "clinic_clients.csv").open(newline="") as clients:
        assert {row["client_id"] for row in csv.DictReader(file)} == {
            row["client_id"] for row in csv.DictReader(clients)
        }

    release = waylink("school", "release", "propose", project, run["id"], "--reader", "analyst", "--json").data
    assert waylink("school", "run", "watch", release["count_run"], "--json").data["state"] == "done"
    assert waylink("analyst", "release", "show", release["id"]).status == 2  # not before it is published
    for seat in ("clinic", "shelter", "clients"):
        out = ("--out", tmp_path / f"seen-{seat}")
        assert waylink(seat, "release", "review", release["id"], "--approve", "--json", *out).status == 0
    assert waylink("school", "release", "publish", release["id"], "--json").data["state"] == "published"
    read = waylink("analyst", "release", "download", release["id"], "--out", tmp_path / "read", "--json").data
    assert Path(read["report"]).is_file()
    assert (tmp_path / "read" / "manifest.json").read_bytes() == (tmp_path / "seen-clinic/manifest.json").read_bytes()

    assert waylink("clinic", "audit", "check", "--head", head).status == 0
    log = tmp_path / "log.jsonl"
    assert waylink("auditor", "audit", "export", "--out", log).status == 0
    assert waylink("", "audit", "verify", log, "--head", head, "--json").data["checks"] == [1, 2, 3, 4, 5, 6]
    assert waylink("shelter", "project", "leave", project, "--yes").status == 0
    (entry,) = waylink("", "register", "--json").data["projects"]
    assert entry["members"] == ["clinic", "school"]
    assert len(entry["releases"]) == 1
