"""How a member's files travel: the HTTP side of `encoder.send`, which decides what is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from encoder.send import Identity, Upload, send_folder
from schemas.console import Progress
from schemas.receipt import read_receipt
from waylink.remote.address import require_id
from waylink.remote.connection import Connection
from waylink.remote.content_digest import HEADER, content_digest
from waylink.remote.errors import AgreementDiffers, Conflict, NotAccepted, RemoteError, ServerTrouble
from waylink.remote.projects import read_agreement

CHECKING_SECONDS = 900.0
"""For how long the server may be silent while it checks an upload (a million records take seconds)."""

_PASSING = ("BlobBusy", "WrongDigest")
"""Problems that the same piece again does not meet: another request still holds the part; the line changed a bit."""


@dataclass(frozen=True)
class PartThere:
    """A part on the server: its length, and how much of it is there."""

    bytes: int
    received: int


@dataclass(frozen=True)
class UploadThere:
    """An upload as the API tells of it; `doubting` names members who agree on another secret than this one's."""

    id: str
    project_id: str
    state: str
    agreement_digest: str
    records: int | None
    parts: dict[str, PartThere]
    created_at: str
    decided_at: str | None
    doubting: list[str] = field(default_factory=list)

    @property
    def received(self) -> float:
        """The share of it that has arrived, from 0 to 1."""
        return sum(one.received for one in self.parts.values()) / max(1, sum(one.bytes for one in self.parts.values()))

    def upload(self) -> Upload:
        """As the sender understands it."""
        return Upload(self.id, self.state, {name: part.received for name, part in self.parts.items()}, self.records)


@dataclass(frozen=True)
class Received:
    """How much of a part is on the server."""

    received: int


class HttpCarrier:
    """Fulfils `encoder.send.Carrier` over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, project: str, key: str, parts: Mapping[str, Identity]) -> Upload:
        """Begin an upload, or find it again."""
        path = f"/api/projects/{require_id(project, 'project')}/uploads"
        body = {part: asdict(identity) for part, identity in parts.items()}
        answer = self._connection.request("POST", path, json=body, headers={"Idempotency-Key": key})
        return answer.read_as(UploadThere).upload()

    def show(self, upload: str) -> Upload:
        """How an upload stands."""
        return self._connection.request("GET", f"/api/uploads/{upload}").read_as(UploadThere).upload()

    def piece(self, upload: str, part: str, offset: int, data: bytes) -> int:
        """Send a piece; gives back what the server has now."""
        headers = {"Upload-Offset": str(offset), HEADER: content_digest(data)}
        path = f"/api/uploads/{upload}/parts/{part}"
        try:
            return self._connection.request("PATCH", path, body=data, headers=headers).read_as(Received).received
        except (Conflict, NotAccepted) as refusal:
            received = refusal.more.get("received")
            if refusal.problem == "WrongOffset" and isinstance(received, int):
                return received
            raise _passing(refusal) from None

    def complete(self, upload: str) -> Upload:
        """Have it checked."""
        path = f"/api/uploads/{upload}/complete"
        try:
            answer = self._connection.request("POST", path, seconds=CHECKING_SECONDS)
        except Conflict as refusal:
            raise _passing(refusal) from None
        return answer.read_as(UploadThere).upload()


def list_uploads(connection: Connection, project: str) -> list[UploadThere]:
    """The uploads of the caller's own member in a project, oldest first."""
    return connection.request("GET", f"/api/projects/{require_id(project, 'project')}/uploads").read_as(
        list[UploadThere]
    )


def delete_upload(connection: Connection, upload: str) -> None:
    """Take an upload of one's own member back; what is gone already stays gone."""
    connection.request("DELETE", f"/api/uploads/{require_id(upload, 'upload')}")


def send_to_project(connection: Connection, folder: Path, project: str, progress: Progress) -> dict[str, Any]:
    """Send a folder to a project, if it was encoded under the project's agreement.

    Returns:
        The upload's id, state and number of records.

    Raises:
        AgreementDiffers: the folder was encoded under another agreement.
        what `send_folder` raises.
    """
    wanted = read_agreement(connection, project).agreement.digest  # computed here, from its text
    if _encoded_under(folder) != wanted:
        raise AgreementDiffers(
            "was encoded under another agreement than the project's",
            where=str(folder),
            fix="fetch the project's agreement (waylink project agreement), encode under it, and send that folder",
        )
    sent = send_folder(folder, project, HttpCarrier(connection), progress)
    return {"id": sent.id, "project": project, "state": sent.state, "records": sent.records}


def _encoded_under(folder: Path) -> object:
    """The digest of the agreement that a folder's receipt names; None where it names none."""
    agreement = read_receipt(folder).get("agreement")
    return agreement.get("sha256") if isinstance(agreement, dict) else None


def _passing(refusal: RemoteError) -> RemoteError:
    """A refusal, as trouble that passes where the same again will do."""
    if refusal.problem not in _PASSING:
        return refusal
    return ServerTrouble(refusal.what, where=refusal.where, fix=refusal.fix, problem=refusal.problem)
