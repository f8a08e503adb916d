"""A release as one zip: opened only where every file of it is what its manifest says, then written whole."""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from schemas.digest import Digest, sha256_of
from schemas.whole import whole_folder
from waylink.remote.errors import BadRelease

MANIFEST = "manifest.json"
REPORT = "report.html"
MOST_BYTES = 512 << 20  # tables of counts and pictures of them: a release has some 100 kB
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ASK = "download it again; if it stays like this, tell the other members"
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)
"""What zipfile raises at bytes that are no zip."""


@dataclass(frozen=True)
class ReleaseFiles:
    """A release whose files are those of its manifest. Made by `open_archive`.

    Attributes:
        files: content by name, `manifest.json` too.
        manifest: what it says.
        manifest_sha256: digest of its bytes; reviewers vote on it.
    """

    files: Mapping[str, bytes]
    manifest: Mapping[str, Any]
    manifest_sha256: Digest


def open_archive(data: bytes) -> ReleaseFiles:
    """The files of a release's zip, after these checks:

    (1) It is a zip whose names are plain ones below the folder (no `..`, no root, no drive), each but once.
    (2) It has a manifest, and that has the form of `schemas/json/manifest.schema.json`.
    (3) It has exactly the files that the manifest lists.
    (4) Each has the size and the SHA-256 that the manifest gives.

    Raises:
        BadRelease: the first check that failed.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = _entries(archive)  # (1)
            if MANIFEST not in entries:
                raise _bad("has no manifest")
            raw = _content(archive, entries[MANIFEST], entries[MANIFEST].file_size)
            manifest = _manifest(raw)  # (2)
            listed: dict[str, Any] = manifest["files"]
            if set(entries) != {MANIFEST, *listed}:  # (3)
                raise _bad("has not exactly the files that its manifest lists")
            files = {name: _content(archive, entries[name], listed[name]["bytes"]) for name in sorted(listed)}
    except _BROKEN:
        raise _bad("is not a zip file that can be read") from None
    for name, content in files.items():  # (4)
        if sha256_of(content) != listed[name]["sha256"]:
            raise _bad("is not as its manifest says", where=name)
    return ReleaseFiles({MANIFEST: raw, **files}, manifest, sha256_of(raw))


def write_release_folder(release: ReleaseFiles, folder: Path) -> None:
    """Write a release's files into a new folder: all or nothing.

    Raises:
        OutputExists: the folder is there and not empty.
    """
    with whole_folder(folder) as draft:
        for name, content in release.files.items():
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            (draft / name).write_bytes(content)


def is_written(release: ReleaseFiles, folder: Path) -> bool:
    """Whether a folder holds exactly this release already."""
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return found == set(release.files) and all(
        (folder / name).read_bytes() == content for name, content in release.files.items()
    )


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    entries: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        if not _PLAIN.fullmatch(entry.orig_filename):
            raise _bad("holds a name that leads out of its folder, or is no plain one")
        if entry.orig_filename.lower() in {name.lower() for name in entries}:
            raise _bad("holds a name twice")
        if entry.compress_type not in _METHODS or entry.flag_bits & 1:
            raise _bad("is encrypted, or packed in an unusual way")
        entries[entry.orig_filename] = entry
    if sum(entry.file_size for entry in entries.values()) > MOST_BYTES:
        raise _bad("is larger than any release")
    return entries


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, size: int) -> bytes:
    """An entry's content, of which no more is unpacked than there should be."""
    if entry.file_size != size:
        raise _bad("has not the size that its manifest says", where=entry.orig_filename)
    with archive.open(entry) as file:
        content = file.read(size + 1)
    if len(content) != size:
        raise _bad("has not the size that it says", where=entry.orig_filename)
    return content


def _manifest(raw: bytes) -> dict[str, Any]:
    text = (resources.files("schemas") / "json" / "manifest.schema.json").read_text(encoding="utf-8")
    try:
        manifest = json.loads(raw)
    except (ValueError, RecursionError):
        raise _bad("is not JSON", where=MANIFEST) from None
    if not isinstance(manifest, dict) or not Draft202012Validator(json.loads(text)).is_valid(manifest):
        raise _bad("is not the manifest of a release that this waylink reads", where=MANIFEST)
    return manifest


def _bad(what: str, *, where: str = "the release's archive") -> BadRelease:
    return BadRelease(what, where=where, fix=_ASK)
