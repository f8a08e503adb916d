"""What can go wrong between a member and the co-op's server; no message holds a token or a person's value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from encoder.errors import ServerFull
from schemas.errors import DataFault, Explained, NetworkFault, NotAllowed, PolicyRefusal, UsageFault


class RemoteError(Explained):
    """Base of the errors of this room.

    Attributes:
        rule: the rule of governance that says no, by its name ("" where none does).
        problem: the server's name for what went wrong ("" where this side found it).
        more: what else the server said, by name.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        fix: str = "",
        rule: str = "",
        problem: str = "",
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(what, where=where, fix=fix)
        self.rule = rule
        self.problem = problem
        self.more = dict(more or {})

    def __str__(self) -> str:
        return super().__str__() + (f"\n  rule: {self.rule}" if self.rule else "")

    def as_dict(self) -> dict[str, object]:
        said = {"rule": self.rule, "problem": self.problem}
        return super().as_dict() | {key: value for key, value in said.items() if value}


class NotPermitted(RemoteError, NotAllowed):
    """The server takes no token, or the token's account may not do this (401, 403)."""


class NotThere(RemoteError, UsageFault):
    """The server has no such thing, or does not show it to this account (404)."""


class BadRequest(RemoteError, UsageFault):
    """The server does not understand what was asked (400 and other mistakes of the caller)."""


class RuleRefuses(RemoteError, PolicyRefusal):
    """It may be asked, but a rule of governance says no (409 with a rule)."""


class Conflict(RemoteError, UsageFault):
    """It does not fit what is there already (409 without a rule)."""


class NotAccepted(RemoteError, DataFault):
    """What was sent is not what it has to be (413, 422)."""


class ServerTrouble(RemoteError, NetworkFault):
    """The server was reached and cannot do it (5xx)."""


class NoRoomThere(ServerTrouble, ServerFull):
    """The server was reached, and its disk is full (507)."""


class Unreachable(RemoteError, NetworkFault):
    """The server could not be reached, or the connection broke."""


class BadAnswer(RemoteError, NetworkFault):
    """What answers there does not speak the co-op's API."""


class BadAddress(RemoteError, UsageFault):
    """An address that is none of a server, or one to which a token must not be sent."""


class NoToken(RemoteError, UsageFault):
    """No access token was named, and the system's keyring has none."""


class BadToken(RemoteError, DataFault):
    """A file that holds no access token, or a mistyped one."""


class BadId(RemoteError, UsageFault):
    """A word that cannot be the id of anything."""


class NotConfirmed(RemoteError, UsageFault):
    """Somebody was asked and did not say yes, or nobody was there to be asked."""


class AgreementDiffers(RemoteError, NotAllowed):
    """The agreement on the server is not the one that it has to be."""


class BadRelease(RemoteError, DataFault):
    """A release's archive that is not what its manifest says; nothing of it was kept."""


class BadLinkMap(RemoteError, DataFault):
    """A link map that did not arrive whole, or is not of this folder's records."""


class UnknownRecords(RemoteError, DataFault):
    """Records that the member's own folder does not know; says where in the list they stand, never which they are."""


class RunFailed(RemoteError, DataFault):
    """A run that was waited for has failed."""


class RunCancelled(RemoteError, PolicyRefusal):
    """A run that was waited for was cancelled: somebody who may decide so did."""
