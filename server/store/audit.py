"""The audit log as rows: events in a chain, and a signed head after each change. Triggers refuse UPDATE and DELETE."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import DDL, Text, event, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import JSON

from server.domain.audit import Event, Frontier, Head, SigningKey, next_event, sign_head
from server.store.database import Base


class EventRow(Base):
    """One event: its canonical JSON, from which its hash follows."""

    __tablename__ = "audit_events"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    canonical: Mapped[str] = mapped_column(Text)


class HeadRow(Base):
    """The signed head after the first `size` events, and the tree's peaks, from which the next one grows."""

    __tablename__ = "audit_heads"
    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    head: Mapped[dict[str, object]] = mapped_column(JSON)
    peaks: Mapped[list[str]] = mapped_column(JSON)


@dataclass(frozen=True)
class Entry:
    """What a change says of itself."""

    account: str
    role: str
    seat: str
    action: str
    subject: str
    facts: Mapping[str, str | int | bool]
