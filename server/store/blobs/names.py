"""Ids of blobs and vault keys, which are file names too."""

from __future__ import annotations

import re
from typing import NewType

from server.store.blobs.errors import BadBlobName

BlobId = NewType("BlobId", str)
"""A blob's id: 1 to 128 of letters, digits, `-`, `_` and `.`, the first no dot."""

KeyId = NewType("KeyId", str)
"""A vault key's id, of the same form: that of an upload or a run."""

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,127}")


def blob_id(name: str) -> BlobId:
    """The name as a blob's id; BadBlobName where it cannot be one."""
    return BlobId(_checked(name))


def key_id(name: str) -> KeyId:
    """The name as a vault key's id; BadBlobName where it cannot be one."""
    return KeyId(_checked(name))


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise BadBlobName("an id has letters, digits, '-', '_' and '.' only, 128 at most, and starts with no dot")
    return name
