"""What an earlier release told, read from its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from linkage.disclosure.ledger import Basis, CellName, PastRelease
from linkage.errors import WrongAgreement
from linkage.release.csv_files import read_csv
from linkage.release.manifest import parse_manifest
from linkage.release.open_release import open_release
from schemas import Agreement, Status
from schemas.digest import sha256_of
from schemas.errors import BrokenFile


def read_earlier(paths: Sequence[Path], agreement: Agreement) -> list[PastRelease]:
    """What earlier releases of an agreement's project told, each once, in the order given.

    Args:
        paths: their folders, or their zip archives.
        agreement: of that project; it may have been changed since.

    Raises:
        FileMissing, BrokenFile: one is no release, or not whole.
        WrongAgreement: one is of another project.
    """
    found: dict[str, PastRelease] = {}
    for path in paths:
        release = open_release(path)
        project = release.manifest["agreement"]["project"]
        if project != agreement.project:
            raise WrongAgreement(
                f"is a release of project '{project}', not of '{agreement.project}'",
                where=str(path),
                fix="give --earlier the releases of this project only",
            )
        past = past_release(release.manifest_json, release.files, str(path))
        found[past.manifest_sha256] = past
    return list(found.values())


def past_release(manifest_json: bytes, files: Mapping[str, bytes], where: str) -> PastRelease:
    """What a release told.

    Args:
        manifest_json: its manifest.
        files: the CSV files of its tables, by their path in the release, as they were published.
        where: what to call it in an error.

    Raises:
        BrokenFile: they are not those of a release.
    """
    manifest = parse_manifest(manifest_json, where)
    cells: dict[CellName, float | None] = {}
    for entry in manifest["tables"]:
        if entry["file"] not in files:
            raise BrokenFile("names a table whose file it does not have", where=where)
        cells |= _cells_of(entry["name"], files[entry["file"]], f"{where}: {entry['file']}")
    parameters = manifest["parameters"]
    epsilon = float(parameters.get("epsilon", 0))
    return PastRelease(_basis_of(manifest), parameters["policy"], cells, sha256_of(manifest_json), epsilon)


def _basis_of(manifest: Mapping[str, Any]) -> Basis:
    parameters, facts = manifest["parameters"], manifest["facts"]
    days = (parameters[name] or "" for name in ("window_start", "window_end", "as_of"))
    members = tuple(sorted(one["name"] for one in manifest["members"]))
    people = str(facts.get("people_digest", ""))
    return Basis(facts["run_digest"], people, members, parameters["unit"], parameters["state"], *days)


def _cells_of(name: str, data: bytes, where: str) -> dict[CellName, float | None]:
    table = read_csv(name, data, where)
    return {
        (name, keys, measure): cell.value
        for keys, cells in table.rows
        for measure, cell in zip(table.measures, cells, strict=True)
        if cell.value is not None or cell.status is Status.SUPPRESSED
    }
