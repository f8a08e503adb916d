"""A release read back: proven to be what its manifest says, then given as pandas frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from linkage.release.csv_files import read_csv
from linkage.release.manifest import MANIFEST, parse_manifest
from schemas import ReleaseTable
from schemas.digest import sha256_of
from schemas.errors import BrokenFile, FileMissing

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Release:
    """A release that was found whole.

    Attributes:
        path: its folder.
        manifest: what it says of itself.
        tables: each table as a frame (see `linkage.frames.frame_of`), by name, in the release's order.
    """

    path: Path
    manifest: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]


def read_release(folder: Path | str) -> Release:
    """Read a release after proving that it is whole: what `read_tables` does, with pandas frames.

    That nobody has made another release with another manifest this does not prove: compare the manifest's own SHA-256
    with the one that the members voted on (`waylink release show`).

    Raises:
        FileMissing, BrokenFile: see `read_tables`.
    """
    from linkage.frames import frame_of

    manifest, tables = read_tables(Path(folder))
    return Release(Path(folder), manifest, {name: frame_of(table) for name, table in tables.items()})


def read_tables(folder: Path) -> tuple[dict[str, Any], dict[str, ReleaseTable]]:
    """A release's manifest and its tables, as they were released, after these checks:

    (1) it has a manifest of a form that this waylink reads; (2) every file that the manifest lists is there, of the
    listed SHA-256; (3) every table has the columns of its contract. Files that the manifest does not list are not read.

    Raises:
        FileMissing: the folder has no manifest, or a listed file is gone.
        BrokenFile: the first check that failed.
    """
    manifest = parse_manifest(_bytes(folder, MANIFEST), str(folder / MANIFEST))  # (1)
    files = {name: _whole(folder, name, entry["sha256"]) for name, entry in manifest["files"].items()}  # (2)
    tables = {}
    for entry in manifest["tables"]:  # (3)
        if entry["file"] not in files:
            raise BrokenFile("names a table whose file it does not list", where=str(folder / MANIFEST))
        tables[entry["name"]] = read_csv(entry["name"], files[entry["file"]], str(folder / entry["file"]))
    return manifest, tables


def _whole(folder: Path, name: str, digest: str) -> bytes:
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or "\\" in name:
        raise BrokenFile("lists a file outside its folder", where=str(folder / MANIFEST))
    data = _bytes(folder, name)
    if sha256_of(data) != digest:
        raise BrokenFile("is not as its manifest says", where=str(folder / name), fix="get the release again")
    return data


def _bytes(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError:
        raise FileMissing(
            "is not there: a release has it", where=str(folder / name), fix="name the folder that has manifest.json"
        ) from None
