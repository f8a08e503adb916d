"""What goes over the wire for uploads: closed and bounded, as the other bodies."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from server.actions.uploads import UploadView
from server.api.bodies import Body, Sha256
from server.domain.uploads import DeclaredFile, Part

MOST_BYTES = (1 << 53) - 1  # what every JSON reader keeps exact (RFC 7493)
MOST_WITHDRAWN = 10_000

RecordToken = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class DeclaredIn(Body):
    """What a part will be: its length and its digest."""

    bytes: int = Field(ge=1, le=MOST_BYTES)
    sha256: Sha256

    def declared(self) -> DeclaredFile:
        """As an action takes it."""
        return DeclaredFile(self.bytes, self.sha256)


class UploadIn(Body):
    """An upload to begin."""

    encodings: DeclaredIn
    services: DeclaredIn

    def declared(self) -> dict[Part, DeclaredFile]:
        """As an action takes it."""
        return {Part.ENCODINGS: self.encodings.declared(), Part.SERVICES: self.services.declared()}


class PartOut(Body):
    """How much of a part is here; `received` is certain, and where to go on from."""

    bytes: int
    received: int


class UploadOut(Body):
    """An upload as its member sees it; `doubting` names the members that agree on another secret than its."""

    id: str
    project_id: str
    member: str
    state: str
    agreement_digest: str
    records: int | None
    parts: dict[str, PartOut]
    created_at: str
    decided_at: str | None
    doubting: list[str]

    @classmethod
    def of(cls, view: UploadView) -> UploadOut:
        """The body of a view."""
        return cls(
            id=view.id,
            project_id=view.project_id,
            member=view.member,
            state=view.state,
            agreement_digest=view.agreement_digest,
            records=view.records,
            parts={part: PartOut(bytes=view.declared[part], received=view.received[part]) for part in Part},
            created_at=view.created_at,
            decided_at=view.decided_at,
            doubting=view.doubting,
        )


class ReceivedOut(Body):
    """How many bytes of a part are here."""

    received: int


class WithdrawalIn(Body):
    """Records to take back, by their tokens."""

    tokens: list[RecordToken] = Field(min_length=1, max_length=MOST_WITHDRAWN)


class WithdrawalOut(Body):
    """How many of them had not been taken back before."""

    withdrawn: int
