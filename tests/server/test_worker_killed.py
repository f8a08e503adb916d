"""A worker is killed at any moment, and nothing is lost: the run goes on from its tiles and gives the same bytes."""

import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from server.actions import runs
from server.domain.runs import RunKind
from server.domain.uploads import Part
from server.store.audit import count_events, events_up_to
from server.store.runs import RunRow, scratch_key
from server.store.schema import migrate
from server.store.uploads import blob_of
from server.worker.scratch import key_made_once
from tests.conftest import ROOT
from tests.server.conftest import MEMBERS, set_up
from tests.server.delivered import deliver, encodings_of
from tests.server.worker_process import LOG, desk_in

KILLS = 10
LEAST_KILLS, MOST_KILLS = 4, 10
LONG_AGO = "2000-01-01T00:00:00Z"


class Waiting:
    """A run that waits in a folder's database, and stewards who look at it."""

    def __init__(self, folder: Path, people: int) -> None:
        self.folder = folder
        folder.mkdir()
        desk = desk_in(folder)
        migrate(desk.database)
        coop = set_up(desk)
        view = coop.approved()
        for encodings in encodings_of(view.agreement, MEMBERS, people).values():
            deliver(desk, view, encodings)
        run = runs.start_run(desk, coop.actors["clinic"], view.project.id, RunKind.LINK)
        key_made_once(desk.blobs, scratch_key(run.id))  # the chance of this run: the same in every copy of the folder
        self.desk, self.actors, self.run_id = desk, coop.actors, run.id

    def uninterrupted(self, block_records: int) -> dict[str, bytes]:
        """The link maps that a copy of this folder comes to when nobody is killed."""
        copy = self.folder.with_name("copy")
        self.desk.database.close()  # all of the write-ahead log is in the database
        shutil.copytree(self.folder, copy)
        done = subprocess.run(command(copy, block_records))
        assert done.returncode == 0
        desk = desk_in(copy)
        maps = self.link_maps(desk)
        desk.database.close()
        return maps

    def link_maps(self, desk) -> dict[str, bytes]:
        return {member: runs.fetch_link_map(desk, self.actors[member], self.run_id) for member in MEMBERS}

    def run(self) -> RunRow:
        with self.desk.reading() as session:
            return session.get_one(RunRow, self.run_id)

    def let_the_lease_pass(self) -> None:
        """As if half a minute had gone by."""
        with self.desk.database.writing() as session:
            run = session.get_one(RunRow, self.run_id)
            run.lease_until = run.lease_until and LONG_AGO

    def tiles_begun(self) -> Counter[str]:
        return Counter((self.folder / LOG).read_text().split())

    def events(self) -> list[str]:
        with self.desk.reading() as session:
            return [event.action for event in events_up_to(session, count_events(session))]


def command(folder, block_records, *more):
    return [sys.executable, "-m", "tests.server.worker_process", str(folder), str(block_records), *map(str, more)]


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)


def test_a_run_that_was_killed_ten_times_gives_the_same_bytes_and_no_kill_costs_more_than_a_tile(tmp_path):
    rng = random.Random(5)  # noqa: S311
    waiting = Waiting(tmp_path / "server", people=6000)
    expected = waiting.uninterrupted(200)
    for _ in range(KILLS):
        moment = (rng.randrange(1, 60), rng.random() * 0.02)
        killed = subprocess.run(command(waiting.folder, 200, "tile", *moment))
        assert killed.returncode == -signal.SIGKILL
        assert waiting.run().state == "running"
        waiting.let_the_lease_pass()
    assert subprocess.run(command(waiting.folder, 200)).returncode == 0
    assert waiting.run().state == "done"
    assert waiting.link_maps(waiting.desk) == expected
    begun = waiting.tiles_begun()
    assert len(begun) > 1000
    assert begun.total() - len(begun) <= KILLS
    assert waiting.events().count("run.resumed") == KILLS
    waiting.desk.database.close()


def test_a_run_that_was_killed_at_any_touch_of_the_disk_is_whole_in_the_end_and_its_encodings_are_gone(tmp_path):
    """From the claim to the last deletion: whatever was half done is done by the next worker."""
    rng = random.Random(6)  # noqa: S311
    waiting = Waiting(tmp_path / "server", people=60)
    expected = waiting.uninterrupted(60)
    kills = 0
    while kills < MOST_KILLS:
        worker = subprocess.run(command(waiting.folder, 60, "touch", rng.randrange(10, 60)))
        if worker.returncode == 0:
            break
        assert worker.returncode == -signal.SIGKILL
        kills += 1
        waiting.let_the_lease_pass()
    assert kills >= LEAST_KILLS
    assert subprocess.run(command(waiting.folder, 60)).returncode == 0
    run, blobs = waiting.run(), waiting.desk.blobs
    assert run.state == "done"
    assert waiting.link_maps(waiting.desk) == expected
    assert not any(blobs.has_key(blob_of(upload, Part.ENCODINGS)) for upload in run.uploads.values())
    assert sorted(blobs.key_names()) == sorted(blobs.blob_names())
    events = waiting.events()
    assert events.count("run.done") == 1
    assert events.count("encodings.destroyed") == len(MEMBERS)
    waiting.desk.database.close()
