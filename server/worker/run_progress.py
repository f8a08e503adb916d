"""How far a run is, for those who wait for it; and the way by which it is stopped from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum

from schemas.console import Advance
from server.domain.bands import rough

_LEAST_SHARE = 0.01  # of a stage: less says nothing about how long the rest will take


class Halt(StrEnum):
    """Why a run's work stops before its end."""

    CANCELLED = "somebody wants it ended"
    LOST = "the lease is over"
    STOPPING = "the worker stops"
    NO_ROOM = "the disk is full"


class Halted(Exception):
    """Raised inside a run's work, at its next word of progress, once it is to stop."""

    def __init__(self, why: Halt) -> None:
        super().__init__(why)
        self.why = why


class RunProgress:
    """The `Progress` of one run. One thread works and tells; another one asks, and may stop it.

    Attributes:
        spent: seconds that each stage took, by its title.
    """

    def __init__(self, seconds: Callable[[], float]) -> None:
        self.spent: dict[str, float] = {}
        self._seconds = seconds
        self._stage, self._total, self._done, self._since = "starting", 0, 0, seconds()
        self._halt: Halt | None = None

    @contextmanager
    def stage(self, title: str, total: int) -> Iterator[Advance]:
        self.check()
        outer = self._stage, self._total, self._done, self._since
        started = self._seconds()
        self._stage, self._total, self._done, self._since = title, total, 0, started
        yield self._advance
        self.spent[title] = self.spent.get(title, 0.0) + self._seconds() - started
        self._stage, self._total, self._done, self._since = outer

    def halt(self, why: Halt) -> None:
        """Have the work stop at its next word; the first reason stays."""
        self._halt = self._halt or why

    def check(self) -> None:
        """Halted, once it is to stop."""
        if self._halt is not None:
            raise Halted(self._halt)

    def told(self) -> dict[str, object]:
        """{stage, done, seconds_left}: to 0.01 and to one digit, as exact numbers would count other members' pairs."""
        share = min(self._done / self._total, 1.0) if self._total else 0.0
        spent = self._seconds() - self._since
        left = rough(spent * (1 - share) / share) if share >= _LEAST_SHARE else None
        return {"stage": self._stage, "done": round(share, 2), "seconds_left": left}

    def _advance(self, units: int) -> None:
        self._done += units
        self.check()
