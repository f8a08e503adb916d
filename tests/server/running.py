"""A real `waylink serve` in a process of its own, and what one asks of it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import urllib3

PATIENCE = 300.0
"""Seconds after which a test gives up waiting: no measure of anything."""


@dataclass
class Running:
    """A server that is up."""

    process: subprocess.Popen[str]
    address: str
    first_steps: list[str]
    log: Path

    def get(self, path: str, token: str = "") -> urllib3.BaseHTTPResponse:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return urllib3.request("GET", self.address + path, headers=headers, retries=False, timeout=PATIENCE)

    def wait_until_ready(self) -> dict[str, object]:
        return wait_for(lambda: (answer := self.get("/readyz")).status == 200 and answer.json())

    @property
    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        threads = Path(f"/proc/{self.process.pid}/task").iterdir()  # each keeper of a worker is a thread
        for thread in threads:
            children += (thread / "children").read_text().split()
        return sorted({int(child) for child in children})

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


def wait_for(look):
    """Ask again and again until the answer is something."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come about")


def start(folder: Path, *options: object, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """Start a server; what it says goes to `<folder>.log`."""
    command = [sys.executable, "-m", "waylink", "serve", "--data", folder, "--port", 0, *options]
    with folder.with_suffix(".log").open("a") as log:
        return subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=log, text=True, env=env)


@contextmanager
def serving(folder: Path, *options: object, env: dict[str, str] | None = None) -> Iterator[Running]:
    """A server on a data folder, up for as long as the block runs."""
    process = start(folder, "--json", *options, env=env)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        log = folder.with_suffix(".log")
        assert line, log.read_text()
        said = json.loads(line)
        yield Running(process, said["address"], said["first_steps"], log)
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
