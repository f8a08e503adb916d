"""Chunks of any size -> exactly the bytes that are asked for, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from server.domain.upload_checks.refusals import ENCODE_AGAIN, TrailingBytes, Truncated

BLOCK_BYTES = 1 << 18  # rows looked at in one go: fits a second-level cache


class ByteFeed:
    """A file's bytes as they come; `where` names the file in errors."""

    def __init__(self, chunks: Iterable[bytes], where: str) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")
        self.where = where

    def take(self, size: int) -> bytes:
        """The next `size` bytes; Truncated where the file ends before."""
        parts: list[memoryview] = []
        while size:
            if not self._rest and not self._refill():
                raise Truncated("ends before it should", where=self.where, fix="send it again, whole")
            parts.append(self._rest[:size])
            self._rest = self._rest[size:]
            size -= len(parts[-1])
        return b"".join(parts)

    def blocks(self, rows: int, row_bytes: int) -> Iterator[bytes]:
        """The next `rows` rows, some whole rows at a time."""
        step = max(1, BLOCK_BYTES // row_bytes)
        for start in range(0, rows, step):
            yield self.take(min(step, rows - start) * row_bytes)

    def require_end(self) -> None:
        """TrailingBytes unless everything was taken."""
        if self._rest or self._refill():
            raise TrailingBytes("goes on after its content", where=self.where, fix=ENCODE_AGAIN)

    def _refill(self) -> bool:
        for chunk in self._chunks:
            if chunk:
                self._rest = memoryview(chunk)
                return True
        return False
