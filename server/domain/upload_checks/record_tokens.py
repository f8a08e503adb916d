"""The record tokens of an upload, as a set that takes 16 bytes a token."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from schemas.encodings import TOKEN_BYTES
from server.domain.upload_checks.refusals import ENCODE_AGAIN, BadTokens

_AS_TEXT = f"S{TOKEN_BYTES}"  # numpy sorts and searches these as bytes; they have all one length, so none is cut short


class RecordTokens:
    """A member's record tokens, sorted."""

    def __init__(self, records: int) -> None:
        """For so many tokens."""
        self._tokens = np.empty(records * TOKEN_BYTES, np.uint8)
        self._filled = 0

    def __len__(self) -> int:
        return len(self._tokens) // TOKEN_BYTES

    def add(self, block: bytes) -> None:
        """Some more tokens, whole ones."""
        self._tokens[self._filled : self._filled + len(block)] = np.frombuffer(block, np.uint8)
        self._filled += len(block)

    def require_distinct(self, where: str) -> None:
        """All tokens have come: BadTokens unless they are all different and none is all zeros."""
        self._sorted.sort()
        fix = f"{ENCODE_AGAIN}; tokens are random and made anew each time"
        if bool((self._sorted[1:] == self._sorted[:-1]).any()):
            raise BadTokens("names two records by the same token", where=where, fix=fix)
        if not self._sorted[0]:
            raise BadTokens("has a record without a token", where=where, fix=fix)

    def count_unknown(self, block: bytes) -> int:
        """How many of some tokens are not among these."""
        asked = np.sort(np.frombuffer(block, _AS_TEXT))  # in order, so that the search walks through memory once
        place = np.searchsorted(self._sorted, asked)
        place[place == len(self)] = 0  # beyond the last: unlike the first, as all others
        return int((self._sorted[place] != asked).sum())

    @property
    def _sorted(self) -> NDArray[np.bytes_]:
        return self._tokens.view(_AS_TEXT)
