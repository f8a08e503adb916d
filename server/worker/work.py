"""The worker: takes runs from the queue, one at a time, does their work, and keeps the house."""

from __future__ import annotations

import logging
import os
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError

from schemas.errors import Explained
from server.actions.desk import Desk
from server.actions.housekeeping import keep_house
from server.actions.run_queue import (
    LEASE_SECONDS,
    MOST_ATTEMPTS,
    Lease,
    LeaseLost,
    claim_run,
    fail_run,
    finish_run,
    let_go,
    note_cancelled,
)
from server.domain.runs import RunKind
from server.store.blobs.errors import DiskFault, NoRoom
from server.store.database import DiskFull
from server.store.runs import RunRow
from server.worker.execute import EXECUTORS
from server.worker.heartbeat import Heartbeat
from server.worker.job import Job
from server.worker.run_progress import Halt, Halted, RunProgress

WAITING_FOR_ROOM = "waiting for room on the server's disk"
_OWNER_BYTES = 8  # of a worker's name: no two are ever the same
_FULL = (NoRoom, DiskFull)
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pace:
    """How a worker goes about it.

    Attributes:
        lease_seconds: after which a worker that was not heard of has lost its run.
        most_attempts: workers that may die of a run, without it getting on, before it counts as failed.
        idle_seconds: between two looks into an empty queue.
        house_seconds: between two rounds of housekeeping.
        room_seconds: before a run that found the disk full is tried again.
        block_records: most records of a tile's side (None: as many as take seconds); what a kill may cost.
        niceness: added to the process's own: whoever asks the server is answered first.
    """

    lease_seconds: int = LEASE_SECONDS
    most_attempts: int = MOST_ATTEMPTS
    idle_seconds: float = 1.0
    house_seconds: float = 60.0
    room_seconds: int = 60
    block_records: int | None = None
    niceness: int = 10


AT_EASE = Pace()


def work(
    desk: Desk,
    *,
    once: bool = False,
    stop: Callable[[], bool] = lambda: False,
    threads: int | None = None,
    pace: Pace = AT_EASE,
    seconds: Callable[[], float] = time.monotonic,
    wait: Callable[[float], None] = time.sleep,
) -> int:
    """Work until told to stop, in this process; a run that is under way then is let go, for the next worker.

    A database that cannot be reached ends the worker with an error; whoever supervises it starts another one.

    Args:
        once: come back when the queue is empty.
        stop: asked about once a second whether to stop.
        threads: how many a run may use (None: all that this process may).
        seconds: a clock that only goes forward.
        wait: sleeps.

    Returns:
        How many runs were worked on.
    """
    os.nice(pace.niceness)
    worker = _Worker(desk, desk.random_bytes(_OWNER_BYTES).hex(), stop, threads, pace, seconds, wait)
    taken = 0
    while not stop():
        worker.house.keep_if_due()
        if worker.take_next():
            taken += 1
        elif once:
            break
        else:
            wait(pace.idle_seconds)
    return taken


class _House:
    """Housekeeping at its times. A full or failing disk is no reason to stop: the next round goes on."""

    def __init__(self, desk: Desk, every: float, seconds: Callable[[], float]) -> None:
        self._desk, self._every, self._seconds = desk, every, seconds
        self._next = seconds()

    def keep_if_due(self) -> None:
        if self._seconds() >= self._next:
            self.keep()

    def keep(self) -> None:
        self._next = self._seconds() + self._every
        try:
            keep_house(self._desk)
        except (*_FULL, DiskFault) as error:
            _log.warning("housekeeping stopped: %s", type(error).__name__)


class _Worker:
    def __init__(
        self,
        desk: Desk,
        owner: str,
        stop: Callable[[], bool],
        threads: int | None,
        pace: Pace,
        seconds: Callable[[], float],
        wait: Callable[[float], None],
    ) -> None:
        self.house = _House(desk, pace.house_seconds, seconds)
        self._desk, self._owner, self._stop, self._threads = desk, owner, stop, threads
        self._pace, self._seconds, self._wait = pace, seconds, wait
        self._told_full = False

    def take_next(self) -> bool:
        """Work on the next run, to whichever end; False where there is none."""
        try:
            claimed = claim_run(
                self._desk, self._owner, seconds=self._pace.lease_seconds, most_attempts=self._pace.most_attempts
            )
        except DiskFull:
            if not self._told_full:
                _log.warning("no run can be taken: the disk is full")
            self._told_full = True
            return False
        self._told_full = False
        if claimed is None:
            return False
        run, lease = claimed
        _log.info("took run %s (%s)", run.id, run.kind)
        self._insist(self._do(run, lease))
        self.house.keep()  # what only this run needed goes now
        return True

    def _do(self, run: RunRow, lease: Lease) -> Callable[[], object]:
        """Do a run's work and write what came of it; gives back what is left to write."""
        progress = RunProgress(self._seconds)
        heart = Heartbeat(self._desk, lease, progress, self._seconds, self._stop, self.house.keep_if_due)
        job = Job(
            self._desk, run, progress, self._seconds, self._threads, self._pace.block_records, got_on=heart.got_on
        )
        try:
            with heart:
                outcome = EXECUTORS[RunKind(run.kind)](job)
                progress.check()
            finish_run(self._desk, lease, outcome.result, outcome.facts, outcome.keep)
        except Halted as halted:
            return self._after_halt(halted.why, lease)
        except _FULL:
            return self._after_halt(Halt.NO_ROOM, lease)
        except DBAPIError:
            raise
        except LeaseLost:
            return _nothing
        except Exception as error:  # the run's fault, not the worker's: the next run may well go
            told = told_of(error)
            return lambda: fail_run(self._desk, lease, told)
        return _nothing

    def _after_halt(self, why: Halt, lease: Lease) -> Callable[[], object]:
        _log.info("run %s stops: %s", lease.run_id, why)
        if why is Halt.CANCELLED:
            return lambda: note_cancelled(self._desk, lease)
        if why is Halt.STOPPING:
            return lambda: let_go(self._desk, lease)
        if why is Halt.NO_ROOM:
            return lambda: let_go(self._desk, lease, wait=self._pace.room_seconds, stage=WAITING_FOR_ROOM)
        return _nothing  # the lease is lost: whoever has the run now ends it

    def _insist(self, write: Callable[[], object]) -> None:
        """Write how a run goes on, again and again while the disk is full; after the lease it is another's to say."""
        deadline = self._seconds() + self._pace.lease_seconds
        while True:
            try:
                write()
            except LeaseLost:
                return
            except _FULL:
                if self._stop() or self._seconds() > deadline:
                    return
                self._wait(self._pace.idle_seconds)
            else:
                return


def told_of(error: Exception) -> dict[str, object]:
    """What members are told of a run that failed. Errors of ours name no value; of any other only the class is told."""
    if isinstance(error, Explained):
        return {"what": error.what, "where": error.where, "fix": error.fix}
    place = traceback.extract_tb(error.__traceback__)[-1]
    _log.error("a run failed with %s at %s:%s", type(error).__name__, place.filename, place.lineno)
    what = f"the server met a fault of its own: {type(error).__name__}"
    return {"what": what, "where": "", "fix": "tell the operator, whose log says where it was"}


def _nothing() -> None:
    """Nothing is left to write."""
