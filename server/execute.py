"""What a worker can do: one function a kind of run."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from server.domain.runs import RunKind
from server.execute_count import execute_count
from server.execute_estimate import execute_estimate
from server.execute_link import execute_link
from server.job import Job, Outcome

EXECUTORS: Mapping[RunKind, Callable[[Job], Outcome]] = {
    RunKind.ESTIMATE: execute_estimate,
    RunKind.LINK: execute_link,
    RunKind.COUNT: execute_count,
}
