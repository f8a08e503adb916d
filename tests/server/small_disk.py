"""A disk of some MiB (a tmpfs), to be filled to the last page and made larger again."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PAGE_BYTES = 4096
START_MIB, LARGER_MIB = 8, 64


class SmallDisk:
    """A mounted tmpfs; a file on it takes all of the room that it is not to have."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._filler = place / "filler"

    def leave(self, pages: int) -> None:
        """Have so many free pages, by filling the disk, or by taking back what filled it."""
        disk = os.statvfs(self.place)
        free = disk.f_bavail * disk.f_frsize // PAGE_BYTES - pages
        file = os.open(self._filler, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            size = os.fstat(file).st_size
            if free > 0:
                os.posix_fallocate(file, size, free * PAGE_BYTES)
            else:
                os.ftruncate(file, max(0, size + free * PAGE_BYTES))
        finally:
            os.close(file)

    def grow(self) -> None:
        """Make the disk larger, as its operator would; what fills it stays."""
        _run("mount", "-o", f"remount,size={LARGER_MIB}m", self.place).check_returncode()


@contextmanager
def small_disk(place: Path) -> Iterator[SmallDisk]:
    """A disk of START_MIB at a place that is made; skips where nobody may mount one."""
    place.mkdir()
    try:
        mounted = _run("mount", "-t", "tmpfs", "-o", f"size={START_MIB}m,mode=700", "tmpfs", place)
    except FileNotFoundError:
        pytest.skip("there is no mount command")
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    try:
        yield SmallDisk(place)
    finally:
        _run("umount", "--lazy", place).check_returncode()


def _run(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(map(str, command)), capture_output=True, text=True)
