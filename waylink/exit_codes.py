"""The one place where errors become exit statuses."""

from __future__ import annotations

from schemas.errors import DataFault, Explained, NetworkFault, NotAllowed, PolicyRefusal, UsageFault

OK = 0
INTERNAL = 1
STATUSES: dict[type[Explained], int] = {
    UsageFault: 2,
    DataFault: 3,
    NotAllowed: 4,
    NetworkFault: 5,
    PolicyRefusal: 6,
}
INTERRUPTED = 130  # 128 + SIGINT, as shells have it


def exit_status(error: Explained) -> int:
    """The status of an error, by its kind."""
    return next((status for kind, status in STATUSES.items() if isinstance(error, kind)), INTERNAL)
