"""Runs: everything the server ever computes, each for a request under an approved agreement."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class RunKind(StrEnum):
    """What a run computes."""

    ESTIMATE = "estimate"
    """What linking would take."""
    LINK = "link"
    """Which records are one person."""
    COUNT = "count"
    """The tables of a release, with disclosure control."""


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RunMove(StrEnum):
    """What can happen to a run."""

    START = "start"
    RESUME = "go on"
    FINISH = "finish"
    FAIL = "fail"
    CANCEL = "be cancelled"


_R, _M = RunState, RunMove

RUN_MOVES: Mapping[tuple[RunState, RunMove], RunState] = {
    (_R.QUEUED, _M.START): _R.RUNNING,
    (_R.RUNNING, _M.RESUME): _R.RUNNING,  # its worker died; another one takes it over
    (_R.RUNNING, _M.FINISH): _R.DONE,
    (_R.RUNNING, _M.FAIL): _R.FAILED,
    (_R.QUEUED, _M.CANCEL): _R.CANCELLED,
    (_R.RUNNING, _M.CANCEL): _R.CANCELLED,
}

ACTIVE = frozenset({RunState.QUEUED, RunState.RUNNING})
