"""The chain: each event holds the hash of the one before, so none can be changed alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from schemas.digest import Digest, canonical_json, sha256_of
from server.domain.audit.errors import UnfitEvent
from server.domain.audit.events import LINE_BYTES, Event, Fact, Moment, Subject, event_from, is_moment

BEFORE_THE_FIRST = Digest("0" * 64)
"""The `previous` of the first event."""

_LABEL = b"waylink audit event 1\x00"  # these bytes begin no other thing that waylink hashes


def hash_of(event: Event) -> Digest:
    """The hash that an event has to have: SHA-256 over a label and the canonical JSON of its other fields."""
    return sha256_of(_LABEL + canonical_json(event.unhashed_fields()))


def next_event(
    previous: Event | None,
    *,
    at: Moment,
    actor: str,
    role: str,
    seat: str,
    action: str,
    subject: Subject,
    facts: Mapping[str, Fact],
) -> Event:
    """The event that follows `previous` (None: the log is empty).

    A clock that has gone back does not stop the log: the event then bears the time of the previous one.

    Raises:
        UnfitEvent: a field has not its form, or the event is longer than a line may be.
    """
    unhashed = event_from(
        {
            "seq": previous.seq + 1 if previous else 1,
            "at": max(at, previous.at) if previous and is_moment(at) else at,
            "actor": actor,
            "role": role,
            "seat": seat,
            "action": action,
            "subject": subject._asdict(),
            "facts": dict(facts),
            "previous": previous.hash if previous else BEFORE_THE_FIRST,
            "hash": BEFORE_THE_FIRST,
        }
    )
    event = replace(unhashed, hash=hash_of(unhashed))
    if len(event.line()) > LINE_BYTES:
        raise UnfitEvent(f"is longer than {LINE_BYTES:,} bytes", where="facts", fix="keep a file, note its digest")
    return event
