"""Ways to alter an export, drawn by a seeded generator: what a disk, a thief of the file or the operator could do."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from schemas.digest import Digest, canonical_json
from server.domain.audit.chain import hash_of
from server.domain.audit.events import Event, Subject
from server.domain.audit.heads import Head
from tests.server.domain.audit.logs import OTHER_KEY, example_events, head_of, lines_of, moment, relinked


@dataclass(frozen=True)
class Target:
    """An export, and how many of its events the verifier's kept head covers."""

    events: list[Event]
    kept_size: int
    lines: list[bytes]
    heads: list[Head]  # heads[n]: as signed when the log had n events

    @classmethod
    def of(cls, size: int, kept_size: int) -> Target:
        events = example_events(size)
        return cls(events, kept_size, lines_of(events), [head_of(events[:n]) for n in range(size + 1)])

    @property
    def kept(self) -> Head:
        return self.heads[self.kept_size]


def flip_a_bit(draw: random.Random, target: Target) -> bytes:
    data = bytearray(b"".join(target.lines))
    data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
    return bytes(data)


def truncate(draw: random.Random, target: Target) -> bytes:
    data = b"".join(target.lines)
    return data[: draw.randrange(len(data))]


def truncate_between_lines(draw: random.Random, target: Target) -> bytes:
    return b"".join(target.lines[: draw.randrange(len(target.lines))])


def delete_a_line(draw: random.Random, target: Target) -> bytes:
    lines = list(target.lines)
    del lines[draw.randrange(len(lines))]
    return b"".join(lines)


def duplicate_a_line(draw: random.Random, target: Target) -> bytes:
    lines = list(target.lines)
    lines.insert(draw.randrange(len(lines) + 1), draw.choice(lines))
    return b"".join(lines)


def insert_an_event(draw: random.Random, target: Target) -> bytes:
    at = draw.randrange(len(target.events) + 1)
    new = example_events(at + 1, target.events[:at], about="inserted")[-1]
    lines = list(target.lines)
    lines.insert(at + 1, new.line() + b"\n")
    return b"".join(lines)


def insert_an_event_and_relink(draw: random.Random, target: Target) -> bytes:
    at = draw.randrange(len(target.events) + 1)
    new = example_events(at + 1, target.events[:at], about="inserted")
    return b"".join(lines_of(relinked(new + target.events[at:], at + 1), head=target.heads[-1]))


