"""Routes: the audit log's head, an export of it, and proofs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from server.actions import audit
from server.api.access import TheActor, TheDesk
from server.api.bodies import HeadOut, ProofOut
from server.api.one_hop import OneHop

router = APIRouter(prefix="/api/audit", tags=["audit"], route_class=OneHop)
MOST_EVENTS = (1 << 53) - 1  # what every JSON reader keeps exact (RFC 7493)

Count = Annotated[int, Query(ge=1, le=MOST_EVENTS)]


@router.get("/head")
def latest_head(desk: TheDesk, actor: TheActor) -> HeadOut:
    """The signed head of the log as it is."""
    return HeadOut(**asdict(audit.read_latest_head(desk, actor)))


@router.get("/export", response_class=StreamingResponse, responses={200: {"content": {"application/jsonl": {}}}})
def export(desk: TheDesk, actor: TheActor) -> StreamingResponse:
    """The whole log, to be verified offline: `waylink audit verify`."""
    return StreamingResponse(audit.export_log(desk, actor), media_type="application/jsonl")


@router.get("/consistency")
def consistency(desk: TheDesk, actor: TheActor, first: Count) -> ProofOut:
    """That the log as it is begins with the log of a kept head of that size."""
    head, nodes = audit.prove_consistency(desk, actor, first)
    return ProofOut(head=HeadOut(**asdict(head)), nodes=nodes)


@router.get("/inclusion")
def inclusion(desk: TheDesk, actor: TheActor, event: Count) -> ProofOut:
    """That an event is in the log as it is."""
    head, found, nodes = audit.prove_inclusion(desk, actor, event)
    return ProofOut(head=HeadOut(**asdict(head)), nodes=nodes, event=found.as_fields())
