"""Candidate pairs on disk, best first, in the binary form that anonlink reads and writes; memory stays bounded."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from linkage.candidates.compare import CandidatePairs
from schemas.errors import BrokenFile

HEADER = bytes([1, 8, 1, 4])
"""Version 1; a score of 8 bytes, list numbers of 1, rows of 4 (anonlink 0.15.3, anonlink/serialization.py)."""

ENTRY = np.dtype([("score", "<f8"), ("lists", "u1", 2), ("rows", "<u4", 2)])
"""18 bytes a pair, as that header says."""

BANDS = 256
"""Pairs wait on disk by score, in so many bands; a band is sorted in memory."""


def write_pairs(parts: Iterable[CandidatePairs], path: Path, *, scratch: Path | None = None) -> int:
    """Write the pairs of two lists (0 and 1) into one file, by falling score, then left row, then right row.

    Memory is that of the largest part, or of the largest band of scores if that is more: 1/256 of the scores from 0
    to 1. Meanwhile the pairs need their room twice on disk.

    Args:
        parts: as `stream_pairs` gives them.
        path: the file; `anonlink.serialization.load_candidate_pairs` reads it.
        scratch: where the pairs wait; None: beside the file.

    Returns:
        How many pairs there are.
    """
    written = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=scratch or path.parent)))
        bands = _Bands(folder, stack)
        for part in parts:
            bands.add(_entries(part))
        with path.open("wb") as out:
            out.write(HEADER)
            for band in bands.falling():
                order = np.lexsort((band["rows"][:, 1], band["rows"][:, 0], -band["score"]))
                band[order].tofile(out)
                written += len(band)
    return written


def read_pairs(path: Path) -> CandidatePairs:
    """The pairs of such a file, in its order.

    Raises:
        BrokenFile: another format, or cut short.
    """
    with path.open("rb") as file:
        if file.read(len(HEADER)) != HEADER:
            raise BrokenFile("is not a file of candidate pairs with scores of 8 and rows of 4 bytes", where=str(path))
        if (path.stat().st_size - len(HEADER)) % ENTRY.itemsize:
            raise BrokenFile("was cut short", where=str(path), fix="compare again")
        entries = np.fromfile(file, ENTRY)
    left, right = (np.ascontiguousarray(entries["rows"][:, side]) for side in (0, 1))
    return CandidatePairs(left, right, np.ascontiguousarray(entries["score"]))


class _Bands:
    """Temporary files of entries, one a band of scores."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.files: dict[int, BinaryIO] = {}

    def add(self, entries: NDArray[np.void]) -> None:
        """Append entries, which stand by falling score, to their bands."""
        if not len(entries):
            return
        band = _bands_of(entries["score"])
        starts = np.flatnonzero(np.diff(band, prepend=-1)).tolist()
        for start, end in zip(starts, [*starts[1:], len(band)], strict=True):
            entries[start:end].tofile(self._file(int(band[start])))

    def falling(self) -> Iterator[NDArray[np.void]]:
        """The entries of each band, the highest scores first; inside a band in no order."""
        for number in sorted(self.files, reverse=True):
            self.files[number].close()
            yield np.fromfile(self._path(number), ENTRY)
            self._path(number).unlink()

    def _file(self, number: int) -> BinaryIO:
        if number not in self.files:
            self.files[number] = self.stack.enter_context(self._path(number).open("wb"))
        return self.files[number]

    def _path(self, number: int) -> Path:
        return self.folder / f"band-{number}"


def _bands_of(score: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.minimum((score * BANDS).astype(np.int64), BANDS - 1)


def _entries(part: CandidatePairs) -> NDArray[np.void]:
    entries = np.zeros(len(part), ENTRY)
    entries["score"], entries["lists"] = part.score, (0, 1)
    entries["rows"][:, 0], entries["rows"][:, 1] = part.left, part.right
    return entries
