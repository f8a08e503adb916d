"""The manifest: what a release is, under which agreement it was made, and the digest of every file of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

from jsonschema import Draft202012Validator

from linkage.release.csv_files import columns_of
from linkage.release.table_lines import lines_of
from schemas import Agreement, ReleaseTable
from schemas.bands import bounds
from schemas.digest import sha256_of
from schemas.errors import BrokenFile
from schemas.table_columns import TABLE_COLUMNS
from schemas.table_schema import schema_id

KIND = "waylink-release"
FORMAT_VERSION = "2"
SCHEMA_ID = f"urn:waylink:release-manifest:{FORMAT_VERSION}"
MANIFEST = "manifest.json"

_SAID_ELSEWHERE = frozenset({"warnings", "members", "approvals"})  # facts that have a place of their own


def manifest_bytes(
    tables: Mapping[str, ReleaseTable],
    agreement: Agreement,
    facts: Mapping[str, Any],
    files: Mapping[str, bytes],
    sentences: Mapping[str, Sequence[str]],
    policy: str,
) -> bytes:
    """The manifest as JSON.

    Args:
        tables: the released tables, by name.
        agreement: what was approved.
        facts: see `release_files`.
        files: every other file of the release, by its path.
        sentences: `checked` and `not_checked`.
        policy: the disclosure policy's name.
    """
    document = {
        "format": KIND,
        "format_version": FORMAT_VERSION,
        "schema": SCHEMA_ID,
        "agreement": {
            "digest": agreement.digest,
            "project": agreement.project,
            "purpose": agreement.purpose,
            "run": agreement.run,
            "members": list(agreement.members),
        },
        "approvals": list(facts.get("approvals", [])),
        "members": _members(tables, agreement, facts),
        "parameters": _parameters(agreement, policy),
        "facts": {key: value for key, value in facts.items() if key not in _SAID_ELSEWHERE},
        "warnings": list(facts.get("warnings", [])),
        "tables": [_table(table, files) for table in tables.values()],
        "files": {name: {"sha256": sha256_of(data), "bytes": len(data)} for name, data in sorted(files.items())},
        **{name: list(said) for name, said in sentences.items()},
    }
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def parse_manifest(data: bytes, where: str) -> dict[str, Any]:
    """What a manifest says.

    Raises:
        BrokenFile: it is not one of the form of `schemas/json/manifest.schema.json`.
    """
    schema = json.loads((resources.files("schemas") / "json" / "manifest.schema.json").read_text(encoding="utf-8"))
    try:
        manifest = json.loads(data)
    except (ValueError, RecursionError):
        raise BrokenFile("is not JSON", where=where) from None
    if not Draft202012Validator(schema).is_valid(manifest):
        raise BrokenFile("is not the manifest of a release that this waylink reads", where=where)
    return dict(manifest)


def _members(
    tables: Mapping[str, ReleaseTable], agreement: Agreement, facts: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Who is counted; how much of each, as a band, and as known on which day, where that is known."""
    as_of = agreement.as_of and agreement.as_of.isoformat()
    known = facts.get("members") or [{"name": name} for name in facts.get("members_counted", agreement.members)]
    untold = _narrowed(tables, agreement.minimum_cell)
    return [
        {
            "name": one["name"],
            "records": None if one["name"] in untold else one.get("records"),
            "as_of": one.get("as_of", as_of),
        }
        for one in known
    ]


def _narrowed(tables: Mapping[str, ReleaseTable], minimum: int) -> set[str]:
    """Members of whose list no band is told: one that ends right over a shown number would say how few more there are.

    Decided by shown numbers alone, so that a missing band says nothing of the list.
    """
    lines = lines_of(tables["unduplicated"]) if "unduplicated" in tables else []
    shown = [(line.keys["member"], line.cells[name].value) for line in lines for name in ("records", "people")]
    return {name for name, value in shown if value is not None and bounds(int(value))[1] - value < minimum}


def _parameters(agreement: Agreement, policy: str) -> dict[str, Any]:
    """All that the agreement says of linking and counting, with its defaults; of its tables those that are released."""
    days = {key: getattr(agreement, key) for key in ("window_start", "window_end", "as_of")}
    same = ("minimum_cell", "recall", "time_budget", "duplicates_inside_member", "gap_days", "follow_up_days", "preset")
    return {
        "policy": policy,
        **({"epsilon": agreement.epsilon} if agreement.epsilon else {}),
        "data_level": agreement.level.value,
        "unit": agreement.unit.value,
        "state": agreement.state.value,
        **{key: day and day.isoformat() for key, day in days.items()},
        **{key: getattr(agreement, key) for key in same},
        "linkage_schema": agreement.linkage_schema.digest,
        "threshold": "auto" if agreement.threshold is None else agreement.threshold,
        "compare": agreement.compare.value,
        "clustering": agreement.clustering.value,
        "tables": list(agreement.tables),
        "contains_path": [
            {"path": list(one.path), "within_days": one.within_days, "mode": "direct" if one.direct else "loose"}
            for one in agreement.contains_path
        ],
        "groups": {group.name: list(group.pathways) for group in agreement.groups},
        "quorum": agreement.quorum,
        "community": list(agreement.community),
        "retention_days": agreement.retention_days,
    }


def _table(table: ReleaseTable, files: Mapping[str, bytes]) -> dict[str, Any]:
    stem = f"tables/{table.name}"
    return {
        "name": table.name,
        "title": TABLE_COLUMNS[table.name].title,
        "file": f"{stem}.csv",
        "parquet": f"{stem}.parquet" if f"{stem}.parquet" in files else None,
        "picture": name if (name := f"charts/{table.name}.svg") in files else None,
        "schema": {"id": schema_id(table.name), "file": f"{stem}.schema.json"},
        "keys": list(table.keys),
        "measures": list(table.measures),
        "columns": [column.name for column in columns_of(table)],
        "rows": len(table.rows),
    }
