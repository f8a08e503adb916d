"""kill -9 of a real `waylink serve` and of its worker, over uploads and a run: nothing is lost, the bytes are the same.

The worker is the supervised one, with its own pace and attempts; only its tiles are small, so that there are many.
"""

import random
import shutil
import time

import pytest
from sqlalchemy import select

from encoder import send
from encoder.encode import encode_clients, write_folder
from encoder.secret import Secret
from encoder.send import LEAVING, send_folder
from schemas.agreement import parse_agreement
from server.actions import runs
from server.actions.audit import export_log, read_latest_head
from server.domain.audit.verify import verify_export
from server.domain.runs import RunKind
from server.premises.opening import desk_of
from server.premises.settings import read_settings
from server.store.audit import count_events, events_up_to
from server.store.projects import VoteRow
from server.store.runs import RunRow, scratch_key
from server.worker.scratch import key_made_once
from tests.conftest import EXAMPLE
from tests.server.conftest import AGREEMENT, MEMBERS, set_up
from tests.server.killed import KillableServer
from tests.server.running import wait_for
from tests.waylink.remote.test_killed_server import CHUNK, Endangered
from waylink.remote.address import parse_address
from waylink.remote.connection import Connection
from waylink.remote.token import AccessToken

KILLS_OF_UPLOADS = (4, 8, 12)  # so many by the end of each member's
KILLS_OF_TILES, KILLS_AFTER = 6, 2
MOST_TILES = 30  # between two kills
LONG_AGO = "2000-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def encoded(tmp_path_factory):
    """Three members of the example, encoded under the tests' agreement."""
    root, agreement, secret = tmp_path_factory.mktemp("encoded"), parse_agreement(AGREEMENT), Secret(bytes(range(32)))
    for member in MEMBERS:
        clients, services = (EXAMPLE / f"{member}_{kind}.csv" for kind in ("clients", "services"))
        write_folder(encode_clients(clients, agreement, member, secret, services=services), root / member)
    return root


@pytest.fixture
def coop(tmp_path):
    with desk_of(read_settings({"data": tmp_path / "data"}), make=True) as desk:
        yield set_up(desk)


def test_a_server_that_was_killed_twenty_times_over_uploads_and_a_run_has_lost_nothing(
    coop, encoded, tmp_path, monkeypatch
):
    monkeypatch.setattr(send, "PIECE_BYTES", CHUNK)
    chance = random.Random(7)  # noqa: S311
    project = coop.approved().project.id
    kept, votes = read_latest_head(coop.desk, coop.actors["auditor"]), votes_in(coop.desk)
    # (1) three members send, and the server is killed twelve times
    server = KillableServer(tmp_path / "data", workers=0)  # it has nothing to do yet
    try:
        uploads = {
            member: send_in_danger(server, coop, project, encoded, member, chance, kills)
            for member, kills in zip(MEMBERS, KILLS_OF_UPLOADS, strict=True)
        }
    finally:
        server.close()
    for member, upload in uploads.items():
        assert held(coop.desk, upload) == {name: (encoded / member / name).read_bytes() for name in LEAVING.values()}
    # (2) a run is asked for; what a copy of the folder makes of it when nobody is killed is what has to come out
    run = runs.start_run(coop.desk, coop.actors["clinic"], project, RunKind.LINK).id
    key_made_once(coop.desk.blobs, scratch_key(run))  # the chance of this run: the same in the copy
    expected, tiles = uninterrupted(coop, tmp_path, run)
    # (3) worker, server, or both are killed while tiles are compared, and at the end of it
    server = KillableServer(tmp_path / "data")
    try:
        kill_during(server, coop.desk, run, tiles, chance)
        wait_for(lambda: state_of(coop.desk, run) == "done")
        wait_for(lambda: actions_of(coop).count("encodings.destroyed") == len(MEMBERS))
        server.running.wait_until_ready()
    finally:
        server.close()
    kills = KILLS_OF_UPLOADS[-1] + server.kills
    begun, log = server.tiles_begun(), actions_of(coop, kept)
    assert kills >= 20
    assert link_maps(coop, coop.desk, run) == expected
    assert begun.total() - len(begun) <= server.kills
    assert {name: log.count(name) for name in ONCE} == ONCE
    assert votes_in(coop.desk) == votes
    assert sorted(coop.desk.blobs.key_names()) == sorted(coop.desk.blobs.blob_names())


