"""What the co-op's server takes: a real `waylink serve`, spoken to by the members' own client over loopback.

    python -m benchmarks.server --coop        five members x 100,000 records: from the first byte to the last link map
    python -m benchmarks.server --upload      1,000,000 records: MB/s and memory, beside a plain write to the same disk
    python -m benchmarks.server --load        50 stewards ask, ten of them send, a run uses the other core
    python -m benchmarks.server --idle        seconds to the first /readyz, and memory ten seconds later

Without any of these, all of them. The server's folder is a temporary one: name the disk with TMPDIR.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.coop import Delivery, Host, agreement_text, hosting, people_folders, random_folder
from benchmarks.datasets import CACHE
from benchmarks.machine import machine, write_figures
from benchmarks.server_load import measure_load, show_load
from benchmarks.server_memory import Footprint, footprint, forget_peak, peak, processes_of
from encoder.send import Upload, send_folder
from waylink.loopback import Loopback, serving
from waylink.remote.address import parse_address
from waylink.remote.connection import Connection
from waylink.remote.errors import RemoteError
from waylink.remote.runs import ACTIVE, LINK, fetch_link_map, show_run, start_run
from waylink.remote.uploads import HttpCarrier

SEED = 20261123
MEMBERS = ("east", "middle", "north", "south", "west")
KERNEL = "comparing"
POLL_SECONDS = 0.05
IDLE_SECONDS = 10.0
PLAIN_BLOCK = 1 << 20
MIB = 1 << 20


class TimedCarrier(HttpCarrier):
    """The members' own, and how long the server took to check."""

    checking = 0.0

    def complete(self, upload: str) -> Upload:
        """Have it checked."""
        started = time.perf_counter()
        try:
            return super().complete(upload)
        finally:
            self.checking += time.perf_counter() - started


def send(steward: Connection, delivery: Delivery, project: str) -> tuple[float, float]:
    """Send a folder; gives back the seconds of sending, and those of the server's checks."""
    carrier, started = TimedCarrier(steward), time.perf_counter()
    send_folder(delivery.folder, project, carrier)
    return time.perf_counter() - started - carrier.checking, carrier.checking


def measure_coop(options: argparse.Namespace) -> dict[str, Any]:
    """Five members send, a run links them, each fetches its link map."""
    text = agreement_text("Benchmark", MEMBERS)
    deliveries = people_folders(text, options.records, SEED, options.folder)
    with temporary_host() as host:
        stewards = [host.stewards(delivery.member)[0] for delivery in deliveries]
        project, started = host.approved_project(text, stewards), time.perf_counter()
        took = [send(steward, one, project) for steward, one in zip(stewards, deliveries, strict=True)]
        sent = time.perf_counter()
        run = start_run(stewards[0], project, LINK).id
        wait_for_end(stewards[0], run)
        linked = time.perf_counter()
        for steward in stewards:
            fetch_link_map(steward, run)
        ended = time.perf_counter()
        stages = seconds_of_run(host.people.data / "waylink.db", run)
    worked = stages.pop("total")
    parts = {"sending": sum(one for one, _ in took), "checking of uploads": sum(one for _, one in took)}
    parts |= stages | {"rest of the work": worked - sum(stages.values())}
    parts |= {"queue, loading, sealing, deletion": linked - sent - worked, "link maps": ended - linked}
    total = ended - started
    return {
        "records": [options.records] * len(MEMBERS),
        "seconds": round(total, 2),
        "not_kernel_share": round(1 - parts[KERNEL] / total, 3),
        "parts": {name: round(seconds, 2) for name, seconds in parts.items()},
    }


def measure_upload(options: argparse.Namespace) -> dict[str, Any]:
    """One member's large file, and as many bytes written plainly to the same disk, in turns."""
    text = agreement_text("Benchmark", MEMBERS[:2])
    with tempfile.TemporaryDirectory() as folder:
        delivery = random_folder(text, MEMBERS[0], options.large_records, SEED, Path(folder) / "member")
        turns = [_upload_once(text, delivery, Path(folder) / f"turn-{turn}") for turn in range(options.turns)]
        size = delivery.bytes
    best = max(turns, key=lambda turn: float(turn["mb_a_second"]))
    return {"records": options.large_records, "bytes": size, "best": best, "turns": turns}


def _upload_once(text: str, delivery: Delivery, root: Path) -> dict[str, Any]:
    with hosting(root) as host:
        stewards = [host.stewards(member)[0] for member in MEMBERS[:2]]
        project, api = host.approved_project(text, stewards), host.server.process.pid
        send(stewards[0], _warm_up(text, root), project)  # what is loaded once is no part of receiving
        plain, before = plain_write(delivery.bytes, root / "plain"), forget_peak(api)
        cpu = cpu_seconds(api)
        sending, checking = send(stewards[0], delivery, project)
        cpu, growth = cpu_seconds(api) - cpu, peak(api) - before
    mb = delivery.bytes / 1e6
    return {
        "mb_a_second": round(mb / sending, 1),
        "plain_mb_a_second": round(mb / plain, 1),
        "seconds": round(sending, 2),
        "checking_seconds": round(checking, 2),
        "server_cpu_seconds": round(cpu, 2),
        "memory_growth_mib": round(growth / MIB, 1),
    }


def _warm_up(text: str, root: Path) -> Delivery:
    return random_folder(text, MEMBERS[0], 10, SEED + 1, root / "warm")


def plain_write(size: int, path: Path) -> float:
    """Seconds of writing so many bytes to a new file, and one fsync."""
    block = os.urandom(PLAIN_BLOCK)
    started = time.perf_counter()
    with path.open("wb", buffering=0) as file:
        for position in range(0, size, PLAIN_BLOCK):
            file.write(block[: size - position])
        os.fsync(file.fileno())
    seconds = time.perf_counter() - started
    path.unlink()
    return seconds


