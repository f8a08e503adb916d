"""What a zone's commands need of the front door: a place to tell progress, remarks and results.

The zones know this contract only; `waylink/console.py` fulfils it with rich (quiet where there is no terminal).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

Advance = Callable[[int], None]
"""Called with the number of units of work that were just finished."""


class Progress(Protocol):
    """Where long work tells how far it is."""

    def stage(self, title: str, total: int) -> AbstractContextManager[Advance]:
        """Open a stage of `total` units of work; what it yields is called as units are finished."""


class Console(Progress, Protocol):
    """What a command says, and where it reads the time."""

    def remark(self, text: str) -> None:
        """A line for the person at the terminal (stderr; silent with --json)."""

    def result(self, text: str, data: Mapping[str, Any]) -> None:
        """The command's result: `text` for people or, with --json, `data` as one JSON object (stdout)."""

    def seconds(self) -> float:
        """A clock that only goes forward, for timings."""


class FrontDoor(Protocol):
    """What the front door hands to a command (typer's `context.obj`)."""

    def for_command(self, *, json: bool) -> Console:
        """The console of one command; with `json`, its result is one JSON object and nothing else is said."""


class Silent:
    """A `Progress` that says nothing: the default of every library function."""

    def stage(self, title: str, total: int) -> AbstractContextManager[Advance]:  # noqa: ARG002 (the protocol's names)
        return nullcontext(lambda units: None)  # noqa: ARG005


SILENT = Silent()
"""The one that everybody may share: it holds nothing."""