ONCE = {
    "project.approved": 1,
    "upload.begun": len(MEMBERS),
    "upload.accepted": len(MEMBERS),
    "run.requested": 1,
    "run.started": 1,
    "run.done": 1,
    "encodings.destroyed": len(MEMBERS),
}
"""What the log says of the story, however often somebody was killed."""


def send_in_danger(server, coop, project, encoded, member, chance, kills):
    connection = Connection(parse_address(server.address), AccessToken(coop.tokens[member]), pause=0)
    carrier = Endangered(connection, server, chance, kills)
    upload = send_folder(encoded / member, project, carrier, wait=lambda _: None)
    assert (upload.state, server.kills) == ("accepted", kills)
    return upload.id


def kill_during(server, desk, run, tiles, chance):
    """Kill in turns, a random while after so many more tiles were begun; the last times, when all have been."""
    ways = (server.kill_worker, server.kill_and_start, server.kill_all_and_start)
    for number in range(KILLS_OF_TILES + KILLS_AFTER):
        wanted = min(len(server.tiles_begun()) + chance.randrange(2, MOST_TILES), tiles)
        if number >= KILLS_OF_TILES:
            wanted = tiles
        wait_for(lambda wanted=wanted: len(server.tiles_begun()) >= wanted)
        time.sleep(chance.random() * (0.02 if number < KILLS_OF_TILES else 0.5))
        wait_for(lambda: server.running.workers)
        (way := ways[number % len(ways)])()
        if way != server.kill_and_start:  # else the worker, whose server is gone, has given the run back
            let_half_a_minute_pass(desk, run)
    assert server.kills == KILLS_OF_TILES + KILLS_AFTER


def state_of(desk, run):
    with desk.reading() as session:
        return session.get_one(RunRow, run).state


def let_half_a_minute_pass(desk, run):
    """The lease of a worker that was killed ends."""
    with desk.database.writing() as session:
        row = session.get_one(RunRow, run)
        row.lease_until = row.lease_until and LONG_AGO


def uninterrupted(coop, tmp_path, run):
    """The link maps that a copy of the data folder comes to, and how many tiles that took."""
    coop.desk.database.close()  # all of the write-ahead log is in the database
    shutil.copytree(tmp_path / "data", tmp_path / "copy")
    server = KillableServer(tmp_path / "copy")
    with desk_of(read_settings({"data": tmp_path / "copy"})) as desk:
        try:
            wait_for(lambda: state_of(desk, run) == "done")
        finally:
            server.close()
        return link_maps(coop, desk, run), len(server.tiles_begun())


def link_maps(coop, desk, run):
    return {member: runs.fetch_link_map(desk, coop.actors[member], run) for member in MEMBERS}


def held(desk, upload):
    """The files of an upload as the server has them."""
    blobs = {name: f"{upload}-{part}" for part, name in LEAVING.items()}
    return {name: desk.blobs.read_blob(blob, desk.blobs.key(blob)) for name, blob in blobs.items()}


def actions_of(coop, kept=None):
    """What the log says, once it was proved, against a head that was kept."""
    verify_export(list(export_log(coop.desk, coop.actors["auditor"])), kept)
    with coop.desk.reading() as session:
        return [event.action for event in events_up_to(session, count_events(session))]


def votes_in(desk):
    with desk.reading() as session:
        return [(vote.seat, vote.vote) for vote in session.scalars(select(VoteRow).order_by(VoteRow.seat))]
