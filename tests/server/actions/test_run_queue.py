"""The queue: a run is one worker's at a time, whoever dies and whoever is fast."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from server.actions import runs
from server.actions.run_queue import (
    MOST_ATTEMPTS,
    Lease,
    LeaseLost,
    claim_run,
    fail_run,
    finish_run,
    is_cancelled,
    let_go,
    note_cancelled,
    renew_lease,
)
from server.domain.runs import RunKind, RunState
from tests.server.actions.test_runs import cancel, delivered, log_of, row_of, start

ERROR = {"what": "it broke", "where": "here", "fix": "mend it"}


@pytest.fixture
def run(coop):
    return start(coop, delivered(coop))


def test_a_claimed_run_runs_under_a_lease_and_is_not_claimed_again(coop, run):
    claimed, lease = claim_run(coop.desk, "one", seconds=30)
    assert (claimed.id, claimed.state, claimed.attempts) == (run.id, "running", 1)
    assert claimed.started_at == coop.desk.now()
    assert claimed.lease_until == coop.desk.later(seconds=30)
    assert lease == Lease(run.id, "one", 30)
    assert claim_run(coop.desk, "two") is None


def test_an_empty_queue_gives_nothing(coop):
    assert claim_run(coop.desk, "one") is None


def test_the_oldest_run_comes_first(coop, clock):
    old = start(coop, delivered(coop))
    clock.wait(seconds=1)
    young = start(coop, delivered(coop))
    assert [claim_run(coop.desk, "one")[0].id for _ in range(2)] == [old.id, young.id]


def test_workers_that_claim_at_once_never_get_the_same_run(coop):
    wanted = {start(coop, delivered(coop), RunKind.ESTIMATE).id for _ in range(6)}
    workers = 8
    together = threading.Barrier(workers)

    def take(number):
        together.wait()
        found = []
        while claimed := claim_run(coop.desk, f"worker {number}"):
            found.append(claimed[0].id)
        return found

    with ThreadPoolExecutor(workers) as pool:
        taken = [one for found in pool.map(take, range(workers)) for one in found]
    assert sorted(taken) == sorted(wanted)


def test_a_run_whose_worker_was_not_heard_of_is_taken_over(coop, clock, run):
    _, first = claim_run(coop.desk, "one", seconds=30)
    clock.wait(seconds=30)
    assert claim_run(coop.desk, "two") is None
    clock.wait(seconds=1)
    taken, second = claim_run(coop.desk, "two")
    assert (taken.id, taken.attempts) == (run.id, 2)
    assert log_of(coop.desk, run.id) == ["run.requested", "run.started", "run.resumed"]
    for lost in (
        lambda: renew_lease(coop.desk, first),
        lambda: is_cancelled(coop.desk, first),
        lambda: finish_run(coop.desk, first, {}),
        lambda: fail_run(coop.desk, first, ERROR),
        lambda: note_cancelled(coop.desk, first),
        lambda: let_go(coop.desk, first),
    ):
        with pytest.raises(LeaseLost):
            lost()
    assert finish_run(coop.desk, second, {}) is RunState.DONE


def test_a_renewed_lease_lasts_on_and_tells_progress_without_an_event(coop, clock, run):
    _, lease = claim_run(coop.desk, "one", seconds=30)
    clock.wait(seconds=29)
    told = {"stage": "comparing", "done": 0.5, "seconds_left": 3.0}
    assert renew_lease(coop.desk, lease, progress=told) is False
    clock.wait(seconds=29)
    assert claim_run(coop.desk, "two") is None
    assert row_of(coop, run).progress == told
    assert log_of(coop.desk, run.id) == ["run.requested", "run.started"]


def test_a_worker_hears_that_its_run_is_to_end(coop, run):
    _, lease = claim_run(coop.desk, "one")
    assert not is_cancelled(coop.desk, lease)
    cancel(coop, run)
    assert is_cancelled(coop.desk, lease)
    assert renew_lease(coop.desk, lease)
    note_cancelled(coop.desk, lease)
    assert row_of(coop, run).state == "cancelled"


@pytest.mark.parametrize("end", [lambda *a: finish_run(*a, {}), lambda *a: fail_run(*a, ERROR)])
def test_a_run_that_somebody_wanted_ended_is_cancelled_even_if_its_work_was_quicker(coop, run, end):
    _, lease = claim_run(coop.desk, "one")
    cancel(coop, run)
    end(coop.desk, lease)
    ended = row_of(coop, run)
    assert (ended.state, ended.result, ended.error) == ("cancelled", None, None)


def test_a_cancelled_run_whose_worker_died_ends_at_the_next_claim(coop, clock, run):
    claim_run(coop.desk, "one")
    cancel(coop, run)
    clock.wait(seconds=60)
    assert claim_run(coop.desk, "two") is None
    assert row_of(coop, run).state == "cancelled"


def test_a_run_that_wears_its_workers_out_fails_and_the_next_one_goes_on(coop, clock, run):
    for attempt in range(MOST_ATTEMPTS):
        assert claim_run(coop.desk, f"worker {attempt}")[0].id == run.id
        clock.wait(seconds=60)
    other = start(coop, delivered(coop))
    assert claim_run(coop.desk, "another")[0].id == other.id
    failed = row_of(coop, run)
    assert failed.state == "failed"
    assert f"{MOST_ATTEMPTS} times" in failed.error["what"]
    assert log_of(coop.desk, run.id)[-1] == "run.failed"


def test_a_run_that_gets_on_may_lose_any_number_of_workers(coop, clock, run):
    for attempt in range(3 * MOST_ATTEMPTS):
        claimed, lease = claim_run(coop.desk, f"worker {attempt}")
        assert claimed.id == run.id
        renew_lease(coop.desk, lease, got_on=True)
        clock.wait(seconds=60)


def test_a_run_that_is_let_go_is_free_for_the_next_worker_and_that_was_no_attempt(coop, run):
    for attempt in range(2 * MOST_ATTEMPTS):
        claimed, lease = claim_run(coop.desk, f"worker {attempt}")
        assert (claimed.id, claimed.attempts) == (run.id, 1)
        let_go(coop.desk, lease)
    assert log_of(coop.desk, run.id) == ["run.requested", "run.started"]


def test_a_run_that_waits_for_room_waits_and_says_so(coop, clock, run):
    _, lease = claim_run(coop.desk, "one")
    let_go(coop.desk, lease, wait=60, stage="waiting for room")
    seen = runs.show_run(coop.desk, coop.actors["clinic"], run.id)
    assert (seen.state, seen.progress["stage"]) == ("running", "waiting for room")
    clock.wait(seconds=59)
    assert claim_run(coop.desk, "two") is None
    clock.wait(seconds=1)
    assert claim_run(coop.desk, "two")[0].id == run.id


def test_a_finished_run_has_its_result_and_holds_no_lease(coop, run):
    _, lease = claim_run(coop.desk, "one")
    finish_run(coop.desk, lease, {"threshold": 0.7}, {"kept": 1})
    ended = row_of(coop, run)
    assert (ended.state, ended.result, ended.facts) == ("done", {"threshold": 0.7}, {"kept": 1})
    assert (ended.lease_owner, ended.lease_until, ended.progress) == (None, None, None)
    assert ended.ended_at == coop.desk.now()


def test_what_cannot_be_kept_leaves_the_run_as_it_was(coop, run):
    _, lease = claim_run(coop.desk, "one")

    def fail(_):
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 (raised above)
        finish_run(coop.desk, lease, {}, {}, fail)
    assert (row_of(coop, run).state, row_of(coop, run).result) == ("running", None)
    assert log_of(coop.desk, run.id) == ["run.requested", "run.started"]


def test_a_failed_run_says_why(coop, run):
    _, lease = claim_run(coop.desk, "one")
    fail_run(coop.desk, lease, ERROR)
    assert (row_of(coop, run).state, row_of(coop, run).error) == ("failed", ERROR)
