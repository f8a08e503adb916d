"""Example logs: events of a small co-op, and what a server signs of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from server.domain.audit.chain import BEFORE_THE_FIRST, hash_of, next_event
from server.domain.audit.events import Event, Moment, Subject, moment_of
from server.domain.audit.export import write_export
from server.domain.audit.heads import Head, sign_head
from server.domain.audit.keys import LogKey
from server.domain.audit.merkle import Frontier, TreeHash, leaf_hash

KEY = LogKey(bytes(range(32)))
OTHER_KEY = LogKey(bytes(range(1, 33)))
SENTINEL = "Zoë's reason"  # stands in every second event: no error may repeat it
_START = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)
_ACTIONS = ("project.proposed", "project.approved", "upload.accepted", "run.started", "run.done", "release.published")


def moment(seconds: int) -> Moment:
    """So many seconds after the example's start."""
    return moment_of(_START + timedelta(seconds=seconds))


def event_after(previous: Event | None, about: str = "run", **changes: object) -> Event:
    """The next event of an example log; pairs of events have one time."""
    seq = previous.seq + 1 if previous else 1
    fields = {
        "at": moment(60 * (seq // 2)),
        "actor": f"account-{seq % 5}",
        "role": "steward",
        "seat": ("shelter", "clinic", "")[seq % 3],
        "action": _ACTIONS[seq % len(_ACTIONS)],
        "subject": Subject("run", f"{about}-{seq}"),
        "facts": {"records": 100 + seq, "complete": seq % 2 == 0} | ({"reason": SENTINEL} if seq % 2 else {}),
    }
    return next_event(previous, **(fields | changes))


def example_events(count: int, after: Sequence[Event] = (), about: str = "run") -> list[Event]:
    """A log's first `count` events; the first ones are those of `after`."""
    events = list(after)
    while len(events) < count:
        events.append(event_after(events[-1] if events else None, about))
    return events


def relinked(events: Sequence[Event], start: int) -> list[Event]:
    """The events with numbers, times, links and hashes made right again from index `start` on, as a forger would."""
    whole = list(events[:start])
    for event in events[start:]:
        last = whole[-1] if whole else None
        linked = replace(
            event,
            seq=len(whole) + 1,
            at=max(event.at, last.at) if last else event.at,
            previous=last.hash if last else BEFORE_THE_FIRST,
        )
        whole.append(replace(linked, hash=hash_of(linked)))
    return whole


def leaves_of(events: Sequence[Event]) -> list[TreeHash]:
    return [leaf_hash(event.line()) for event in events]


def head_of(events: Sequence[Event], key: LogKey = KEY) -> Head:
    tree = Frontier()
    for leaf in leaves_of(events):
        tree.append(leaf)
    last_at = events[-1].at if events else None
    return sign_head(key, tree, at=last_at or moment(0), last_at=last_at)


def lines_of(events: Sequence[Event], key: LogKey = KEY, head: Head | None = None) -> list[bytes]:
    """An export's lines; `head` in place of the true one where it is given."""
    return list(write_export(key.public, events, head or head_of(events, key)))
