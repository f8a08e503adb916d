"""Zip archives that people send: what they may unpack to."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence

_MOST_UNPACKED = 4 << 30
"""Bytes that a file may unpack to: a sheet of a million rows and fifty columns has two thirds of it."""

_MOST_EXPANDED, _SMALL = 300, 64 << 20
"""How many times its size a file of more than 64 MiB may unpack to: a sheet of one value repeated has less than 200."""


def unpacks_to_too_much(parts: Sequence[zipfile.ZipInfo]) -> bool:
    """Whether an archive unpacks to more than any export does, by what it says of itself.

    Who reads its parts reads no more than that: `zipfile` stops where a part has more, and its checksum fails.
    """
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    return unpacked > _MOST_UNPACKED or (unpacked > _SMALL and unpacked > _MOST_EXPANDED * packed)
