"""The public register: what every project is for, who takes part, what it may publish and did, how to opt out."""

from __future__ import annotations

from dataclasses import dataclass

from schemas import Agreement
from server.actions.desk import Desk, agreement_in
from server.store.projects import agreement_approved_last, participants, projects_for_register
from server.store.releases import published_of


@dataclass(frozen=True)
class Published:
    """A release that analysts may read: its tables' names and its day, nothing of what they say."""

    tables: list[str]
    published_at: str


@dataclass(frozen=True)
class RegisterEntry:
    """A project in the register: its agreement as last approved, who still takes part, and what was published."""

    state: str
    agreement: Agreement
    members: list[str]
    community: list[str]
    releases: list[Published]


def read_register(desk: Desk) -> list[RegisterEntry]:
    """Every project that was ever approved, oldest first. For everybody: it needs no token."""
    with desk.reading() as session:
        entries = []
        for project in projects_for_register(session):
            agreement = agreement_in(agreement_approved_last(session, project))
            left = {one.seat for one in participants(session, project.id) if one.left_at is not None}
            releases = [
                Published(list(row.tables), row.published_at or "") for row in published_of(session, project.id)
            ]
            members: list[str] = [name for name in agreement.members if name not in left]
            community = [name for name in agreement.community if name not in left]
            entries.append(RegisterEntry(project.state, agreement, members, community, releases))
    return entries
