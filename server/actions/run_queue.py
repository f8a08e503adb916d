"""The queue of runs, as a worker uses it: take a run under a lease, keep the lease, end the run or let it go.

A run is one worker's as long as its lease lasts; every change here proves first that it still is. Taking a run and
ending it are in the audit log; renewing a lease is not, as it changes no state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from schemas.errors import NetworkFault
from server.actions.desk import Change, Desk
from server.actions.runs import end_run
from server.domain.accounts import SERVER
from server.domain.audit.events import Subject
from server.domain.errors import ServerError
from server.domain.runs import RUN_MOVES, RunMove, RunState
from server.domain.states import moved
from server.store.runs import RunRow, next_in_queue

LEASE_SECONDS = 30
"""After which a worker that was not heard of has lost its run to another one."""

MOST_ATTEMPTS = 3
"""Workers that may die of a run, without it getting on, before it counts as failed."""


class LeaseLost(ServerError, NetworkFault):
    """The run is another worker's by now, or has ended: nothing more may be written for it."""

    def __init__(self) -> None:
        super().__init__("the lease of this run is over", where="run")


@dataclass(frozen=True)
class Lease:
    """A worker's hold on a run.

    Attributes:
        run_id: the run.
        owner: the worker's name, of it alone.
        seconds: how long it lasts after each renewal.
    """

    run_id: str
    owner: str
    seconds: int = LEASE_SECONDS


def claim_run(
    desk: Desk, owner: str, *, seconds: int = LEASE_SECONDS, most_attempts: int = MOST_ATTEMPTS
) -> tuple[RunRow, Lease] | None:
    """Take the oldest run that waits, or whose worker was not heard of in time; None where there is none.

    Changes stand in line on both databases, so no run is taken by two. Runs that are to be cancelled, or that wore out
    their workers, end here.
    """
    with desk.reading() as session:  # a look costs no lock
        if next_in_queue(session, desk.now()) is None:
            return None
    with desk.noting() as change:
        while run := next_in_queue(change.session, change.now):
            if run.cancel_requested:
                end_run(change, SERVER, run, RunMove.CANCEL)
            elif run.attempts >= most_attempts:
                run.error = _worn_out(most_attempts)
                end_run(change, SERVER, run, RunMove.FAIL)
            else:
                _take(change, run, owner, desk.later(seconds=seconds))
                return run, Lease(run.id, owner, seconds)
            change.session.flush()
    return None


def renew_lease(
    desk: Desk, lease: Lease, *, progress: Mapping[str, object] | None = None, got_on: bool = False
) -> bool:
    """Keep a run for another while, and say how far it is.

    Args:
        progress: {stage, done, seconds_left}.
        got_on: whether something was finished that a next attempt need not do again: the attempts before are forgiven.

    Returns:
        Whether somebody wants the run ended.

    Raises:
        LeaseLost: it is another worker's, or has ended.
    """
    with desk.database.writing() as session:
        run = _held(session, lease)
        run.lease_until = desk.later(seconds=lease.seconds)
        if progress is not None:
            run.progress = dict(progress)
        if got_on:
            run.attempts = 1
        return run.cancel_requested


def is_cancelled(desk: Desk, lease: Lease) -> bool:
    """Whether somebody wants the run ended; LeaseLost as `renew_lease`. Writes nothing."""
    with desk.reading() as session:
        return _held(session, lease).cancel_requested


def finish_run(
    desk: Desk,
    lease: Lease,
    result: Mapping[str, object],
    facts: Mapping[str, object] | None = None,
    keep: Callable[[Change], None] = lambda _: None,
) -> RunState:
    """End a run that did its work; one that somebody wants ended is cancelled all the same.

    Args:
        result: what members may see.
        facts: what the server keeps for later.
        keep: writes what else the run made, inside the transaction: only the worker that holds the run gets there.

    Returns:
        How it ended.

    Raises:
        LeaseLost: it is another worker's.
        NoRoom, DiskFull: nothing was changed.
    """
    with desk.changing() as change:
        run = _held(change.session, lease)
        if run.cancel_requested:
            end_run(change, SERVER, run, RunMove.CANCEL)
        else:
            run.result, run.facts = dict(result), None if facts is None else dict(facts)
            keep(change)
            end_run(change, SERVER, run, RunMove.FINISH)
        return RunState(run.state)


def fail_run(desk: Desk, lease: Lease, error: Mapping[str, object]) -> None:
    """End a run that cannot be done.

    Args:
        error: {what, where, fix}, without any value of a person.
    """
    with desk.changing() as change:
        run = _held(change.session, lease)
        if not run.cancel_requested:
            run.error = dict(error)
        end_run(change, SERVER, run, RunMove.CANCEL if run.cancel_requested else RunMove.FAIL)


def note_cancelled(desk: Desk, lease: Lease) -> None:
    """End a run that somebody wanted ended, once its work has stopped."""
    with desk.changing() as change:
        end_run(change, SERVER, _held(change.session, lease), RunMove.CANCEL)


def let_go(desk: Desk, lease: Lease, *, wait: int = 0, stage: str = "") -> None:
    """Give a run back as it is: whoever comes next goes on with it. That was no failed attempt.

    Args:
        wait: seconds in which nobody takes it.
        stage: what its progress says meanwhile ("": as it was).
    """
    with desk.database.writing() as session:
        run = _held(session, lease)
        run.lease_owner, run.attempts = None, run.attempts - 1
        run.lease_until = desk.later(seconds=wait - 1)  # it is free after that moment, not at it
        if stage:
            run.progress = {"stage": stage, "done": 0.0, "seconds_left": None}


def _take(change: Change, run: RunRow, owner: str, until: str) -> None:
    died = run.lease_owner is not None
    first = run.state == RunState.QUEUED
    run.state = moved(RUN_MOVES, RunState(run.state), RunMove.START if first else RunMove.RESUME, what="run")
    run.started_at = run.started_at or change.now
    run.lease_owner, run.lease_until = owner, until
    run.attempts += 1
    if first or died:  # a run that was let go, and is taken up again, was never out of hand
        action = "run.started" if first else "run.resumed"
        change.record(SERVER, action, Subject("run", run.id), kind=run.kind)


def _worn_out(attempts: int) -> dict[str, object]:
    return {
        "what": f"its worker stopped {attempts} times in a row without getting on",
        "where": "worker",
        "fix": "have the operator see whether memory is short; then start another run",
    }


def _held(session: Session, lease: Lease) -> RunRow:
    """The run, if it is still this worker's."""
    run = session.get(RunRow, lease.run_id)
    if run is None or run.state != RunState.RUNNING or run.lease_owner != lease.owner:
        raise LeaseLost
    return run
