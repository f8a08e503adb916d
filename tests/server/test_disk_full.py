"""The disk is full, on a real small one: that is told, nothing is half done, and it goes on when there is room."""

import json
import shutil

import pytest
import urllib3
from sqlalchemy import select

from encoder.encode import encode_clients, write_folder
from encoder.secret import Secret
from encoder.send import LEAVING
from schemas.agreement import parse_agreement
from server.actions import runs
from server.actions.audit import export_log
from server.domain.audit.verify import verify_export
from server.domain.runs import RunKind
from server.premises.opening import desk_of
from server.premises.settings import read_settings
from server.store.audit import count_events, events_up_to
from server.store.database import DiskFull
from server.store.runs import RunRow, scratch_key
from server.worker import work as worker_room
from server.worker.scratch import key_made_once
from server.worker.work import WAITING_FOR_ROOM, Pace, work
from tests.conftest import EXAMPLE, waylink
from tests.server.conftest import AGREEMENT, MEMBERS, set_up
from tests.server.delivered import deliver, encodings_of
from tests.server.running import serving, wait_for
from tests.server.small_disk import PAGE_BYTES, small_disk
from tests.server.test_worker_killed import LONG_AGO

CHUNK = 1 << 16
NETWORK = 5
MOST_PAGES_OF_A_CHANGE = 60
ROOMS = (24, 40, 56)
"""Free pages with which a run is tried: for a tile or two, never for its link maps."""


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "data") as mounted:
        yield mounted


@pytest.fixture
def desk(disk):
    """The tests' own look at the data folder."""
    with desk_of(read_settings({"data": disk.place}), make=True) as opened:
        yield opened


@pytest.fixture
def coop(desk):
    return set_up(desk)


def verified(coop):
    """The log's actions, once it has been proved."""
    verify_export(list(export_log(coop.desk, coop.actors["auditor"])))
    with coop.desk.reading() as session:
        return [event.action for event in events_up_to(session, count_events(session))]


def test_an_upload_that_finds_the_disk_full_says_so_and_goes_on_when_there_is_room(disk, coop, tmp_path):
    project = coop.approved().project.id
    encoded, token = tmp_path / "encoded", tmp_path / "token"
    header, *rows = (EXAMPLE / "shelter_services.csv").read_text().splitlines()
    (services := tmp_path / "services.csv").write_text("\n".join([header, *rows * 6]))  # more than a change needs
    clients, secret = EXAMPLE / "shelter_clients.csv", Secret(b"\7" * 32)
    write_folder(encode_clients(clients, parse_agreement(AGREEMENT), "shelter", secret, services=services), encoded)
    token.write_text(coop.tokens["shelter"])
    token.chmod(0o600)
    with serving(disk.place) as server:
        at = ("--server", server.address, "--token-file", token, "--json")
        disk.leave(pages_of(encoded / LEAVING["encodings"]) + MOST_PAGES_OF_A_CHANGE)
        refused = waylink("send", encoded, "--project", project, *at)
        assert refused.returncode == NETWORK, refused.stderr
        said = json.loads(refused.stdout)
        assert "disk is full" in said["what"]
        assert "ask the operator to make room" in said["fix"]
        assert server.get("/healthz").status == 200
        (upload,) = server.get(f"/api/projects/{project}/uploads", coop.tokens["shelter"]).json()
        there = {name: part["received"] for name, part in upload["parts"].items()}
        assert (upload["state"], there["services"] % CHUNK) == ("receiving", 0)
        assert there["encodings"] == (encoded / LEAVING["encodings"]).stat().st_size  # this much is not sent again
        assert not list((disk.place / "blobs").glob(".*"))
        disk.grow()
        sent = waylink("send", encoded, "--project", project, *at)
        assert sent.returncode == 0, sent.stderr
        assert json.loads(sent.stdout)["id"] == upload["id"]
    for part, name in LEAVING.items():
        blob = f"{upload['id']}-{part}"
        assert coop.desk.blobs.read_blob(blob, coop.desk.blobs.key(blob)) == (encoded / name).read_bytes()
    assert verified(coop)[-2:] == ["upload.begun", "upload.accepted"]
    assert {line["status"] for line in server.lines() if line["event"] == "request"} == {200, 201, 507}


