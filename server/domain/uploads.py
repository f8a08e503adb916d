"""Uploads: what one member delivers under one agreement, encodings and services together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

MOST_UNFINISHED = 3
"""A member's uploads that are being received in one project: a further one takes the place of the oldest."""


class Part(StrEnum):
    """The two files of an upload."""

    ENCODINGS = "encodings"
    SERVICES = "services"


@dataclass(frozen=True)
class DeclaredFile:
    """What a part will be, as its sender says before it is sent.

    Attributes:
        size: in bytes.
        sha256: of the whole file.
    """

    size: int
    sha256: str


class UploadState(StrEnum):
    """Where an upload stands."""

    RECEIVING = "receiving"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DELETED = "deleted"


class UploadMove(StrEnum):
    """What can happen to an upload."""

    RECEIVE = "take more data"
    ACCEPT = "be accepted"
    REJECT = "be rejected"
    DELETE = "be deleted"


_U, _M = UploadState, UploadMove

UPLOAD_MOVES: Mapping[tuple[UploadState, UploadMove], UploadState] = {
    (_U.RECEIVING, _M.RECEIVE): _U.RECEIVING,
    (_U.RECEIVING, _M.ACCEPT): _U.ACCEPTED,
    (_U.RECEIVING, _M.REJECT): _U.REJECTED,
    (_U.RECEIVING, _M.DELETE): _U.DELETED,
    (_U.ACCEPTED, _M.DELETE): _U.DELETED,
}
