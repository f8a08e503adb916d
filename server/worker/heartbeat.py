"""The heartbeat of a worker: while it works, a thread beside it keeps the lease, tells progress and hears a cancel."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from server.actions.desk import Desk
from server.actions.run_queue import Lease, LeaseLost, is_cancelled, renew_lease
from server.store.blobs.errors import NoRoom
from server.store.database import DiskFull
from server.worker.run_progress import Halt, RunProgress

BEAT_SECONDS = 1.0
"""Between two looks: a cancel is heard within it, and progress is written no more often."""

RENEW_SHARE = 6
"""A lease of 30 s is renewed every 5 s: five renewals may fail before it is lost."""


class Heartbeat:
    """A thread that runs for as long as the block does.

    Args:
        stop: whether the worker is to stop.
        meanwhile: done after each beat (the house is kept during long runs too).
    """

    def __init__(
        self,
        desk: Desk,
        lease: Lease,
        progress: RunProgress,
        seconds: Callable[[], float],
        stop: Callable[[], bool] = lambda: False,
        meanwhile: Callable[[], object] = lambda: None,
    ) -> None:
        self._desk, self._lease, self._progress, self._seconds = desk, lease, progress, seconds
        self._stop, self._meanwhile = stop, meanwhile
        self._renewed, self._said = seconds(), progress.told()
        self._got_on = self._said_so = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def got_on(self) -> None:
        """Note that something was finished for good. The first time it is written at once: a kill may be near."""
        self._got_on = True
        if not self._said_so:
            self._said_so = True
            self.beat()

    def beat(self) -> None:
        """Keep the lease, or have the work stop: it is lost, cancelled, the worker stops, or the disk is full."""
        if self._stop():
            self._progress.halt(Halt.STOPPING)
        try:
            if self._look():
                self._progress.halt(Halt.CANCELLED)
        except LeaseLost:
            self._progress.halt(Halt.LOST)
        except (DiskFull, NoRoom):
            self._progress.halt(Halt.NO_ROOM)

    def _look(self) -> bool:
        """Write what is new; without news and while the lease is young, only look. Gives back whether to cancel."""
        now, told = self._seconds(), self._progress.told()
        young = now - self._renewed < self._lease.seconds / RENEW_SHARE
        if young and told == self._said and not self._got_on:
            return is_cancelled(self._desk, self._lease)
        got_on, self._got_on = self._got_on, False
        cancelled = renew_lease(self._desk, self._lease, progress=told, got_on=got_on)
        self._renewed, self._said = now, told
        return cancelled

    def _run(self) -> None:
        while not self._ended.wait(BEAT_SECONDS):
            try:
                self.beat()
                self._meanwhile()
            except Exception:  # a database that is away for a moment is no end; a lease that ran out is
                if self._seconds() - self._renewed > self._lease.seconds:
                    self._progress.halt(Halt.LOST)
