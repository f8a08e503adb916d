"""Two servers on one PostgreSQL, each with two workers: no run is ever taken twice."""

import os
import shutil
from collections import Counter

import psycopg
import pytest
from sqlalchemy import make_url

from server.actions import runs
from server.domain.runs import RunKind
from server.premises.opening import desk_of
from server.premises.settings import read_settings
from server.store.audit import count_events, events_up_to
from server.store.database import _LINE_NUMBER
from server.store.runs import RunRow
from tests.server.conftest import MEMBERS, set_up
from tests.server.delivered import deliver, encodings_of
from tests.server.running import serving, wait_for

WORKERS, RUNS = 4, 6


@pytest.fixture
def url(postgres, monkeypatch):
    address = postgres.new_database()
    monkeypatch.setenv("WAYLINK_DATABASE_URL", address)
    return address


def queue_runs(coop):
    """Projects with a run each that waits."""
    queued = []
    for _ in range(RUNS):
        view = coop.approved()
        for encodings in encodings_of(view.agreement, MEMBERS, 60).values():
            deliver(coop.desk, view, encodings)
        queued.append(runs.start_run(coop.desk, coop.actors["clinic"], view.project.id, RunKind.LINK).id)
    return queued


def second_place(first, second):
    """Another machine's data folder: the same log's key, the same vault."""
    second.mkdir(mode=0o700)
    shutil.copy2(first / "log.key", second)
    for shared in ("blobs", "keys"):
        (second / shared).symlink_to(first / shared)
    return second


def waiting_in_line(line):
    found = line.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted").fetchone()
    return found[0]


def test_two_servers_with_two_workers_each_never_take_the_same_run(url, tmp_path):
    first = tmp_path / "first"
    with desk_of(read_settings({"data": first}), make=True) as desk:
        coop = set_up(desk)
        queued = queue_runs(coop)
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as line:
            line.execute("SELECT pg_advisory_lock(%s)", (_LINE_NUMBER,))  # all four come, and have to wait at the door
            options, env = ("--workers", WORKERS // 2), dict(os.environ)
            second = second_place(first, tmp_path / "second")
            with (
                serving(first, *options, env=env) as one,
                serving(second, *options, env=env) as other,
            ):
                wait_for(lambda: waiting_in_line(line) >= WORKERS)
                line.execute("SELECT pg_advisory_unlock(%s)", (_LINE_NUMBER,))
                wait_for(lambda: {state_of(desk, run) for run in queued} == {"done"})
        taken = Counter(
            line["event"].split()[2]
            for server in (one, other)
            for line in server.lines()
            if line["event"].startswith("took run")
        )
        assert taken == dict.fromkeys(queued, 1)
        with desk.reading() as session:
            events = events_up_to(session, count_events(session))
            log = Counter((event.subject.id, event.action) for event in events if event.action.startswith("run."))
    assert {log[run, action] for run in queued for action in ("run.started", "run.done")} == {1}
    assert not [key for key in log if key[1] in {"run.resumed", "run.failed"}]


def state_of(desk, run):
    with desk.reading() as session:
        return session.get_one(RunRow, run).state
