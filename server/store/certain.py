"""How much of each unfinished blob this process knows to be on the disk: it saves proving that with every piece."""

from __future__ import annotations

from threading import Lock


class Certain:
    """Plaintext bytes by blob, each a lower bound. Nothing is lost with it: what it does not know is proven again."""

    def __init__(self) -> None:
        self._bytes: dict[str, int] = {}
        self._lock = Lock()

    def note(self, blob: str, size: int) -> None:
        """A writer's `offset` has reached this, or was cut back to it."""
        with self._lock:
            self._bytes[blob] = size

    def of(self, blob: str) -> int | None:
        """What is known of a blob; None where this process has not looked at it yet."""
        with self._lock:
            return self._bytes.get(blob)

    def forget(self, blob: str) -> None:
        """The blob is complete, or gone."""
        with self._lock:
            self._bytes.pop(blob, None)
