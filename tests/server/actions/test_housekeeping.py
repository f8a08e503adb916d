"""Housekeeping: nothing stays that should be gone, and nothing goes that is wanted."""

import os

from server.actions import projects
from server.actions.housekeeping import keep_house
from server.actions.run_queue import claim_run, fail_run, finish_run, note_cancelled
from server.domain.runs import RunKind
from server.store.runs import links_blob, scratch_key
from server.worker.scratch import Scratch, key_made_once
from tests.server.actions.test_runs import cancel, delivered, row_of, start
from tests.server.conftest import AGREEMENT, MEMBERS
from tests.server.delivered import deliver, encodings_of


def begun(coop, kind=RunKind.LINK):
    """A run that a worker has taken, with a tile and link maps."""
    run = start(coop, delivered(coop), kind)
    _, lease = claim_run(coop.desk, "worker")
    blobs = coop.desk.blobs
    Scratch(blobs, run.id).put("tile", b"pairs")
    blobs.put_blob(links_blob(run.id), key_made_once(blobs, links_blob(run.id)), b"maps")
    return run, lease


def left_of(coop, run):
    names = {*coop.desk.blobs.key_names(), *coop.desk.blobs.blob_names()}
    return {name for name in names if name.startswith(run.id)}


def uploaded(coop, run, part):
    return [coop.desk.blobs.has_key(f"{upload}-{part}") for upload in row_of(coop, run).uploads.values()]


def test_while_a_run_runs_all_of_it_stays(coop):
    run, _ = begun(coop)
    keep_house(coop.desk)
    assert left_of(coop, run) == {scratch_key(run.id), f"{scratch_key(run.id)}-tile", links_blob(run.id)}
    assert all(uploaded(coop, run, "encodings"))


def test_of_a_run_that_is_done_the_link_maps_and_services_stay(coop):
    run, lease = begun(coop)
    finish_run(coop.desk, lease, {})
    keep_house(coop.desk)
    assert left_of(coop, run) == {links_blob(run.id)}
    assert not any(uploaded(coop, run, "encodings"))
    assert all(uploaded(coop, run, "services"))


def test_of_a_run_that_came_to_nothing_nothing_stays_but_what_was_sent(coop):
    for end in (
        lambda _, lease: fail_run(coop.desk, lease, {"what": "", "where": "", "fix": ""}),
        lambda run, lease: (cancel(coop, run), note_cancelled(coop.desk, lease)),
    ):
        run, lease = begun(coop)
        end(run, lease)
        keep_house(coop.desk)
        assert left_of(coop, run) == set()
        assert all(uploaded(coop, run, "encodings"))


def test_an_estimate_uses_nothing_up(coop):
    run, lease = begun(coop, RunKind.ESTIMATE)
    finish_run(coop.desk, lease, {})
    keep_house(coop.desk)
    assert all(uploaded(coop, run, "encodings"))


def test_what_a_member_sends_after_a_run_is_not_that_runs(coop):
    view = delivered(coop)
    start(coop, view)
    _, lease = claim_run(coop.desk, "worker")
    finish_run(coop.desk, lease, {})
    keep_house(coop.desk)
    again = [deliver(coop.desk, view, one) for one in encodings_of(view.agreement, MEMBERS, 20, seed=2).values()]
    keep_house(coop.desk)
    assert all(coop.desk.blobs.has_key(f"{upload}-encodings") for upload in again)


def test_an_agreement_is_looked_up_as_the_run_was_asked_for_under_it(coop):
    """A changed agreement that keeps encodings longer does not keep those of before; they went with the change."""
    view = delivered(coop)
    run = start(coop, view)
    _, lease = claim_run(coop.desk, "worker")
    finish_run(coop.desk, lease, {})
    projects.change_agreement(coop.desk, coop.actors["clinic"], view.project.id, AGREEMENT + "retention = 30")
    keep_house(coop.desk)
    assert not any(uploaded(coop, run, "encodings"))


def test_closing_a_project_takes_its_link_maps_along(coop):
    run, lease = begun(coop)
    finish_run(coop.desk, lease, {})
    projects.close_project(coop.desk, coop.actors["clinic"], run.project_id)
    keep_house(coop.desk)
    assert left_of(coop, run) == set()


def test_drafts_that_a_crash_left_go_after_an_hour(coop, data_folder, clock):
    now = clock().timestamp()
    old, young = data_folder / "blobs" / ".old.part", data_folder / "keys" / ".young.part"
    for draft, age in ((old, 4000), (young, 60)):
        draft.write_bytes(b"half")
        os.utime(draft, (now - age, now - age))
    keep_house(coop.desk)
    assert not old.exists()
    assert young.exists()
