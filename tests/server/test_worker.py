"""A worker, in this process: what it makes of a run, what it leaves, and how it stops."""

import threading
import time
from contextlib import contextmanager

import pytest

from linkage.link_map import parse_link_map
from linkage.linking import link
from schemas import Services, parse_services, write_encodings
from schemas.bands import band
from server.actions import projects, runs
from server.actions.run_queue import Lease, claim_run
from server.domain.links import unpack_links
from server.domain.runs import RunKind
from server.domain.uploads import Part, UploadState
from server.store.blobs.errors import NoRoom
from server.store.database import DiskFull
from server.store.runs import RunRow, links_blob
from server.store.uploads import UploadRow, WithdrawnRow, accepted_uploads, blob_of
from server.worker import execute
from server.worker import work as worker
from server.worker.heartbeat import Heartbeat
from server.worker.run_progress import Halt, Halted, RunProgress
from server.worker.work import WAITING_FOR_ROOM, Pace, work
from tests.server.actions.test_runs import delivered, log_of, row_of, start
from tests.server.conftest import AGREEMENT, MEMBERS
from tests.server.delivered import deliver, encodings_of, file_bytes

PACE = Pace(niceness=0, idle_seconds=0.01, block_records=20)
PEOPLE = 60
SOON = 0.01


def work_all(coop, **more):
    return work(coop.desk, once=True, pace=PACE, threads=1, **more)


def linked(coop, toml=AGREEMENT):
    """A project whose members have delivered, and a run of it that has been worked on."""
    view = coop.approved(toml)
    sent = encodings_of(view.agreement, MEMBERS, PEOPLE)
    for encodings in sent.values():
        deliver(coop.desk, view, encodings)
    run = start(coop, view)
    assert work_all(coop) == 1
    return view, sent, shown(coop, run)


def shown(coop, run):
    return row_of(coop, run)


def map_of(coop, run, member):
    return parse_link_map(runs.fetch_link_map(coop.desk, coop.actors[member], run.id), member)


def partners(maps):
    """Which records of the members have one link id: sets of (member, token)."""
    found = {}
    for member, link_map in maps.items():
        for token, link_id in zip(link_map.tokens, link_map.link_ids, strict=True):
            found.setdefault(link_id.tobytes(), set()).add((member, token.tobytes()))
    return {frozenset(group) for group in found.values()}


def test_a_run_links_what_linking_the_same_encodings_links(coop):
    view, sent, run = linked(coop)
    assert run.state == "done"
    expected = link(list(sent.values()), view.agreement)
    blob = links_blob(run.id)
    links = unpack_links(coop.desk.blobs.read_blob(blob, coop.desk.blobs.key(blob)))
    assert partners(links.maps) == partners(dict(zip(expected.members, expected.link_maps, strict=True)))
    assert run.result["threshold"] == round(expected.threshold.value, 4)
    assert run.result["people_at_two_members_or_more"] == band(expected.groups.linked)


def test_each_member_gets_its_own_records_under_link_ids_that_no_other_member_has(coop):
    _, sent, run = linked(coop)
    maps = {member: map_of(coop, run, member) for member in MEMBERS}
    for member in MEMBERS:
        assert {t.tobytes() for t in maps[member].tokens} == {t.tobytes() for t in sent[member].tokens}
    ids = [{i.tobytes() for i in maps[member].link_ids} for member in MEMBERS]
    assert not ids[0] & ids[1]
    assert not ids[0] & ids[2]
    assert not ids[1] & ids[2]


def test_a_link_map_is_the_same_bytes_each_time(coop):
    _, _, run = linked(coop)
    assert len({runs.fetch_link_map(coop.desk, coop.actors["clinic"], run.id) for _ in range(3)}) == 1


def test_members_see_no_count_that_is_not_a_band(coop):
    _, sent, run = linked(coop)
    told = {"people_at_two_members_or_more", "threshold", "recuts", "standard_error", "links", "how", "why"}
    assert set(run.result) == told | {"selfcheck", "kernel", "seconds"}
    assert not set(map(str, flattened(run.result))) & {str(len(one)) for one in sent.values()}


def flattened(value):
    if isinstance(value, dict):
        return flattened(list(value.values()))
    if isinstance(value, list):
        return [leaf for one in value for leaf in flattened(one)]
    return [value]


