"""What the server refuses, and why. `server/api/problems.py` turns these into HTTP problems, and nothing else does."""

from __future__ import annotations

from schemas.errors import DataFault, Explained, NetworkFault, NotAllowed, PolicyRefusal, UsageFault


class ServerError(Explained):
    """Base of the errors of this zone.

    Attributes:
        rule: the rule that says no, by its name in docs/guides/governance.md ("" where none does).
    """

    rule = ""

    def as_dict(self) -> dict[str, object]:
        return super().as_dict() | ({"rule": self.rule} if self.rule else {})


class NotFound(ServerError, UsageFault):
    """There is no such thing, or it is not this caller's to see: both look alike."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"there is no such {kind}", fix="see the list of those that are yours")


class FilesGone(ServerError, UsageFault):
    """What was computed cannot be read any more: its vault key was destroyed, or did not come with a restore."""


class TokenRefused(ServerError, NotAllowed):
    """No access token, or one that is unknown, expired or revoked: all look alike."""

    def __init__(self) -> None:
        super().__init__(
            "no valid access token was given",
            fix="use a token that has not expired; the operator or another token of yours makes a new one",
        )


class Forbidden(ServerError, NotAllowed):
    """The caller's role or the token's scopes do not allow this, whatever it is done to."""

    def __init__(self, what: str, *, rule: str, fix: str = "") -> None:
        super().__init__(what, fix=fix)
        self.rule = rule


class Refused(ServerError, PolicyRefusal):
    """It may be asked by this caller, but not now, or not like this."""

    def __init__(self, what: str, *, rule: str, where: str = "", fix: str = "") -> None:
        super().__init__(what, where=where, fix=fix)
        self.rule = rule


class BadRequest(ServerError, DataFault):
    """What was sent is not what it has to be."""


class AlreadyThere(ServerError, UsageFault):
    """Something of that name exists already."""


class TooLarge(ServerError, DataFault):
    """More was sent than was said, or than is taken."""


class WrongOffset(ServerError, UsageFault):
    """A piece of an upload does not begin where the server's part ends.

    Attributes:
        received: the bytes that the server has.
    """

    def __init__(self, received: int) -> None:
        super().__init__(
            "the piece does not begin where the part ends that the server has", fix="go on from 'received'"
        )
        self.received = received

    def as_dict(self) -> dict[str, object]:
        return super().as_dict() | {"received": self.received}


class WrongDigest(ServerError, DataFault):
    """A piece of an upload came in other than it was sent: it was dropped."""

    def __init__(self) -> None:
        super().__init__("the piece is not as its digest says; nothing of it was kept", fix="send it again")


class NotAsDeclared(ServerError, DataFault):
    """A file that was received to its end is not the one that its sender declared."""


class NotAllReceived(ServerError, UsageFault):
    """An upload cannot be completed: a part of it has not come to its end."""


class NoRoomLeft(ServerError, NetworkFault):
    """Base: the server's disk is full; what was asked for was not done, and what there is stays as it is."""


class Busy(ServerError, NetworkFault):
    """Base: somebody else is at it; the same again later will do."""
