"""One audit event: its fields, their form, and the one line of text that stands for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple, NewType

from schemas.digest import Digest, canonical_json
from server.domain.audit.canonical import read_canonical
from server.domain.audit.errors import NotCanonical, UnfitEvent

Moment = NewType("Moment", str)
"""A UTC time in whole seconds, as `2026-11-23T17:30:00Z`; its alphabetical order is that of time."""

Fact = str | int | bool
"""What an event may say of its subject. Floats have no place: two programs may write one number differently."""

LINE_BYTES = 1 << 16  # an event is a few hundred bytes; a reader must not be made to hold more than this at once
LARGEST_INTEGER = (1 << 53) - 1  # RFC 7493, section 2.2: every JSON reader keeps integers up to here exact
_MOST_FACTS = 64  # a form's worth; a table belongs in a file, with its digest here

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z")
_HEX_256 = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{1,200}")  # no control characters, no halves of a character
_NAME_OR_NONE = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]{0,200}")
_WORD = re.compile(r"[a-z][a-z0-9_]{0,63}")
_WORD_OR_NONE = re.compile(r"([a-z][a-z0-9_]{0,63})?")
_ACTION = re.compile(r"[a-z][a-z0-9_]{0,63}(\.[a-z][a-z0-9_]{0,63})+")
_FACT_TEXT = re.compile(r"[^\x00\ud800-\udfff]{0,2000}")  # NUL: PostgreSQL holds none


class Subject(NamedTuple):
    """What an event is about: a kind (`project`, `run`) and the id of one."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was done. Made by `chain.next_event`, `event_from` and `parse_event`, which prove its form.

    Attributes:
        seq: place in the log, from 1.
        at: when, by the server's clock; never before the previous event.
        actor: an account's id, or "server".
        role: the role it was done in ("" for the server).
        seat: the member or community it was done for, or "".
        action: dotted verb, as `project.approved`.
        subject: what it was done to.
        facts: what else is to be known, flat. No value of a person, no token, no file name.
        previous: hash of the previous event; 64 zeros for the first.
        hash: `chain.hash_of` this event.
    """

    seq: int
    at: Moment
    actor: str
    role: str
    seat: str
    action: str
    subject: Subject
    facts: Mapping[str, Fact]
    previous: Digest
    hash: Digest

    def as_fields(self) -> dict[str, object]:
        """The event as plain JSON data, its hash included."""
        return self.unhashed_fields() | {"hash": self.hash}

    def unhashed_fields(self) -> dict[str, object]:
        """What the hash is taken of: every field but the hash."""
        return {
            "seq": self.seq,
            "at": self.at,
            "actor": self.actor,
            "role": self.role,
            "seat": self.seat,
            "action": self.action,
            "subject": {"kind": self.subject.kind, "id": self.subject.id},
            "facts": dict(self.facts),
            "previous": self.previous,
        }

    def line(self) -> bytes:
        """The event's canonical JSON: its line in an export (without line end), and its leaf in the Merkle tree."""
        return canonical_json(self.as_fields())


def moment_of(time: datetime) -> Moment:
    """A time with a zone as the log writes it: UTC, parts of a second cut off.

    Raises:
        UnfitEvent: the time has no zone.
    """
    if time.tzinfo is None:
        raise UnfitEvent("the time has no zone", where="at")
    return Moment(time.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z")


def event_from(fields: Mapping[str, object]) -> Event:
    """The event that has these fields, each of which has been found to have its form.

    Raises:
        UnfitEvent: names the field, never what is in it.
    """
    if fields.keys() != _FORMS.keys():
        raise UnfitEvent("has not exactly the fields of an event")
    for name, has_form in _FORMS.items():
        if not has_form(fields[name]):
            raise UnfitEvent("does not have the form that the log asks for", where=name)
    proven: dict[str, Any] = dict(fields)
    proven["subject"] = Subject(**proven["subject"])
    proven["facts"] = dict(proven["facts"])
    return Event(**proven)


def parse_event(raw: bytes) -> Event:
    """The event of a line (without line end): `parse_event(event.line()) == event`.

    Raises:
        UnfitEvent: the line is too long, not canonical JSON, or no event.
    """
    if len(raw) > LINE_BYTES:
        raise UnfitEvent(f"is longer than {LINE_BYTES:,} bytes")
    try:
        return event_from(read_canonical(raw))
    except NotCanonical as error:
        raise UnfitEvent(error.what) from None


def is_moment(value: object) -> bool:
    """Whether it is a `Moment`: of its form, and a time that the calendar has."""
    if not (isinstance(value, str) and _MOMENT.fullmatch(value)):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_count(value: object) -> bool:
    """Whether it is an integer from 0 on that every JSON reader keeps exact."""
    return type(value) is int and 0 <= value <= LARGEST_INTEGER


def written_as(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    """A check that a value is text and, from end to end, as the pattern says."""
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


is_digest = written_as(_HEX_256)
"""Whether it is a SHA-256 in lower-case hexadecimal digits."""

_is_word = written_as(_WORD)
_is_name = written_as(_NAME)
_is_fact_text = written_as(_FACT_TEXT)


def _is_subject(value: object) -> bool:
    if not (isinstance(value, dict) and value.keys() == {"kind", "id"}):
        return False
    return _is_word(value["kind"]) and _is_name(value["id"])


def _is_facts(value: object) -> bool:
    if not (isinstance(value, dict) and len(value) <= _MOST_FACTS):
        return False
    return all(_is_word(name) and _is_fact(fact) for name, fact in value.items())


def _is_fact(value: object) -> bool:
    if isinstance(value, bool):
        return True
    if isinstance(value, int):
        return abs(value) <= LARGEST_INTEGER
    return _is_fact_text(value)


_FORMS: dict[str, Callable[[object], bool]] = {
    "seq": lambda value: is_count(value) and value != 0,
    "at": is_moment,
    "actor": _is_name,
    "role": written_as(_WORD_OR_NONE),
    "seat": written_as(_NAME_OR_NONE),
    "action": written_as(_ACTION),
    "subject": _is_subject,
    "facts": _is_facts,
    "previous": is_digest,
    "hash": is_digest,
}
