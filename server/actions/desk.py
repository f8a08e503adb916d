"""The desk at which actions are done: the database, the blobs, the clock, chance, the pen that signs the log."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from sqlalchemy.orm import Session

from schemas import Agreement
from schemas.agreement import parse_agreement
from schemas.linkage_schema import linkage_schema
from server.domain.accounts import Actor
from server.domain.audit.events import Fact, Subject
from server.domain.audit.keys import LogKey
from server.store.audit import Entry, append_events
from server.store.blobs import BlobFolder
from server.store.certain import Certain
from server.store.database import Database
from server.store.projects import AgreementRow

ID_BYTES = 16  # 128 random bits: an id cannot be guessed, so a foreign one looks like one that does not exist
_AGREEMENTS = 64  # remembered, the latest asked for: a co-op has a few at a time


@dataclass(frozen=True)
class Limits:
    """What the server takes, and for how long.

    Attributes:
        upload_bytes: the most that one part of an upload may have.
        upload_records: the most records of a member.
        unfinished_hours: after which an upload that is not finished is deleted.
        token_days: how long an access token lives.
    """

    upload_bytes: int = 4 << 30
    upload_records: int = 20_000_000
    unfinished_hours: int = 48
    token_days: int = 90


class Change:
    """One transaction that is under way, and what it will say in the audit log."""

    def __init__(self, session: Session, now: str) -> None:
        self.session = session
        self.now = now
        self.entries: list[Entry] = []

    def record(self, actor: Actor, action: str, subject: Subject, **facts: Fact) -> None:
        """Say in the audit log what is done. Ids, states and digests only: no names of people, no counts, no tokens."""
        self.entries.append(Entry(actor.account, actor.role, actor.seat, action, subject, facts))


class NotRecorded(RuntimeError):
    """A change that says nothing in the audit log: a fault of the program. It was rolled back."""


@dataclass(frozen=True)
class Desk:
    """Everything an action needs, built once and passed down.

    Attributes:
        database, blobs: memory.
        clock: the time, UTC.
        random_bytes: chance, for ids, tokens and keys.
        log_key: signs the heads of the audit log.
        limits: what is taken, and for how long.
        certain: how much of what is being received is known to be on the disk.
    """

    database: Database
    blobs: BlobFolder
    clock: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]
    log_key: LogKey
    limits: Limits = field(default_factory=Limits)
    certain: Certain = field(default_factory=Certain)

    @contextmanager
    def changing(self) -> Iterator[Change]:
        """One transaction: all of the block and its audit events, or nothing."""
        with self.noting() as change:
            yield change
            if not change.entries:
                raise NotRecorded

    @contextmanager
    def noting(self) -> Iterator[Change]:
        """As `changing`, for what may turn out to change no state: then there is no event."""
        with self.database.writing() as session:
            change = Change(session, self.now())
            yield change
            session.flush()
            if change.entries:
                append_events(session, change.now, change.entries, self.log_key)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A look at the database."""
        with self.database.reading() as session:
            yield session

    def now(self) -> str:
        """The time as rows and events have it."""
        return instant(self.clock())

    def later(self, **ahead: float) -> str:
        """That much (hours=, days=, seconds=) from now; with a minus, before."""
        return instant(self.clock() + timedelta(**ahead))

    def new_id(self) -> str:
        """32 hexadecimal digits that nobody can guess."""
        return self.random_bytes(ID_BYTES).hex()


def instant(moment: datetime) -> str:
    """A moment as text: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def agreement_in(row: AgreementRow) -> Agreement:
    """The agreement of a row; its schema is the one that came with it."""
    return _agreement(row.toml, json.dumps(row.schema))


@lru_cache(maxsize=_AGREEMENTS)
def _agreement(toml: str, schema: str) -> Agreement:
    """Checked once: an agreement is what its text and schema say, and most that is asked of a server needs it."""
    return parse_agreement(toml, schema=linkage_schema(json.loads(schema)))
