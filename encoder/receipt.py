"""The receipt: what leaves the member, byte for byte, and what stays. No client id, no value."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from encoder.consent.leave_out import ALL_KEPT, LeftOut
from encoder.table import software_version
from schemas.agreement import Agreement
from schemas.digest import sha256_of_file
from schemas.encodings import Origin

PACKAGES = ("waylink", "clkhash", "numpy", "safetensors", "cryptography")


@dataclass(frozen=True)
class Summary:
    """What an encoding did, in numbers and in the member's own column names.

    Attributes:
        rows_read: records in the clients' file.
        records: records encoded.
        services: service records written; services_left_out: rows left out because of a warning.
        service_names: the services' names, which leave.
        warnings: code -> how often.
        hashed: field -> the header of the column that was hashed for it.
        stays: headers of the clients' columns that are not hashed.
        fill: mean share of bits set in a CLK.
        kept_back: records, by reason, and services that were not encoded for want of consent.
        duplicates: pairs of records that may be one person; merged: records for whom another one was encoded.
    """

    rows_read: int
    records: int
    services: int
    services_left_out: int
    service_names: Sequence[str]
    warnings: Mapping[str, int]
    hashed: Mapping[str, str]
    stays: Sequence[str]
    fill: float
    kept_back: LeftOut = ALL_KEPT
    duplicates: int = 0
    merged: int = 0


def receipt(
    folder: Path, leaving: Sequence[str], agreement: Agreement, origin: Origin, summary: Summary
) -> dict[str, object]:
    """The receipt of a folder.

    Args:
        folder: where the files are.
        leaving: the names of those that leave the member.
        agreement: what they were made under.
        origin: what the encodings say of themselves.
        summary: what was done.
    """
    return {
        "files": {name: _identity(folder / name) for name in leaving},
        "member": origin.member,
        "agreement": {"project": agreement.project, "run": agreement.run, "sha256": agreement.digest},
        "linkage_schema": {"name": agreement.linkage_schema.name, "sha256": origin.schema_digest},
        "data_level": agreement.level.value,
        "cleaning_version": origin.cleaning_version,
        "counts": {
            "rows_read": summary.rows_read,
            "records_encoded": summary.records,
            "records_kept_back": {reason.value: count for reason, count in summary.kept_back.records.items()},
            "pairs_alike": summary.duplicates,
            "records_merged": summary.merged,
            "services_kept_back": summary.kept_back.services,
            "warnings": dict(sorted(summary.warnings.items())),
            "services_kept": summary.services,
            "services_left_out": summary.services_left_out,
        },
        "columns": {"hashed": dict(summary.hashed), "stay": list(summary.stays)},
        "service_names": list(summary.service_names),
        "fill": round(summary.fill, 4),
        "software": {"python": platform.python_version()} | {name: software_version(name) for name in PACKAGES},
    }


def _identity(path: Path) -> dict[str, object]:
    return {"bytes": path.stat().st_size, "sha256": sha256_of_file(path)}
