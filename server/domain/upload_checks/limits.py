"""How much an upload may hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class UploadLimits:
    """Limits of one member's upload.

    Attributes:
        records: the most records; checking takes 16 bytes of memory for each.
        services: the most service records; 8 bytes each while they are checked.
    """

    records: int = 5_000_000
    services: int = 20_000_000