def test_an_estimate_tells_numbers_of_one_digit_and_deletes_nothing(coop):
    view = delivered(coop)
    run = start(coop, view, RunKind.ESTIMATE)
    work_all(coop)
    result = shown(coop, run).result
    assert set(result) == {"pairs", "seconds", "memory_mib", "how", "why"}
    for number in (result["pairs"], result["seconds"], result["memory_mib"]):
        assert float(f"{number:.0e}") == number
    with coop.desk.reading() as session:
        assert set(accepted_uploads(session, view.project.id)) == set(MEMBERS)


def test_after_a_run_encodings_and_keys_are_gone_services_stay_and_the_log_says_so(coop):
    view, _, run = linked(coop)
    names = set(coop.desk.blobs.blob_names())
    assert names == set(coop.desk.blobs.key_names())
    assert names == {links_blob(run.id), *(blob_of(upload, Part.SERVICES) for upload in run.uploads.values())}
    for member, upload in run.uploads.items():
        assert log_of(coop.desk, upload) == ["upload.deleted", "encodings.destroyed"]
        data = coop.desk.blobs.read_blob(
            blob_of(upload, Part.SERVICES), coop.desk.blobs.key(blob_of(upload, Part.SERVICES))
        )
        assert isinstance(parse_services(data, member), Services)
    assert log_of(coop.desk, run.id) == ["run.requested", "run.started", "run.done"]
    with coop.desk.reading() as session:
        assert accepted_uploads(session, view.project.id) == {}


def test_encodings_that_the_agreement_keeps_longer_stay(coop):
    view, _, run = linked(coop, AGREEMENT + "retention = 30")
    with coop.desk.reading() as session:
        assert {one.id for one in accepted_uploads(session, view.project.id).values()} == set(run.uploads.values())


def test_no_piece_of_any_clk_is_left_in_any_file(sqlite_coop, tmp_path):
    _, sent, run = linked(sqlite_coop)
    assert run.state == "done"
    rows = [row.tobytes() for encodings in sent.values() for row in encodings.bits]
    windows = {window for row in rows for window in windows_of(row)}
    assert windows & windows_of(file_bytes(write_encodings, sent["school"]))  # they would be found
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {"only.db", "only.db-wal"} <= {path.name for path in files}
    for path in files:
        assert not windows & windows_of(path.read_bytes()), path.name


def windows_of(data):
    return {data[at : at + 16] for at in range(len(data) - 15)}


def test_records_that_were_withdrawn_are_in_no_link_map(coop):
    view = coop.approved()
    sent = encodings_of(view.agreement, MEMBERS, PEOPLE)
    for encodings in sent.values():
        deliver(coop.desk, view, encodings)
    gone = [token.tobytes().hex() for token in sent["school"].tokens[:5]]
    with coop.desk.database.writing() as session:
        session.add_all(
            WithdrawnRow(project_id=view.project.id, member="school", token=token, at=coop.desk.now()) for token in gone
        )
    run = start(coop, view)
    work_all(coop)
    mapped = {token.tobytes().hex() for token in map_of(coop, run, "school").tokens}
    assert mapped == {token.tobytes().hex() for token in sent["school"].tokens} - set(gone)


def test_a_run_whose_members_share_nobody_fails_and_says_what_to_do(coop):
    view = coop.approved()
    for seed, member in enumerate(MEMBERS):
        deliver(coop.desk, view, encodings_of(view.agreement, MEMBERS, 30, seed)[member])
    run = start(coop, view)
    work_all(coop)
    ended = shown(coop, run)
    assert ended.state == "failed"
    assert "no person was found at two members" in ended.error["what"]
    assert ended.error["fix"]
    with coop.desk.reading() as session:
        assert len(accepted_uploads(session, view.project.id)) == len(MEMBERS)


def test_a_run_whose_upload_is_gone_fails_and_names_the_member(coop):
    run = row_of(coop, start(coop, delivered(coop)))
    with coop.desk.database.writing() as session:
        session.get_one(UploadRow, run.uploads["school"]).state = UploadState.DELETED
    work_all(coop)
    ended = shown(coop, run)
    assert (ended.state, ended.error["where"]) == ("failed", "school")


def test_a_run_that_a_member_left_while_it_waited_is_cancelled(coop):
    view = delivered(coop)
    run = start(coop, view)
    projects.leave_project(coop.desk, coop.actors["school"], view.project.id)
    work_all(coop)
    assert shown(coop, run).state == "cancelled"


