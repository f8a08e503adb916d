"""Many stewards at one server at the same time: how long their reads take while some of them send and a run runs."""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.coop import Delivery, Host, agreement_text, hosting, people_folders, random_folder
from encoder.send import send_folder
from waylink.remote.connection import Connection
from waylink.remote.errors import RemoteError
from waylink.remote.runs import ACTIVE, LINK, cancel_run, show_run, start_run
from waylink.remote.uploads import HttpCarrier

SEED = 20261124
Asker = tuple[Connection, list[str]]
"""Somebody who asks, and for what."""

LINKED = ("east", "middle", "north", "south", "west")
QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


@dataclass
class Watch:
    """What is noted while all of them are at it.

    Attributes:
        until: when they stop, by `time.perf_counter`.
        reads: seconds of each read.
        errors: what went wrong.
        sent: bytes of whole uploads.
    """

    until: float
    reads: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    sent: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, seconds: float) -> None:
        """A read was answered."""
        with self.lock:
            self.reads.append(seconds)

    def went_wrong(self, error: Exception) -> None:
        """Something was not answered as it should be."""
        with self.lock:
            self.errors.append(f"{type(error).__name__}: {getattr(error, 'what', '')}")

    def over(self) -> bool:
        """Whether it is time to stop."""
        return time.perf_counter() >= self.until


@dataclass(frozen=True)
class Sender:
    """A steward who asks and sends, over a connection each: sending is another process' work.

    Attributes:
        asking, sending: the connections.
        project: the id of the project it sends to.
        deliveries: what it sends, in turns.
    """

    asking: Connection
    sending: Connection
    project: str
    deliveries: list[Delivery]


def measure_load(options: argparse.Namespace) -> dict[str, Any]:
    """Stewards ask for their project, a run, uploads and releases; some send all the while; a run runs."""
    with tempfile.TemporaryDirectory() as folder, hosting(Path(folder) / "server") as host:
        askers, run = _linking_project(host, options)
        senders = _sending_project(host, options, Path(folder))
        while show_run(askers[0][0], run).progress is None:
            time.sleep(0.1)
        watch = Watch(time.perf_counter() + options.seconds)
        _all_at_once(watch, askers + [(one.asking, _paths(one.project)) for one in senders], senders, options.pause)
        still_runs = show_run(askers[0][0], run).state in ACTIVE
        if still_runs:
            cancel_run(askers[0][0], run)
    reads = np.array(watch.reads) * 1000
    return {
        "stewards": options.stewards,
        "senders": options.senders,
        "seconds": options.seconds,
        "a_run_ran_all_the_time": still_runs,
        "reads": len(reads),
        "reads_a_second": round(len(reads) / options.seconds, 1),
        "milliseconds": {name: round(float(np.quantile(reads, q)), 1) for name, q in QUANTILES.items()}
        | {"most": round(float(reads.max()), 1)},
        "sent_mb_a_second": round(watch.sent / 1e6 / options.seconds, 1),
        "errors": sorted(watch.errors),
    }


def show_load(figures: Mapping[str, Any]) -> str:
    """One line."""
    errors = f"{len(figures['errors'])} errors {'; '.join(sorted(set(figures['errors'])))}".rstrip()
    times = ", ".join(f"{name} {value} ms" for name, value in figures["milliseconds"].items())
    return (
        f"{figures['stewards']} stewards, {figures['senders']} of them sending, for {figures['seconds']:.0f} s "
        f"({'a run ran all the time' if figures['a_run_ran_all_the_time'] else 'the run ended before'}): "
        f"{figures['reads']} reads, {figures['reads_a_second']} a second: {times}; "
        f"{figures['sent_mb_a_second']} MB/s of uploads; {errors}"
    )


def _linking_project(host: Host, options: argparse.Namespace) -> tuple[list[Asker], str]:
    """The project with the run, and those who only ask: the stewards of its members."""
    text, count = agreement_text("Benchmark", LINKED), max(options.stewards - options.senders, len(LINKED))
    stewards = [host.stewards(member, len(range(number, count, len(LINKED)))) for number, member in enumerate(LINKED)]
    project = host.approved_project(text, [one[0] for one in stewards])
    for (steward, *_), delivery in zip(
        stewards, people_folders(text, options.records, 20261123, options.folder), strict=True
    ):
        send_folder(delivery.folder, project, HttpCarrier(steward))
    run = start_run(stewards[0][0], project, LINK).id
    return [(steward, _paths(project, run)) for one in stewards for steward in one], run


def _sending_project(host: Host, options: argparse.Namespace, folder: Path) -> list[Sender]:
    """Another project, and its members' stewards, who send; each has two folders, as the same one is sent once only."""
    members = [f"sender-{number}" for number in range(max(options.senders, 2))]
    text = agreement_text("Sending", members)
    stewards = [host.stewards(member, 2) for member in members]
    project = host.approved_project(text, [asking for asking, _ in stewards])
    found = []
    for (asking, sending), member in list(zip(stewards, members, strict=True))[: options.senders]:
        folders = [folder / f"{member}-{turn}" for turn in range(2)]
        deliveries = [
            random_folder(text, member, options.sent_records, SEED + turn, one) for turn, one in enumerate(folders)
        ]
        found.append(Sender(asking, sending, project, deliveries))
    return found


def _paths(project: str, run: str = "") -> list[str]:
    asked = [f"/api/projects/{project}", f"/api/projects/{project}/uploads", "/api/releases"]
    return [*asked, f"/api/runs/{run}" if run else f"/api/projects/{project}/runs"]


def _all_at_once(watch: Watch, askers: list[Asker], senders: list[Sender], pause: float) -> None:
    """Those who ask are timed in this process; the senders work in another, so that neither waits for the other."""
    system = multiprocessing.get_context("fork")  # a token is not pickled
    told = system.SimpleQueue()
    sending = system.Process(target=_send_all, args=(watch, senders, told))
    sending.start()
    _in_threads([partial(_ask, watch, *asker, pause, number / len(askers)) for number, asker in enumerate(askers)])
    sent, errors = told.get()
    sending.join()
    watch.sent += sent
    watch.errors += errors


def _send_all(watch: Watch, senders: list[Sender], told: Any) -> None:  # noqa: ANN401 (a queue of any system)
    _in_threads([partial(_send, watch, sender) for sender in senders])
    told.put((watch.sent, watch.errors))


def _in_threads(all_of: Sequence[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=one) for one in all_of]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _ask(watch: Watch, steward: Connection, paths: list[str], pause: float, share: float) -> None:
    """A round every `pause` seconds, as `waylink run watch` does; the stewards begin at different moments."""
    due = time.perf_counter() + pause * share
    while not watch.over():
        time.sleep(max(0.0, due - time.perf_counter()))
        for path in paths:
            started = time.perf_counter()
            try:
                steward.request("GET", path)
            except RemoteError as error:
                watch.went_wrong(error)
            else:
                watch.note(time.perf_counter() - started)
        due = max(due + pause, time.perf_counter())


def _send(watch: Watch, sender: Sender) -> None:
    """One upload after the other, as fast as the server takes them; each is taken back, and can be sent again."""
    turn = 0
    while not watch.over():
        delivery = sender.deliveries[turn % len(sender.deliveries)]
        try:
            sent = send_folder(delivery.folder, sender.project, HttpCarrier(sender.sending))
            sender.sending.request("DELETE", f"/api/uploads/{sent.id}")
        except RemoteError as error:
            watch.went_wrong(error)
        else:
            with watch.lock:
                watch.sent += delivery.bytes
        turn += 1
