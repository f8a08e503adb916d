"""Housekeeping: whatever time or a crash has left to do, done again and again. Nothing here is asked for by anybody."""

from __future__ import annotations

from server.actions.deletion import sweep
from server.actions.desk import Desk
from server.actions.reviews import settle_overdue
from server.actions.upload_expiry import expire_retained, expire_unfinished


def keep_house(desk: Desk) -> None:
    """Delete what has to go by now, after each run and every minute.

    A run's end is committed before its encodings go: a crash in between loses no result, and the next round deletes.

    Raises:
        NoRoom, DiskFull, DiskFault: the disk's; the next round goes on.
    """
    # (1) encodings whose runs are done, uploads that nobody finishes
    expire_retained(desk)
    expire_unfinished(desk)
    # (2) releases that seats have had their time to review
    settle_overdue(desk)
    # (3) whatever no row wants, with its key: scratch of runs that ended, and what a crash left
    sweep(desk)
    # (4) drafts of files, whose names start with a dot: `sweep`, which knows what is wanted, never sees them
    desk.blobs.sweep(_NoDrafts(), _NoDrafts(), desk.clock().timestamp())


class _NoDrafts:
    """Holds every name but that of a draft."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and not name.startswith(".")