def measure_idle(options: argparse.Namespace) -> dict[str, Any]:
    """A server on an empty folder: seconds to the first /readyz, memory a while later."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        with serving(Loopback(Path(folder))) as server:
            wait_until_ready(Connection(parse_address(server.address)))
            ready = time.perf_counter() - started
            pids = processes_of(server.process.pid)
            cpu = sum(map(cpu_seconds, pids.values()))
            time.sleep(options.idle_seconds)
            sizes = {name: footprint(pid) for name, pid in pids.items()}
    total = Footprint(sum(size.rss for size in sizes.values()), sum(size.pss for size in sizes.values()))
    in_mb = {name: size.in_mb() for name, size in {**sizes, "all": total}.items()}
    return {
        "ready_seconds": round(ready, 2),
        "ready_cpu_seconds": round(cpu, 2),
        "seconds_after": options.idle_seconds,
        "memory_mb": in_mb,
    }


def wait_until_ready(anybody: Connection) -> None:
    """Ask /readyz until it says yes."""
    while True:
        try:
            anybody.request("GET", "/readyz")
        except RemoteError:
            time.sleep(POLL_SECONDS)
        else:
            return


@contextmanager
def temporary_host() -> Iterator[Host]:
    """A server on a temporary folder."""
    with tempfile.TemporaryDirectory() as folder, hosting(Path(folder) / "root") as host:
        yield host


def wait_for_end(steward: Connection, run: str) -> None:
    """Wait until a run is done; AssertionError where it ends otherwise."""
    while (found := show_run(steward, run)).state in ACTIVE:
        time.sleep(POLL_SECONDS)
    if found.state != "done":
        raise AssertionError(f"the run ended: {found.state}, {found.error}")


def seconds_of_run(database: Path, run: str) -> dict[str, float]:
    """What a run's worker noted for itself: seconds by stage, and in total."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        (facts,) = connection.execute("SELECT facts FROM runs WHERE id = ?", (run,)).fetchone()
    return dict(json.loads(facts)["seconds"])


def cpu_seconds(pid: int) -> float:
    """What a process has used of the processors, its system calls included."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def show_coop(figures: Mapping[str, Any]) -> str:
    """The whole and its parts."""
    lines = [f"{len(figures['records'])} x {figures['records'][0]:,} records: {figures['seconds']:.1f} s"]
    lines += [f"  {seconds:8.2f} s  {name}" for name, seconds in figures["parts"].items()]
    return "\n".join([*lines, f"  {figures['not_kernel_share']:.0%} of the time is not the kernel's"])


def show_upload(figures: Mapping[str, Any]) -> str:
    """Each turn."""
    lines = [f"{figures['records']:,} records, {figures['bytes'] / 1e6:.0f} MB"]
    lines += [
        f"  {turn['mb_a_second']} MB/s (a plain write and fsync: {turn['plain_mb_a_second']}); checking "
        f"{turn['checking_seconds']} s; the server: {turn['server_cpu_seconds']} CPU s, "
        f"{turn['memory_growth_mib']} MiB more"
        for turn in figures["turns"]
    ]
    return "\n".join(lines)


def show_idle(figures: Mapping[str, Any]) -> str:
    """Seconds, and memory by process."""
    memory = "; ".join(f"{name} {size['rss']} MB (PSS {size['pss']})" for name, size in figures["memory_mb"].items())
    return (
        f"ready after {figures['ready_seconds']} s ({figures['ready_cpu_seconds']} CPU s of all processes); "
        f"{figures['seconds_after']:.0f} s later: {memory}"
    )


Section = tuple[Callable[[argparse.Namespace], dict[str, Any]], Callable[[Mapping[str, Any]], str]]
SECTIONS: Mapping[str, Section] = {
    "idle": (measure_idle, show_idle),
    "upload": (measure_upload, show_upload),
    "coop": (measure_coop, show_coop),
    "load": (measure_load, show_load),
}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in SECTIONS:
        made.add_argument(f"--{name}", action="store_true", help="this section; without any, all")
    made.add_argument("--records", type=int, default=100_000, help="of each member, where a run links")
    made.add_argument("--large-records", type=int, default=1_000_000, help="of the large upload")
    made.add_argument("--turns", type=int, default=3, help="of the large upload")
    made.add_argument("--stewards", type=int, default=50, help="who ask at the same time")
    made.add_argument("--senders", type=int, default=10, help="how many of them send, too")
    made.add_argument("--sent-records", type=int, default=100_000, help="of each of their uploads")
    made.add_argument("--seconds", type=float, default=60.0, help="for which they ask")
    made.add_argument("--pause", type=float, default=2.0, help="seconds from one round of a steward to its next")
    made.add_argument("--idle-seconds", type=float, default=IDLE_SECONDS, help="after which memory is looked at")
    made.add_argument("--folder", type=Path, default=CACHE, help="where made-up members are kept")
    made.add_argument("--json", type=Path, metavar="FILE", help="write the figures here; other sections' stay")
    return made


def main() -> None:
    """Read the command line, measure, print."""
    options = parser().parse_args()
    wanted = [name for name in SECTIONS if getattr(options, name)] or list(SECTIONS)
    figures: dict[str, Any] = {}
    for name in wanted:
        measure, show = SECTIONS[name]
        figures[name] = measure(options)
        sys.stdout.write(f"{name}: {show(figures[name])}\n")
        sys.stdout.flush()
    if options.json:
        before = json.loads(options.json.read_text(encoding="utf-8")) if options.json.exists() else {}
        write_figures(before | machine() | figures, options.json)


if __name__ == "__main__":
    main()
