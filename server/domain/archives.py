"""A release's files as one archive: what is reviewed, published and fetched."""

from __future__ import annotations

import io
from collections.abc import Mapping
from zipfile import ZIP_STORED, ZipFile, ZipInfo

_NO_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say: when a file was packed is nobody's business
_UNIX, _READABLE = 3, 0o100644 << 16  # so that unpacked files can be read by their owner's programs


def pack(files: Mapping[str, bytes]) -> bytes:
    """The files, by their path in it, as a zip. Made in memory; equal files give equal bytes, on every machine.

    Nothing is compressed: libraries differ in the bytes they make, and a release is a few hundred kilobytes.
    """
    into = io.BytesIO()
    with ZipFile(into, "w", ZIP_STORED) as archive:
        for name in sorted(files):
            entry = ZipInfo(name, _NO_TIME)
            entry.create_system, entry.external_attr = _UNIX, _READABLE
            archive.writestr(entry, files[name])
    return into.getvalue()


def unpack(archive: bytes) -> dict[str, bytes]:
    """The files that `pack` packed. For archives that the server itself sealed: nothing is checked."""
    with ZipFile(io.BytesIO(archive)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}
