"""What a zone's commands need of the front door: a place to tell progress, remarks and results.

The zones know this contract only; `waylink/console.py` fulfils it with rich (quiet where there is no terminal).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

Advance = Callable[[int], None]
"""Called with the number of units of work that were just finished; with 0 where long work has finished none
lately. It may raise, and that ends the work within about a second: so a run is cancelled."""


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

    @property
    def asks(self) -> bool:
        """Whether somebody is there to be asked: a person at a terminal, who did not ask for --json."""

    def choose(self, question: str, choices: Sequence[str], values: Callable[[int], Sequence[str]]) -> int:
        """Ask a person at the terminal which of the choices it is; gives back its place.

        Args:
            question: one sentence.
            choices: one line each, never with a person's value.
            values: a choice's values, shown where the person asks for them and only then.
        """

    def hidden(self, prompt: str) -> str:
        """A line that a person types at the terminal without it being shown."""

    def seconds(self) -> float:
        """A clock that only goes forward, for timings."""


class FrontDoor(Protocol):
    """What the front door hands to a command (typer's `context.obj`)."""

    def for_command(self, *, json: bool) -> Console:
        """The console of one command; with `json`, its result is one JSON object and nothing else is said."""


def unheard(units: int) -> None:
    """An `Advance` that nobody hears."""


class PartOfStage:
    """A `Progress` for a step of a longer piece of work: its units are units of the stage that is open.

    Args:
        advance: of the open stage.
    """

    def __init__(self, advance: Advance) -> None:
        self._advance = advance

    def stage(self, title: str, total: int) -> AbstractContextManager[Advance]:  # noqa: ARG002 (the protocol's names)
        return nullcontext(self._advance)


class Silent:
    """A `Progress` that says nothing: the default of every library function."""

    def stage(self, title: str, total: int) -> AbstractContextManager[Advance]:  # noqa: ARG002 (the protocol's names)
        return nullcontext(unheard)


SILENT = Silent()
"""The one that everybody may share: it holds nothing."""
