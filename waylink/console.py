"""The terminal: progress with ETA on stderr (quiet when that is no terminal), results on stdout."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
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

    @property
    def asks(self) -> bool:
        """Whether a person is at the terminal and did not ask for --json."""
        return not self.json and sys.stdin.isatty() and sys.stderr.isatty()

    def choose(self, question: str, choices: Sequence[str], values: Callable[[int], Sequence[str]]) -> int:
        """Ask which of the choices it is: their numbers answer, "s2" shows the values of the second."""
        lines = [f"  {number}  {choice}" for number, choice in enumerate(choices, start=1)]
        print(printable("\n".join(["", question, *lines])), file=sys.stderr)
        while True:
            answer = _answer(f"number (1-{len(choices)}), or s and a number to see some of its values on this screen: ")
            place = int(answer.removeprefix("s")) - 1 if answer.removeprefix("s").isdecimal() else -1
            if not 0 <= place < len(choices):
                continue
            if not answer.startswith("s"):
                return place
            print(printable("".join(f"     {value}\n" for value in values(place))), end="", file=sys.stderr)

    def hidden(self, prompt: str) -> str:
        """A line that the person types without it being shown; the end of input is taken as Ctrl-C."""
        from getpass import getpass

        try:
            return getpass(prompt, stream=sys.stderr)
        except EOFError:
            raise KeyboardInterrupt from None

    def seconds(self) -> float:
        """A clock that only goes forward."""
        return time.perf_counter()


def _answer(prompt: str) -> str:
    """A line that the person types; the end of input is taken as Ctrl-C."""
    print(prompt, end="", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise KeyboardInterrupt
    return line.strip().lower()


class Door:
    """Fulfils `schemas.console.FrontDoor`."""

    def for_command(self, *, json: bool) -> TerminalConsole:
        """The console of one command."""
        return TerminalConsole(json=json)
