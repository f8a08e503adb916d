"""A folder or zip archive -> the files of an HMIS export, which is read in place and never unpacked to disk."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from encoder import problems as rules
from encoder.problems import Problems
from encoder.reading.archive import unpacks_to_too_much
from encoder.reading.source import Source, file_source

CLIENT, ENROLLMENT, EXIT = "client.csv", "enrollment.csv", "exit.csv"
PROJECT, ORGANIZATION, EXPORT = "project.csv", "organization.csv", "export.csv"
NEEDED = (EXPORT, ORGANIZATION, CLIENT, ENROLLMENT, EXIT, PROJECT)
"""The files that are read, in lower case. An export has some twenty more."""

_NEEDS_A_PASSWORD = 0x1  # a bit of a zip entry's flags (APPNOTE 4.4.4)


@dataclass(frozen=True)
class Export:
    """An export's files.

    Attributes:
        name: of the folder or archive.
        files: lower-case name, `client.csv` -> the file.
    """

    name: str
    files: Mapping[str, Source]


def is_export(path: Path) -> bool:
    """Whether a path is a folder or a zip archive with a `Client.csv`.

    Raises:
        OSError: it cannot be read.
    """
    if path.is_dir():
        return any(entry.name.lower() == CLIENT for entry in path.iterdir())
    if not path.is_file() or not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return any(_file_name(part) == CLIENT for part in archive.infolist())
    except zipfile.BadZipFile:
        return False


def find_export(path: Path, problems: Problems) -> Export | None:
    """The files of an export; None, with a problem noted, where some are missing, twice there or not to be read."""
    files = _in_folder(path) if path.is_dir() else _in_archive(path, problems)
    if files is None:
        return None
    missing = [name for name in NEEDED if name not in files]
    for name in missing:
        problems.add(rules.NO_SUCH_PART, path.name, detail=name.capitalize())
    return None if missing else Export(path.name, files)


def _in_folder(path: Path) -> dict[str, Source]:
    entries = sorted(entry for entry in path.iterdir() if entry.name.lower() in NEEDED)
    return {entry.name.lower(): file_source(entry) for entry in entries}


def _in_archive(path: Path, problems: Problems) -> dict[str, Source] | None:
    with zipfile.ZipFile(path) as archive:
        parts = [part for part in archive.infolist() if _file_name(part) in NEEDED]
    if unpacks_to_too_much(parts):
        problems.add(rules.TOO_LARGE, path.name)
    elif any(part.flag_bits & _NEEDS_A_PASSWORD for part in parts):
        problems.add(rules.LOCKED, path.name)
    elif len({_file_name(part) for part in parts}) < len(parts):
        problems.add(rules.TWO_EXPORTS, path.name)
    else:
        return {_file_name(part): _part_source(path, part) for part in parts}
    return None


def _part_source(path: Path, part: zipfile.ZipInfo) -> Source:
    """A part is opened in an archive of its own, which closes with it."""
    name = _path_in(part).name
    return Source(f"{path.name}/{name}", part.file_size, lambda: zipfile.ZipFile(path).open(part))  # type: ignore[arg-type, return-value]  # IO[bytes] is what a Source needs of BinaryIO


def _file_name(part: zipfile.ZipInfo) -> str:
    """A part's file name in lower case, whatever folders it claims: nothing is ever written by that name."""
    return _path_in(part).name.lower()


def _path_in(part: zipfile.ZipInfo) -> PurePosixPath:
    return PurePosixPath(part.filename.replace("\\", "/"))
