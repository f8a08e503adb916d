"""Heed a wish to stop during work that cannot be stopped: it gets a thread of its own, and the caller's listens."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread
from typing import TypeVar

from schemas.console import Advance, unheard

T = TypeVar("T")

BETWEEN_TELLING = 0.1
"""Seconds between two tellings that work goes on, as in `clustering/native/supervise.cpp`."""


def heeded(work: Callable[[], T], advance: Advance) -> T:
    """What `work()` gives or raises; meanwhile `advance(0)` is called about ten times a second, in the caller's thread.

    Where `advance` raises, so does this, at once. The work then goes on to its end, unheard: it must change nothing
    that anybody still looks at, and it is not waited for when the process ends. Meant for calls of NumPy and SciPy that
    give the interpreter free; with the `advance` that nobody hears, the work is done here.
    """
    if advance is unheard:
        return work()
    outcome: Future[T] = Future()
    Thread(target=_settle, args=(outcome, work), daemon=True).start()
    while not wait([outcome], BETWEEN_TELLING).done:
        advance(0)
    return outcome.result()


def _settle(outcome: Future[T], work: Callable[[], T]) -> None:
    try:
        outcome.set_result(work())
    except BaseException as raised:  # is raised again in the caller's thread
        outcome.set_exception(raised)
