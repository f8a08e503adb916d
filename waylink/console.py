"""The terminal: progress with ETA on stderr (quiet when that is no terminal), results on stdout."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from schemas.console import Advance


def printable(text: str) -> str:
    """Text without the signs that a terminal would obey: headers of a file may hold any."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}" for sign in text)


class TerminalConsole:
    """Fulfils `schemas.console.Console`."""

    def __init__(self, *, json: bool) -> None:
        self.json = json
        self.lively = not json and sys.stderr.isatty()

    @contextmanager
    def stage(self, title: str, total: int) -> Iterator[Advance]:
        """A progress bar with the time that is left."""
        if not self.lively:
            yield lambda units: None  # noqa: ARG005 (the protocol's name)
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            task = bars.add_task(title, total=total)
            yield lambda units: bars.advance(task, units)

    def remark(self, text: str) -> None:
        """A line for the person at the terminal."""
        if not self.json:
            print(printable(text), file=sys.stderr)

    def result(self, text: str, data: Mapping[str, Any]) -> None:
        """The command's result."""
        print(json.dumps(data) if self.json else printable(text))

    def seconds(self) -> float:
        """A clock that only goes forward."""
        return time.perf_counter()


class Door:
    """Fulfils `schemas.console.FrontDoor`."""

    def for_command(self, *, json: bool) -> TerminalConsole:
        """The console of one command."""
        return TerminalConsole(json=json)
