"""Reading the audit log: its head, an export to verify offline, and proofs for those who kept a head."""

from __future__ import annotations

from collections.abc import Iterator

from server.actions.desk import Desk
from server.domain.accounts import Actor
from server.domain.audit.events import Event
from server.domain.audit.export import write_export
from server.domain.audit.heads import Head
from server.domain.audit.proofs import consistency_proof, inclusion_proof
from server.domain.errors import NotFound
from server.domain.permissions import Verb, require_may
from server.store.audit import event_numbered, events_up_to, head_of_size, latest_head, leaves_up_to


def read_latest_head(desk: Desk, actor: Actor) -> Head:
    """The signed head of the log as it is: a member that keeps it can tell later whether the log was rewritten."""
    require_may(actor, Verb.READ_LOG)
    with desk.reading() as session:
        head = latest_head(session)
    if head is None:
        raise NotFound("head")
    return head


def export_log(desk: Desk, actor: Actor) -> Iterator[bytes]:
    """The whole log as an export's lines, streamed; `verify_export` proves it."""
    head = read_latest_head(desk, actor)

    def lines() -> Iterator[bytes]:
        with desk.reading() as session:
            yield from write_export(desk.log_key.public, events_up_to(session, head.size), head)

    return lines()


def prove_consistency(desk: Desk, actor: Actor, first: int) -> tuple[Head, list[str]]:
    """That the log as it is begins with its first `first` events (RFC 6962, 2.1.2): the head and the proof's nodes."""
    require_may(actor, Verb.READ_LOG)
    with desk.reading() as session:
        head = latest_head(session)
        if head is None or head_of_size(session, first) is None:
            raise NotFound("head")
        return head, [node.hex() for node in consistency_proof(leaves_up_to(session, head.size), first)]


def prove_inclusion(desk: Desk, actor: Actor, seq: int) -> tuple[Head, Event, list[str]]:
    """That an event is in the log as it is (RFC 6962, 2.1.1): the head, the event and the proof's nodes."""
    require_may(actor, Verb.READ_LOG)
    with desk.reading() as session:
        head, event = latest_head(session), event_numbered(session, seq)
        if head is None or event is None:
            raise NotFound("event")
        return head, event, [node.hex() for node in inclusion_proof(leaves_up_to(session, head.size), seq - 1)]
