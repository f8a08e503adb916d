"""How much heavy work the API does at a time: the rest waits in line, without a thread, so that reads find one free."""

from __future__ import annotations

from dataclasses import dataclass, field

from anyio import CapacityLimiter

CHECKING, SEALING = 1, 2
"""Uploads that are checked, and blocks of pieces that are sealed, at the same time: each keeps a processor busy, and
more of them at a time would end none of them sooner. All else that a request does is short."""


@dataclass(frozen=True)
class Patience:
    """The lines in which heavy work stands; one object an app."""

    checking: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(CHECKING))
    sealing: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(SEALING))