def test_a_change_that_the_database_has_no_room_for_is_refused_and_changes_nothing(disk, coop):
    """From a disk without a page on, each page more is tried, until there is room for the change."""
    for encodings in encodings_of((view := coop.approved()).agreement, MEMBERS, 60).values():
        deliver(coop.desk, view, encodings)
    headers = {"Authorization": f"Bearer {coop.tokens['clinic']}"}
    log, seen = verified(coop), []
    with serving(disk.place, "--workers", 0) as server:
        url = f"{server.address}/api/projects/{view.project.id}/runs"
        for pages in range(MOST_PAGES_OF_A_CHANGE):
            disk.leave(pages)
            answer = urllib3.request("POST", url, json={"kind": "link", "without": []}, headers=headers, retries=False)
            seen.append(answer.status)
            if answer.status == 201:
                break
            assert (answer.status, answer.json()["type"]) == (507, "urn:waylink:problem:DiskFull")
            assert "nothing was changed" in answer.json()["detail"]
            assert urllib3.request("GET", url, headers=headers).json() == []
            assert verified(coop) == log
        disk.grow()
        assert len(urllib3.request("GET", url, headers=headers).json()) == 1
    assert seen[0] == 507
    assert seen[-1] == 201
    assert verified(coop) == [*log, "run.requested"]


def test_a_run_that_fills_the_disk_waits_for_room_and_makes_the_same_link_maps(disk, coop, tmp_path):
    view = coop.approved()
    for encodings in encodings_of(view.agreement, MEMBERS, 6000).values():
        deliver(coop.desk, view, encodings)
    run_id = runs.start_run(coop.desk, coop.actors["clinic"], view.project.id, RunKind.LINK).id
    key_made_once(coop.desk.blobs, scratch_key(run_id))  # the chance of this run: the same in the copy of the folder
    expected = uninterrupted(coop, disk.place, tmp_path / "copy", run_id)
    disk.leave(ROOMS[0])
    with serving(disk.place) as server:
        for halts, pages in enumerate(ROOMS, 1):
            wait_for(lambda wanted=halts: halted(server) == wanted and waits(coop.desk, run_id))
            disk.leave(pages)
            let_a_minute_pass(coop.desk, run_id)
        wait_for(lambda: halted(server) > len(ROOMS))
        assert server.get("/healthz").status == 200
        disk.grow()
        let_a_minute_pass(coop.desk, run_id)
        wait_for(lambda: row(coop.desk, run_id).state == "done")
        wait_for(lambda: verified(coop).count("encodings.destroyed") == len(MEMBERS))
    assert link_maps(coop, coop.desk, run_id) == expected
    log = verified(coop)
    assert (log.count("run.started"), log.count("run.done")) == (1, 1)
    assert "run.resumed" not in log  # it was never out of hand
    blobs = coop.desk.blobs
    assert sorted(blobs.key_names()) == sorted(blobs.blob_names())


def test_a_worker_that_finds_no_room_to_take_a_run_says_so_once(coop, monkeypatch, caplog):
    def full(*_, **__):
        raise DiskFull

    monkeypatch.setattr(worker_room, "claim_run", full)
    rounds = iter(range(4))
    work(coop.desk, stop=lambda: next(rounds, None) is None, pace=Pace(niceness=0, idle_seconds=0))
    assert [record.message for record in caplog.records] == ["no run can be taken: the disk is full"]


def pages_of(file):
    return -(-file.stat().st_size // PAGE_BYTES)


def uninterrupted(coop, folder, copy, run_id):
    """The link maps that a copy of the folder comes to on a disk with room."""
    coop.desk.database.close()  # all of the write-ahead log is in the database
    shutil.copytree(folder, copy)
    with desk_of(read_settings({"data": copy})) as elsewhere:
        work(elsewhere, once=True, threads=1, pace=Pace(niceness=0))
        return link_maps(coop, elsewhere, run_id)


def link_maps(coop, desk, run_id):
    return {member: runs.fetch_link_map(desk, coop.actors[member], run_id) for member in MEMBERS}


def row(desk, run_id):
    with desk.reading() as session:
        return session.get_one(RunRow, run_id)


def waits(desk, run_id):
    run = row(desk, run_id)
    return run.lease_owner is None and run.progress and run.progress["stage"] == WAITING_FOR_ROOM


def halted(server):
    return sum("the disk is full" in line["event"] for line in server.lines())


def let_a_minute_pass(desk, run_id):
    with desk.database.writing() as session:
        session.scalars(select(RunRow).where(RunRow.id == run_id)).one().lease_until = LONG_AGO