def swap_two_lines(draw: random.Random, target: Target) -> bytes:
    lines = list(target.lines)
    one, other = draw.sample(range(len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def shuffle_some_events(draw: random.Random, target: Target) -> bytes:
    lines = list(target.lines)
    start = draw.randrange(1, len(target.events))
    stop = min(start + draw.randint(2, 10), len(lines) - 1)
    lines[start:stop] = draw.sample(lines[start:stop], stop - start)
    return b"".join(lines)


def respell_a_line(draw: random.Random, target: Target) -> bytes:
    """The same JSON in other bytes."""
    lines = list(target.lines)
    at = draw.randrange(len(lines))
    value = json.loads(lines[at])
    respelled = [
        json.dumps(value, ensure_ascii=False, sort_keys=True).encode(),
        json.dumps(value, separators=(",", ":"), sort_keys=True).encode(),
        json.dumps(dict(draw.sample(sorted(value.items()), len(value))), separators=(",", ":")).encode(),
        lines[at].rstrip() + b"\r",
        b" " + lines[at].rstrip(),
    ]
    lines[at] = draw.choice(respelled) + b"\n"
    return b"".join(lines)


def edit_an_event(draw: random.Random, target: Target) -> bytes:
    events = list(target.events)
    at = draw.randrange(len(events))
    events[at] = _edited(draw, events[at])
    return b"".join(lines_of(events, head=target.heads[-1]))


def edit_an_event_and_its_hash(draw: random.Random, target: Target) -> bytes:
    events = list(target.events)
    at = draw.randrange(len(events))
    edited = _edited(draw, events[at])
    events[at] = replace(edited, hash=hash_of(edited))
    return b"".join(lines_of(events, head=target.heads[-1]))


def edit_an_event_and_relink(draw: random.Random, target: Target) -> bytes:
    """All hashes from there on are made right; the head is the true one."""
    return b"".join(lines_of(_relinked_edit(draw, target, len(target.events)), head=target.heads[-1]))


def edit_relink_and_correct_the_head(draw: random.Random, target: Target) -> bytes:
    """As above, and the head has the new root; only the signature cannot be made by who has not the key."""
    events = _relinked_edit(draw, target, len(target.events))
    return b"".join(lines_of(events, head=replace(head_of(events), signature=target.heads[-1].signature)))


def edit_the_head(draw: random.Random, target: Target) -> bytes:
    head = target.heads[-1]
    changes: list[dict[str, object]] = [
        {"at": moment(draw.randrange(10**6, 10**8))},
        {"at": moment(-draw.randrange(10**6, 10**8))},
        {"size": draw.randrange(2 * head.size)},
        {"root": Digest(draw.randbytes(32).hex())},
        {"log_id": Digest(draw.randbytes(32).hex())},
        {"signature": draw.randbytes(64).hex()},
    ]
    return b"".join(lines_of(target.events, head=replace(head, **draw.choice(changes))))


def edit_before_the_kept_head_and_sign(draw: random.Random, target: Target) -> bytes:
    """The holder of the key rewrites what a member has seen."""
    return b"".join(lines_of(_relinked_edit(draw, target, target.kept_size)))


def fork_before_the_kept_head_and_sign(draw: random.Random, target: Target) -> bytes:
    """The holder of the key tells another story from some event on: a shorter one, as long, or longer."""
    at = draw.randrange(target.kept_size)
    size = draw.randint(at + 1, len(target.events) + 20)
    return b"".join(lines_of(example_events(size, target.events[:at], about="forked")))


def sign_with_another_key(draw: random.Random, target: Target) -> bytes:
    """A whole log of one's own, with its own key in the header; the events true or edited."""
    edited = _relinked_edit(draw, target, len(target.events))
    events = draw.choice([edited, target.events[: draw.randrange(len(target.events))]])
    return b"".join(lines_of(events, OTHER_KEY))


def sign_the_head_with_another_key(draw: random.Random, target: Target) -> bytes:
    """As above, under the true log's header and name."""
    events = _relinked_edit(draw, target, len(target.events))
    head = replace(head_of(events, OTHER_KEY), log_id=target.kept.log_id)
    return b"".join(lines_of(events, head=draw.choice([head, head_of(events, OTHER_KEY)])))


def swap_the_head_for_an_older_one(draw: random.Random, target: Target) -> bytes:
    return b"".join(lines_of(target.events, head=draw.choice(target.heads[:-1])))


def hand_out_what_is_older_than_the_kept_head(draw: random.Random, target: Target) -> bytes:
    """A genuine export of its time: all that was done since is hidden."""
    size = draw.randrange(target.kept_size)
    return b"".join(lines_of(target.events[:size], head=target.heads[size]))


def add_after_the_end(draw: random.Random, target: Target) -> bytes:
    more = [b"\n", draw.randbytes(draw.randint(1, 40)), *target.lines[1:], canonical_json({"note": 1}) + b"\n"]
    return b"".join([*target.lines, draw.choice(more)])


KINDS: tuple[Callable[[random.Random, Target], bytes], ...] = (
    flip_a_bit,
    truncate,
    truncate_between_lines,
    delete_a_line,
    duplicate_a_line,
    insert_an_event,
    insert_an_event_and_relink,
    swap_two_lines,
    shuffle_some_events,
    respell_a_line,
    edit_an_event,
    edit_an_event_and_its_hash,
    edit_an_event_and_relink,
    edit_relink_and_correct_the_head,
    edit_the_head,
    edit_before_the_kept_head_and_sign,
    fork_before_the_kept_head_and_sign,
    sign_with_another_key,
    sign_the_head_with_another_key,
    swap_the_head_for_an_older_one,
    hand_out_what_is_older_than_the_kept_head,
    add_after_the_end,
)


def draw_mutation(draw: random.Random, target: Target) -> tuple[str, bytes]:
    """A kind and an altered export; one whose bytes came out as they were is drawn again."""
    while True:
        kind = draw.choice(KINDS)
        altered = kind(draw, target)
        if altered != b"".join(target.lines):
            return kind.__name__, altered


def _relinked_edit(draw: random.Random, target: Target, before: int) -> list[Event]:
    events = list(target.events)
    at = draw.randrange(before)
    events[at] = _edited(draw, events[at])
    return relinked(events, at)


def _edited(draw: random.Random, event: Event) -> Event:
    """The event with one field another; its hash is left as it was."""
    changes: list[dict[str, object]] = [
        {"facts": {**event.facts, "records": draw.randrange(1000, 10**6)}},
        {"facts": {**event.facts, "complete": not event.facts["complete"]}},
        {"facts": {**event.facts, "added": "later"}},
        {"actor": f"account-{draw.randrange(100, 200)}"},
        {"seat": f"another-{draw.randrange(100)}"},
        {"action": "release.withdrawn"},
        {"subject": Subject(event.subject.kind, f"another-{draw.randrange(100)}")},
        {"at": event.at.replace("T17:", "T16:").replace("T18:", "T16:")},
    ]
    return replace(event, **draw.choice(changes))