def test_a_fault_of_the_program_is_told_by_its_class_alone(coop, monkeypatch, caplog):
    def break_down(_):
        raise ZeroDivisionError("a value of a person")

    monkeypatch.setattr(worker, "EXECUTORS", {RunKind.LINK: break_down})
    run = start(coop, delivered(coop))
    work_all(coop)
    ended = shown(coop, run)
    assert ended.state == "failed"
    assert "ZeroDivisionError" in ended.error["what"]
    assert "a value" not in str(ended.error) + caplog.text


def test_a_run_that_finds_the_disk_full_waits_and_goes_on_when_there_is_room(coop, clock, monkeypatch):
    view = delivered(coop)
    run = start(coop, view)
    put, left = coop.desk.blobs.put_blob, [2]

    def put_while_there_is_room(name, key, data):
        if not left[0]:
            raise NoRoom("the server's disk is full")
        left[0] -= 1
        put(name, key, data)

    monkeypatch.setattr(coop.desk.blobs, "put_blob", put_while_there_is_room)
    for _ in range(5):
        assert work_all(coop) == 1
        waiting = shown(coop, run)
        assert (waiting.state, waiting.progress["stage"]) == ("running", WAITING_FOR_ROOM)
        assert work_all(coop) == 0
        clock.wait(seconds=PACE.room_seconds)
    tiles = [name for name in coop.desk.blobs.blob_names() if "-scratch-" in name]
    assert len(tiles) == 2
    left[0] = 10**6
    work_all(coop)
    assert shown(coop, run).state == "done"
    assert log_of(coop.desk, run.id) == ["run.requested", "run.started", "run.done"]


def test_a_run_whose_end_finds_no_room_is_done_later_and_the_same(coop, clock, monkeypatch):
    """The link maps are written in the transaction that ends the run: both or nothing."""
    view = delivered(coop)
    run = start(coop, view)
    put = coop.desk.blobs.put_blob

    def no_room_for_links(name, key, data):
        if name == links_blob(run.id):
            raise NoRoom("the server's disk is full")
        put(name, key, data)

    monkeypatch.setattr(coop.desk.blobs, "put_blob", no_room_for_links)
    work_all(coop)
    assert shown(coop, run).progress["stage"] == WAITING_FOR_ROOM
    monkeypatch.undo()
    clock.wait(seconds=PACE.room_seconds)
    work_all(coop)
    assert shown(coop, run).state == "done"


def test_a_worker_whose_disk_has_no_room_for_a_claim_comes_back_later(coop, monkeypatch):
    run = start(coop, delivered(coop))

    @contextmanager
    def full():
        raise DiskFull
        yield

    monkeypatch.setattr(coop.desk.database, "writing", full)
    assert work_all(coop) == 0
    monkeypatch.undo()
    work_all(coop)
    assert shown(coop, run).state == "done"


def test_what_a_run_did_not_delete_before_a_crash_is_deleted_by_the_next_worker(coop, monkeypatch):
    run = row_of(coop, start(coop, delivered(coop)))
    monkeypatch.setattr(worker, "keep_house", lambda _: None)  # the worker is killed once the run is done
    work_all(coop)
    assert shown(coop, run).state == "done"
    assert all(coop.desk.blobs.has_key(blob_of(upload, Part.ENCODINGS)) for upload in run.uploads.values())
    monkeypatch.undo()
    work_all(coop)
    assert not any(coop.desk.blobs.has_key(blob_of(upload, Part.ENCODINGS)) for upload in run.uploads.values())


class Gate:
    """A run's work that goes on and on, telling progress, until it is stopped."""

    def __init__(self):
        self.begun, self.ended_by = threading.Event(), None

    def __call__(self, job):
        try:
            with job.progress.stage("comparing", 100) as advance:
                while True:
                    advance(0)
                    self.begun.set()
                    time.sleep(SOON)
        except Halted as halted:
            self.ended_by = halted.why
            raise


@pytest.fixture
def gate(monkeypatch):
    found = Gate()
    monkeypatch.setattr(worker, "EXECUTORS", {RunKind.LINK: found})
    monkeypatch.setattr("server.worker.heartbeat.BEAT_SECONDS", SOON)
    return found


