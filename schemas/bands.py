"""Numbers that would say too much, told as bands: counts that hang together with other members' lists."""

from __future__ import annotations

FEW = 11
"""Counts under this are never told (as for cells of tables)."""


def band(count: int) -> str:
    """A count as the decade's half it lies in: "under 11", "11-49", "50-99", "100-499", "500-999" ..."""
    low, high = bounds(count)
    return f"under {FEW}" if high < FEW else f"{low:,}-{high:,}"


def bounds(count: int) -> tuple[int, int]:
    """The least and the most count of the same band."""
    if count < FEW:
        return 0, FEW - 1
    decade = 10 ** (len(str(count)) - 1)
    low, high = (decade, 5 * decade) if count < 5 * decade else (5 * decade, 10 * decade)
    return max(low, FEW), high - 1
