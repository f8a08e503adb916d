"""Figures for Prometheus, in a registry of the app's own. Routes as templates, never as they were asked for."""

from __future__ import annotations

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from server.actions.operation import Status
from server.domain.runs import RunState

MEDIA_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10, 60)


class Metrics:
    """Counts requests as they end; takes the gauges from a status when it is asked for the page."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        asked = ["route", "method"]
        self._requests = Counter("waylink_requests", "Requests answered.", [*asked, "status"], registry=registry)
        self._seconds = Histogram(
            "waylink_request_seconds", "Time to the end of an answer.", asked, buckets=_SECONDS, registry=registry
        )
        self._runs = Gauge("waylink_runs", "Runs by state.", ["state"], registry=registry)
        self._queue = Gauge("waylink_queue_length", "Runs that wait for a worker.", registry=registry)
        self._workers = Gauge("waylink_workers", "Workers heard of within a minute.", registry=registry)
        self._free = Gauge("waylink_disk_free_bytes", "Room on the data folder's disk.", registry=registry)
        self._used = Gauge("waylink_data_bytes", "What the data folder takes.", registry=registry)
        self._backup = Gauge(
            "waylink_backup_age_seconds", "Time since the last backup; NaN: there was none.", registry=registry
        )

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """Note one request: its route's template, a method of HTTP's, the status (0: nobody waited for it)."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route, method).observe(seconds)

    def page(self, status: Status) -> bytes:
        """All figures, in Prometheus' text form (`MEDIA_TYPE`)."""
        for state, number in status.runs.items():
            self._runs.labels(str(state)).set(number)
        self._queue.set(status.runs[RunState.QUEUED])
        self._workers.set(status.workers)
        self._free.set(status.disk_free_bytes)
        self._used.set(status.data_bytes)
        self._backup.set(float("nan") if status.backup_age is None else status.backup_age)
        return generate_latest(self._registry)
