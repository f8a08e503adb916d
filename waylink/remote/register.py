"""The public register: what every project is for, who takes part, what was published, how to opt out."""

from __future__ import annotations

from dataclasses import dataclass

from waylink.remote.connection import Connection


@dataclass(frozen=True)
class Published:
    """A published release: the names of its tables, and its day."""

    tables: list[str]
    published_at: str


@dataclass(frozen=True)
class Entry:
    """A project in the register."""

    state: str
    title: str
    purpose: str
    members: list[str]
    community: list[str]
    tables: list[str]
    opt_out: str
    releases: list[Published]


def read_register(connection: Connection) -> list[Entry]:
    """Every project that was ever approved. Needs no token."""
    return connection.request("GET", "/api/register").read_as(list[Entry])
