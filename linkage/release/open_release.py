"""A release's files, from its folder or its zip archive, proven to be what its manifest says."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from linkage.release.manifest import MANIFEST, parse_manifest
from schemas.digest import sha256_of
from schemas.errors import BrokenFile, FileMissing

MOST_BYTES = 512 << 20  # no file of a release is larger: some 100 kB are usual
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)
"""What zipfile raises at bytes that are no zip, or one that is encrypted."""

Read = Callable[[str], bytes]
"""Gives the content of the file of that name; raises KeyError where there is none."""


@dataclass(frozen=True, eq=False)
class OpenRelease:
    """A release whose files were found whole.

    Attributes:
        manifest: what its manifest says.
        manifest_json: the manifest's bytes.
        files: every other file by its path in the release.
    """

    manifest: Mapping[str, Any]
    manifest_json: bytes
    files: Mapping[str, bytes]


def open_release(path: Path) -> OpenRelease:
    """A release's files, after these checks:

    (1) it has a manifest of a form that this waylink reads; (2) every file that the manifest lists is there, of the
    listed SHA-256. Files that the manifest does not list are not read.

    Args:
        path: its folder, or its zip archive as a server gives it.

    Raises:
        FileMissing: there is no manifest, or a listed file is gone.
        BrokenFile: the first check that failed.
    """
    if path.is_file():
        return _open_archive(path)
    return _opened(path, lambda name: _content(path / name))


def _open_archive(path: Path) -> OpenRelease:
    try:
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            return _opened(path, lambda name: _unpacked(archive, name))
    except BrokenFile:
        raise
    except _BROKEN:
        raise BrokenFile(
            "is no zip archive that can be read",
            where=str(path),
            fix="give a release's folder, or its archive as it was downloaded",
        ) from None


def _opened(path: Path, read: Read) -> OpenRelease:
    raw = _listed(path, MANIFEST, read)
    manifest = parse_manifest(raw, str(path / MANIFEST))  # (1)
    files = {name: _whole(path, name, entry["sha256"], read) for name, entry in manifest["files"].items()}  # (2)
    return OpenRelease(manifest, raw, files)


def _whole(path: Path, name: str, digest: str, read: Read) -> bytes:
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or "\\" in name:
        raise BrokenFile("lists a file outside its folder", where=str(path / MANIFEST))
    data = _listed(path, name, read)
    if sha256_of(data) != digest:
        raise BrokenFile("is not as its manifest says", where=str(path / name), fix="get the release again")
    return data


def _listed(path: Path, name: str, read: Read) -> bytes:
    try:
        return read(name)
    except KeyError:
        raise FileMissing(
            "is not there: a release has it", where=str(path / name), fix="name the folder that has manifest.json"
        ) from None


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        raise KeyError(file.name) from None


def _unpacked(archive: zipfile.ZipFile, name: str) -> bytes:
    entry = archive.getinfo(name)
    with archive.open(entry) as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise BrokenFile("is larger than any file of a release", where=name)
    return data
