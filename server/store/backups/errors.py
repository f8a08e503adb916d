"""What can go wrong with a backup."""

from __future__ import annotations

from schemas.errors import DataFault, NetworkFault, UsageFault
from server.domain.errors import ServerError


class BackupBroken(ServerError, DataFault):
    """A backup is not what its manifest says, or what a server needs to go on.

    Attributes:
        check: the number of the check that failed, in `verify_backup`'s docstring.
    """

    def __init__(self, what: str, *, check: int, where: str = "", fix: str = "") -> None:
        super().__init__(f"{what} (check {check})", where=where, fix=fix or "use another backup")
        self.check = check


class NotEmpty(ServerError, UsageFault):
    """A restore needs an empty data folder and an empty database."""


class DumpFailed(ServerError, NetworkFault):
    """PostgreSQL's own program for copying a database failed."""


class DumpMissing(ServerError, UsageFault):
    """PostgreSQL's programs are not installed."""
