"""Where the bytes of a table come from: a file, or one file of a zip archive, which is never unpacked to disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

PART_BYTES = 1 << 20
"""Bytes read at a time: a part and the work on it fit a second-level cache."""


@dataclass(frozen=True)
class Source:
    """Bytes that can be read more than once.

    Attributes:
        name: what problems call it: the file's name without its folder.
        size: how many bytes there are, for progress.
        open: opens them anew, at their start.
    """

    name: str
    size: int
    open: Callable[[], BinaryIO]

    def parts(self) -> Iterator[bytes]:
        """The bytes, 1 MiB at a time."""
        with self.open() as content:
            while part := content.read(PART_BYTES):
                yield part

    def head(self) -> bytes:
        """The first MiB."""
        with self.open() as content:
            return content.read(PART_BYTES)


def file_source(path: Path) -> Source:
    """A file's bytes.

    Raises:
        OSError: there is no such file, or it cannot be read.
    """
    return Source(path.name, path.stat().st_size, lambda: path.open("rb"))
