"""Routes: uploads begun, sent in pieces, completed, deleted; records withdrawn."""

from __future__ import annotations

import base64
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Request, Response, status

from server.actions import uploads
from server.actions.upload_completion import complete_upload
from server.api.access import TheActor, TheDesk
from server.api.bodies import Id
from server.api.one_hop import OneHop
from server.api.piece_stream import OCTETS, receive_piece
from server.api.upload_bodies import MOST_BYTES, ReceivedOut, UploadIn, UploadOut, WithdrawalIn, WithdrawalOut
from server.domain.uploads import Part

router = APIRouter(prefix="/api", tags=["uploads"], route_class=OneHop)

Key = Annotated[str, Header(alias="Idempotency-Key", pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Offset = Annotated[int, Header(alias="Upload-Offset", ge=0, le=MOST_BYTES)]
PieceDigest = Annotated[str, Header(alias="Content-Digest", pattern=r"^sha-256=:[A-Za-z0-9+/]{43}=:$")]
"""RFC 9530, of this piece."""

_PIECE = {"requestBody": {"required": True, "content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}}}}


@router.post(
    "/projects/{project_id}/uploads",
    status_code=status.HTTP_201_CREATED,
    responses={200: {"model": UploadOut, "description": "It was begun before, under the same key"}},
)
def begin_upload(
    desk: TheDesk, actor: TheActor, project_id: Id, idempotency_key: Key, body: UploadIn, response: Response
) -> UploadOut:
    """Say what will be sent: both files' lengths and digests."""
    view, new = uploads.begin_upload(desk, actor, project_id, idempotency_key, body.declared())
    if not new:
        response.status_code = status.HTTP_200_OK
    return UploadOut.of(view)


@router.get("/projects/{project_id}/uploads")
def list_uploads(desk: TheDesk, actor: TheActor, project_id: Id) -> list[UploadOut]:
    """The uploads of the caller's own member."""
    return [UploadOut.of(view) for view in uploads.list_uploads(desk, actor, project_id)]


@router.get("/uploads/{upload_id}")
def show_upload(desk: TheDesk, actor: TheActor, upload_id: Id) -> UploadOut:
    """One upload, and how much of it is here."""
    return UploadOut.of(uploads.show_upload(desk, actor, upload_id))


@router.patch("/uploads/{upload_id}/parts/{part}", openapi_extra=_PIECE)
async def send_piece(
    desk: TheDesk,
    actor: TheActor,
    upload_id: Id,
    part: Part,
    upload_offset: Offset,
    content_digest: PieceDigest,
    request: Request,
) -> ReceivedOut:
    """A piece of a part, from where the server's ends. Of all but the last, only whole 64 KiB are kept."""
    sha256 = base64.b64decode(content_digest.removeprefix("sha-256=:").removesuffix(":"))
    return ReceivedOut(received=await receive_piece(request, desk, actor, upload_id, part, upload_offset, sha256))


@router.post("/uploads/{upload_id}/complete")
async def complete(desk: TheDesk, actor: TheActor, upload_id: Id, request: Request) -> UploadOut:
    """All has been sent: check it, then accept or reject it. Uploads wait for their check in line."""
    one_at_a_time = request.app.state.patience.checking
    return UploadOut.of(await run_sync(complete_upload, desk, actor, upload_id, limiter=one_at_a_time))


@router.delete("/uploads/{upload_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_upload(desk: TheDesk, actor: TheActor, upload_id: Id) -> None:
    """Take an upload back."""
    uploads.delete_own_upload(desk, actor, upload_id)


@router.post("/projects/{project_id}/withdrawals")
def withdraw_records(desk: TheDesk, actor: TheActor, project_id: Id, body: WithdrawalIn) -> WithdrawalOut:
    """Take records of the caller's member out of every later run."""
    return WithdrawalOut(withdrawn=uploads.withdraw_records(desk, actor, project_id, body.tokens))
