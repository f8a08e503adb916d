"""The audit log as rows: events in a chain, and a signed head after each change. Triggers refuse UPDATE and DELETE."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import JSON

from server.domain.audit.chain import next_event
from server.domain.audit.events import Event, Fact, Moment, Subject, parse_event
from server.domain.audit.heads import Head, head_from, sign_head
from server.domain.audit.keys import LogKey
from server.domain.audit.merkle import Frontier, TreeHash, leaf_hash
from server.store.database import Base

_PAGE = 1000


class EventRow(Base):
    """One event: its line, the canonical JSON from which everything of it follows."""

    __tablename__ = "audit_events"
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line: Mapped[str] = mapped_column(Text)


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
    subject: Subject
    facts: Mapping[str, Fact]


def append_events(session: Session, now: str, entries: Sequence[Entry], key: LogKey) -> Head:
    """Add events to the log and sign its new head, in the caller's transaction."""
    last, tree = _end_of(session)
    for entry in entries:
        last = next_event(
            last,
            at=Moment(now),
            actor=entry.account,
            role=entry.role,
            seat=entry.seat,
            action=entry.action,
            subject=entry.subject,
            facts=entry.facts,
        )
        tree.append(leaf_hash(last.line()))
        session.add(EventRow(seq=last.seq, line=last.line().decode()))
    head = sign_head(key, tree, at=Moment(now), last_at=last.at if last else None)
    session.add(HeadRow(size=head.size, head=asdict(head), peaks=tree.as_list()))
    session.flush()
    return head


def latest_head(session: Session) -> Head | None:
    """The head of the whole log; None before the first event."""
    row = session.scalars(select(HeadRow).order_by(HeadRow.size.desc()).limit(1)).one_or_none()
    return head_from(row.head) if row else None


def head_of_size(session: Session, size: int) -> Head | None:
    """The head that was signed after so many events; None where no change ended there."""
    row = session.get(HeadRow, size)
    return head_from(row.head) if row else None


def events_up_to(session: Session, size: int) -> Iterator[Event]:
    """The first `size` events, in order, a page at a time."""
    for start in range(0, size, _PAGE):
        rows = select(EventRow).where(EventRow.seq > start, EventRow.seq <= min(start + _PAGE, size))
        yield from (parse_event(row.line.encode()) for row in session.scalars(rows.order_by(EventRow.seq)))
        session.expunge_all()


def leaves_up_to(session: Session, size: int) -> list[TreeHash]:
    """The leaves of the first `size` events' tree, in order."""
    lines = session.scalars(select(EventRow.line).where(EventRow.seq <= size).order_by(EventRow.seq))
    return [leaf_hash(line.encode()) for line in lines]


def event_numbered(session: Session, seq: int) -> Event | None:
    """One event."""
    row = session.get(EventRow, seq)
    return parse_event(row.line.encode()) if row else None


def count_events(session: Session) -> int:
    """How many events there are."""
    return session.scalar(select(func.max(EventRow.seq))) or 0


def _end_of(session: Session) -> tuple[Event | None, Frontier]:
    """The last event, and the tree so far."""
    row = session.scalars(select(HeadRow).order_by(HeadRow.size.desc()).limit(1)).one_or_none()
    if row is None:
        return None, Frontier()
    return event_numbered(session, row.size), Frontier.from_list(row.peaks)