@contextmanager
def working(coop, stopped):
    """A worker beside the test; it has to come to its end."""
    thread = threading.Thread(target=lambda: work(coop.desk, stop=stopped.is_set, pace=PACE))
    thread.start()
    yield
    stopped.set()
    thread.join()


def wait_until(holds):
    while not holds():
        time.sleep(SOON)


def test_a_cancelled_run_stops_and_is_cancelled(coop, gate):
    run = start(coop, delivered(coop))
    with working(coop, threading.Event()):
        gate.begun.wait()
        runs.cancel_run(coop.desk, coop.actors["clinic"], run.id)
        wait_until(lambda: shown(coop, run).state != "running")
    assert gate.ended_by is Halt.CANCELLED
    assert shown(coop, run).state == "cancelled"
    assert not [name for name in coop.desk.blobs.blob_names() if name.startswith(run.id)]


def test_a_worker_that_is_told_to_stop_lets_its_run_go_for_the_next_one(coop, gate):
    run = start(coop, delivered(coop))
    stopped = threading.Event()
    with working(coop, stopped):
        gate.begun.wait()
        stopped.set()
    assert gate.ended_by is Halt.STOPPING
    claimed, _ = claim_run(coop.desk, "the next")
    assert (claimed.id, claimed.attempts) == (run.id, 1)


def test_a_worker_that_lost_its_lease_stops_and_writes_nothing(coop, gate):
    run = start(coop, delivered(coop))
    with working(coop, threading.Event()):
        gate.begun.wait()
        with coop.desk.database.writing() as session:
            session.get_one(RunRow, run.id).lease_owner = "another"
        wait_until(lambda: gate.ended_by is not None)
    assert gate.ended_by is Halt.LOST
    assert (shown(coop, run).state, shown(coop, run).lease_owner) == ("running", "another")


def test_cancelling_stops_linking_after_less_than_five_seconds_of_its_work(coop, monkeypatch):
    """Work is counted by its own clock: the seconds of processor time between the wish and the end."""
    monkeypatch.setattr("server.worker.heartbeat.BEAT_SECONDS", 0.1)
    view = coop.approved()
    for encodings in encodings_of(view.agreement, MEMBERS, 16_000).values():
        deliver(coop.desk, view, encodings)
    run = start(coop, view)
    pace = Pace(niceness=0, idle_seconds=SOON, block_records=200)  # thousands of tiles: many seconds
    stopped = threading.Event()
    thread = threading.Thread(target=lambda: work(coop.desk, stop=stopped.is_set, pace=pace))
    thread.start()
    wait_until(lambda: (shown(coop, run).progress or {}).get("stage") == "comparing")
    before = time.process_time()
    runs.cancel_run(coop.desk, coop.actors["clinic"], run.id)
    wait_until(lambda: shown(coop, run).state != "running")
    spent = time.process_time() - before
    stopped.set()
    thread.join()
    assert shown(coop, run).state == "cancelled"
    assert spent < 5 * 2  # two threads' worth


def test_a_heartbeat_that_finds_the_disk_full_stops_the_work(coop, monkeypatch):
    start(coop, delivered(coop))
    _, lease = claim_run(coop.desk, "one")
    progress = RunProgress(time.monotonic)
    heart = Heartbeat(coop.desk, lease, progress, time.monotonic)
    heart.got_on()
    progress.check()

    def full(*_, **__):
        raise DiskFull

    monkeypatch.setattr("server.worker.heartbeat.renew_lease", full)
    with progress.stage("checking", 1) as advance:
        heart.beat()
        with pytest.raises(Halted) as halted:
            advance(1)
    assert halted.value.why is Halt.NO_ROOM


def test_a_heart_that_cannot_reach_the_database_stops_the_work_when_the_lease_is_over(monkeypatch):
    monkeypatch.setattr("server.worker.heartbeat.BEAT_SECONDS", SOON)
    clock = [0.0]
    progress = RunProgress(lambda: clock[0])
    heart = Heartbeat(None, Lease("run", "one", 30), progress, lambda: clock[0])  # no desk: every beat breaks
    with heart:
        time.sleep(5 * SOON)
        progress.check()
        clock[0] = 31.0
        wait_until(lambda: progress._halt is not None)
    with pytest.raises(Halted) as halted:
        progress.check()
    assert halted.value.why is Halt.LOST


def test_every_kind_of_run_that_members_ask_for_has_its_executor():
    assert set(execute.EXECUTORS) >= runs.ASKED_FOR
