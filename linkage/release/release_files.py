"""The release: released tables as a folder of files that say what they are and prove themselves whole."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linkage.errors import BadInput
from linkage.release.charts.drawing import picture_bytes
from linkage.release.charts.gallery import Scene, draw_pictures
from linkage.release.csv_files import csv_bytes
from linkage.release.datapackage import data_package
from linkage.release.manifest import MANIFEST, manifest_bytes
from linkage.release.parquet_files import can_write_parquet, parquet_bytes
from linkage.release.report.page import write_report
from linkage.release.workbook import workbook_bytes
from schemas import Agreement, ReleaseTable, State
from schemas.table_columns import shape_faults
from schemas.table_schema import row_schema

__all__ = [
    "MANIFEST",
    "PLAIN",
    "REPORT",
    "Checks",
    "Formats",
    "manifest_of",
    "release_files",
    "write_files",
    "write_release",
]

REPORT, PACKAGE, WORKBOOK = "report.html", "datapackage.json", "workbook.xlsx"

REQUIRED_FACTS = frozenset({"waylink_version", "run_digest"})


@dataclass(frozen=True)
class Checks:
    """What disclosure control says of the tables.

    Attributes:
        checked, not_checked: sentences.
        policy: the policy's name.
    """

    checked: Sequence[str]
    not_checked: Sequence[str]
    policy: str


@dataclass(frozen=True)
class Formats:
    """Which files are written beside those that every release has.

    Attributes:
        excel: CSV files begin with a byte order mark, by which Excel knows that they are UTF-8.
        workbook: all tables as one Excel workbook, too.
        parquet: all tables as Parquet, too; None: where pyarrow is installed.
    """

    excel: bool = False
    workbook: bool = False
    parquet: bool | None = None


PLAIN = Formats()


def write_release(
    folder: Path,
    tables: Mapping[str, ReleaseTable],
    agreement: Agreement,
    facts: Mapping[str, Any],
    formats: Formats = PLAIN,
    *,
    checks: Checks,
) -> None:
    """Write a release (see `release_files`) into an empty folder that the caller makes appear whole."""
    write_files(folder, release_files(tables, agreement, facts, formats, checks=checks))


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files of a release into a folder."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


def manifest_of(files: Mapping[str, bytes]) -> dict[str, Any]:
    """What the manifest among the files of a release says."""
    manifest: dict[str, Any] = json.loads(files[MANIFEST])
    return manifest


def release_files(
    tables: Mapping[str, ReleaseTable],
    agreement: Agreement,
    facts: Mapping[str, Any],
    formats: Formats = PLAIN,
    *,
    checks: Checks,
) -> dict[str, bytes]:
    """The files of a release by their path in it: manifest, data package, `tables/`, `charts/`, report.

    Equal inputs give equal bytes, with the same versions of pyarrow and XlsxWriter.

    Args:
        tables: what disclosure control let through, by name.
        agreement: what was approved.
        facts: JSON values that the manifest repeats: `waylink_version` and `run_digest`, and whatever else the
            caller knows. Some have a place of their own: `warnings` (sentences), `members` (for each a `name`, banded
            `records`, `as_of`), `approvals` (for each a `seat`, and `of` what), `threshold` (a number, or with a
            `value`). Times are facts too, for nothing here reads a clock.
        formats: which files are written.
        checks: what disclosure control said of these tables.

    Raises:
        BadInput: a required fact is missing, a table has not the columns of its contract, or what a format needs is
            not installed.
    """
    # (1) what is given is what it has to be
    if missing := sorted(REQUIRED_FACTS - set(facts)):
        raise BadInput(f"a release needs the facts {', '.join(missing)}")
    if faults := [fault for table in tables.values() for fault in shape_faults(table)]:
        raise BadInput("; ".join(faults), where="release")
    # (2) tables, for programs
    files = _table_files(tables, agreement, formats)
    # (3) pictures, workbook and report, for people
    threshold = _threshold(facts.get("threshold"))
    pictures = draw_pictures(Scene(tables, agreement.state is State.MEMBER, threshold))
    files |= {f"charts/{name}.svg": picture_bytes(picture.whole()) for name, picture in pictures.items()}
    warnings: Sequence[str] = facts.get("warnings", ())
    if formats.workbook:
        files[WORKBOOK] = workbook_bytes(tables, _first_sheet(agreement, warnings))
    files[REPORT] = write_report(
        tables,
        agreement,
        pictures=pictures,
        checked=checks.checked,
        not_checked=checks.not_checked,
        warnings=warnings,
        details=_origin(agreement, facts),
    )
    # (4) the manifest, last: it has the digest of every other file
    sentences = {"checked": checks.checked, "not_checked": checks.not_checked}
    files[MANIFEST] = manifest_bytes(tables, agreement, facts, files, sentences, checks.policy)
    return files


def _table_files(tables: Mapping[str, ReleaseTable], agreement: Agreement, formats: Formats) -> dict[str, bytes]:
    csv_files = {f"tables/{name}.csv": csv_bytes(table, excel=formats.excel) for name, table in tables.items()}
    files = dict(csv_files)
    if can_write_parquet() if formats.parquet is None else formats.parquet:
        files |= {f"tables/{name}.parquet": parquet_bytes(table) for name, table in tables.items()}
    files |= {f"tables/{name}.schema.json": json_bytes(row_schema(name)) for name in tables}
    files[PACKAGE] = json_bytes(data_package(tables, agreement, csv_files))
    return files


def json_bytes(document: Mapping[str, Any]) -> bytes:
    """JSON for people and programs: indented, UTF-8."""
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def _threshold(fact: object) -> float | None:
    value = fact.get("value") if isinstance(fact, Mapping) else fact
    return float(value) if isinstance(value, int | float) else None


def _first_sheet(agreement: Agreement, warnings: Sequence[str]) -> list[tuple[str, str]]:
    small = agreement.minimum_cell - 1
    return [
        ("project", agreement.project),
        ("purpose", agreement.purpose),
        ("run", agreement.run),
        ("members", ", ".join(agreement.members)),
        ("[c]", f"a number that is not shown: 1 to {small} people, or it would give such a number away; not zero"),
        ("[z]", "has no meaning in that place"),
        ("..._low, ..._high", "the count if records were linked a little more or less strictly; rounded outward"),
        ("estimate", "corrected by a model for wrong and missed links; not a count"),
        *(("note", warning) for warning in warnings),
    ]


def _origin(agreement: Agreement, facts: Mapping[str, Any]) -> dict[str, str]:
    return {
        "agreement (SHA-256)": agreement.digest,
        "run (SHA-256)": str(facts["run_digest"]),
        "waylink": str(facts["waylink_version"]),
        **_links(facts.get("links")),
    }


def _links(fact: object) -> dict[str, str]:
    """How good the links are, in words."""
    if not isinstance(fact, Mapping):
        return {}
    precision, recall = (
        "{estimate:.1%} ({low:.1%} to {high:.1%})".format(**fact[name]) for name in ("precision", "recall")
    )
    return {
        "links that are right, expected by a model": precision,
        "pairs of one person's records that were linked, expected by a model": recall,
    }
