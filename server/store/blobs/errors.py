"""What can go wrong with blobs and their keys. Each error names the blob or the key, nothing of what is in it."""

from __future__ import annotations

from schemas.errors import DataFault, NetworkFault, UsageFault
from server.domain.errors import Busy, NoRoomLeft, ServerError


class BadBlobName(ServerError, UsageFault):
    """An id that cannot be a file's name."""


class BadOffset(ServerError, UsageFault):
    """A blob cannot be cut there: no whole chunk ends there, or it does not reach that far."""


class BlobMissing(ServerError, DataFault):
    """There is no blob of that id."""


class BlobBroken(ServerError, DataFault):
    """A blob is unfinished, truncated, altered, of another id, or sealed with another key."""


class BlobFinished(ServerError, UsageFault):
    """A finished blob takes no more bytes."""


class BlobBusy(Busy):
    """A blob is being written by somebody else at this moment."""


class KeyGone(ServerError, DataFault):
    """A vault key was destroyed, or is not on this machine: its blobs cannot be read, by anybody."""


class KeyThere(ServerError, UsageFault):
    """A vault key of that id exists; keys are never replaced."""


class NoRoom(NoRoomLeft):
    """The disk is full. Like a server out of reach: nothing is wrong with what was sent, and later it may work."""


class DiskFault(ServerError, NetworkFault):
    """The disk refused to read or write for another reason than room."""
