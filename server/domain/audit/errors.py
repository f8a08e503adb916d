"""What can go wrong with the audit log; no message repeats what stands in an event."""

from __future__ import annotations

from schemas.errors import DataFault, UsageFault
from server.domain.errors import ServerError

_KEEP = "keep this file and your kept head as they are, and show both to the other members"


class NotCanonical(ServerError, DataFault):
    """A line that is no JSON object, or one that is not written in the one canonical form."""


class UnfitEvent(ServerError, DataFault):
    """Fields that are no audit event: one is missing, unknown, of another type, too long or out of range."""


class UnfitHead(ServerError, DataFault):
    """Fields, or a kept head's file, that are no signed head."""


class UnfitKey(ServerError, UsageFault):
    """A key, or the text of one, that has not the length and form of an Ed25519 key."""


class LogAltered(ServerError, DataFault):
    """The export, or what is held beside it, is not what the server once signed.

    Attributes:
        check: which of the numbered checks failed (`verify.verify_export` lists them).
        line: the line of the export, counted from 1; None where it is about a kept head or a proof.
    """

    def __init__(self, what: str, *, check: int, line: int | None = None, where: str = "") -> None:
        self.check = check
        self.line = line
        place = where if line is None else f"line {line}"
        super().__init__(f"{what} (check {check})", where=place, fix=_KEEP)

    def as_dict(self) -> dict[str, object]:
        return super().as_dict() | {"check": self.check, "line": self.line}
