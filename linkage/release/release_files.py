"""The release: released tables as a folder of files that say what they are and prove themselves whole."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from linkage.disclosure.protect import ALL_MEMBERS, CHECKED, NOT_CHECKED, POLICY
from linkage.errors import BadInput
from linkage.release.charts.upset import draw_upset, svg_bytes
from linkage.release.report import write_report
from schemas import Agreement, Cell, ReleaseTable, State
from schemas.digest import sha256_of

KIND = "waylink-release"
FORMAT_VERSION = "1"
MANIFEST = "manifest.json"
REPORT = "report.html"

REQUIRED_FACTS = frozenset({"waylink_version", "run_digest"})
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run such a cell (OWASP, CSV injection)


def write_release(
    folder: Path, tables: Mapping[str, ReleaseTable], agreement: Agreement, facts: Mapping[str, Any]
) -> None:
    """Write a release (see `release_files`) into an empty folder that the caller makes appear whole."""
    write_files(folder, release_files(tables, agreement, facts))


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
    tables: Mapping[str, ReleaseTable], agreement: Agreement, facts: Mapping[str, Any]
) -> dict[str, bytes]:
    """The files of a release by their path in it: `manifest.json`, `tables/`, `charts/` and `report.html`.

    Equal inputs give equal bytes.

    Args:
        tables: what disclosure control let through, by name.
        agreement: what was approved.
        facts: JSON values that the manifest repeats: `waylink_version` and `run_digest`, and whatever else the
            caller knows (`warnings`: a list of sentences; times are facts too, for nothing here reads a clock).

    Raises:
        BadInput: a required fact is missing.
    """
    if missing := sorted(REQUIRED_FACTS - set(facts)):
        raise BadInput(f"a release needs the facts {', '.join(missing)}")
    small = agreement.minimum_cell - 1
    checked = [text.format(small=small, least=small + 1) for text in CHECKED]
    files = {f"tables/{name}.csv": csv_bytes(table) for name, table in tables.items()}
    pictures = {}
    if "set_pathway" in tables:
        pictures["set_pathway"] = draw_upset(tables["set_pathway"], _totals(tables, agreement))
        files["charts/set_pathway.svg"] = svg_bytes(pictures["set_pathway"])
    details = {
        "agreement (SHA-256)": agreement.digest,
        "run (SHA-256)": str(facts["run_digest"]),
        "waylink": str(facts["waylink_version"]),
    }
    files[REPORT] = write_report(
        tables, agreement, pictures=pictures, checked=checked, not_checked=NOT_CHECKED, details=details
    )
    manifest = _manifest(tables, agreement, facts, files) | {"checked": checked, "not_checked": list(NOT_CHECKED)}
    files[MANIFEST] = (json.dumps(manifest, indent=2, ensure_ascii=False, sort_keys=False) + "\n").encode("utf-8")
    return files


def csv_bytes(table: ReleaseTable) -> bytes:
    """A table as CSV (RFC 4180: UTF-8, CRLF): keys, then for each measure its value (empty where none) and status.

    A key that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns_of(table))
    for keys, cells in table.rows:
        values = [value for cell in cells for value in ("" if cell.value is None else cell.value, cell.status.value)]
        writer.writerow([*(_harmless(key) for key in keys), *values])
    return text.getvalue().encode("utf-8")


def columns_of(table: ReleaseTable) -> list[str]:
    """The names of a table's CSV columns, in order."""
    return [*table.keys, *(column for name in table.measures for column in (name, f"{name}_status"))]


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _totals(tables: Mapping[str, ReleaseTable], agreement: Agreement) -> dict[str, Cell]:
    """The people of each state, where a released table says them."""
    if "overlap_pairs" in tables:
        rows = tables["overlap_pairs"].rows
        return {keys[side]: cells[1 + side] for keys, cells in rows for side in (0, 1)}
    if "unduplicated" in tables and agreement.state is State.MEMBER:
        return {keys[0]: cells[1] for keys, cells in tables["unduplicated"].rows if keys[0] != ALL_MEMBERS}
    return {}


def _manifest(
    tables: Mapping[str, ReleaseTable], agreement: Agreement, facts: Mapping[str, Any], files: Mapping[str, bytes]
) -> dict[str, Any]:
    days = {key: getattr(agreement, key) for key in ("window_start", "window_end", "as_of")}
    return {
        "format": KIND,
        "format_version": FORMAT_VERSION,
        "agreement": {
            "digest": agreement.digest,
            "project": agreement.project,
            "purpose": agreement.purpose,
            "run": agreement.run,
            "members": list(agreement.members),
        },
        "parameters": {
            "policy": POLICY,
            "minimum_cell": agreement.minimum_cell,
            "data_level": agreement.level.value,
            "unit": agreement.unit.value,
            "state": agreement.state.value,
            **{key: day and day.isoformat() for key, day in days.items()},
        },
        "facts": {key: value for key, value in facts.items() if key != "warnings"},
        "warnings": list(facts.get("warnings", [])),
        "tables": [
            {
                "name": name,
                "title": table.title,
                "file": f"tables/{name}.csv",
                "keys": list(table.keys),
                "measures": list(table.measures),
                "columns": columns_of(table),
                "rows": len(table.rows),
            }
            for name, table in tables.items()
        ],
        "files": {name: {"sha256": sha256_of(data), "bytes": len(data)} for name, data in sorted(files.items())},
    }
