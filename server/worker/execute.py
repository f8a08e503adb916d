"""What a worker can do: one function a kind of run. Loaded when first used: an idle worker holds no mathematics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from server.domain.runs import RunKind
from server.worker.job import Job, Outcome

Executor = Callable[[Job], Outcome]


def _when_used(module: str, name: str) -> Executor:
    def execute(job: Job) -> Outcome:
        found: Executor = getattr(import_module(module), name)
        return found(job)

    return execute


EXECUTORS: Mapping[RunKind, Executor] = {
    RunKind.ESTIMATE: _when_used("server.worker.execute_estimate", "execute_estimate"),
    RunKind.LINK: _when_used("server.worker.execute_link", "execute_link"),
    RunKind.COUNT: _when_used("server.worker.execute_count", "execute_count"),
}
