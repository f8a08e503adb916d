"""The member's room: identifiers and the secret, offline. Clients in; encodings, services and a receipt out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from encoder.table import encode_table as encode_table

__all__ = ["encode_table"]


def __getattr__(name: str) -> object:
    """Import `encode_table` when it is first asked for: `waylink --help` must not wait for pandas and clkhash."""
    if name != "encode_table":
        raise AttributeError(f"module 'encoder' has no attribute '{name}'")
    from encoder.table import encode_table

    return encode_table
