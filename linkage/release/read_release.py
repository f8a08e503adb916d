"""A release read back: proven to be what its manifest says, then given as pandas frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from linkage.release.csv_files import read_csv
from linkage.release.manifest import MANIFEST
from linkage.release.open_release import open_release
from schemas import ReleaseTable
from schemas.errors import BrokenFile

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
    release = open_release(folder)  # (1), (2)
    tables = {}
    for entry in release.manifest["tables"]:  # (3)
        if entry["file"] not in release.files:
            raise BrokenFile("names a table whose file it does not list", where=str(folder / MANIFEST))
        data = release.files[entry["file"]]
        tables[entry["name"]] = read_csv(entry["name"], data, str(folder / entry["file"]))
    return dict(release.manifest), tables
