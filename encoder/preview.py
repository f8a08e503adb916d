"""What would leave, in plain words and as it looks, without a file being written."""

from __future__ import annotations

from encoder.encode import Encoded
from schemas.encodings import token_text

_ROWS = 5
_SHOWN_BYTES = 16  # of a CLK: enough to see that it is no text, and a line of a terminal


def preview(encoded: Encoded) -> str:
    """What would leave and what would stay, and the first records as whoever links would see them."""
    summary, unit = encoded.summary, encoded.agreement.unit.value
    columns = [(header, f"hashed, as {field}") for field, header in summary.hashed.items()]
    columns += [(header, "stays") for header in summary.stays]
    width = max(len(header) for header, _ in columns)
    bits, tokens = encoded.encodings.bits, encoded.encodings.tokens
    rows = [
        f"  {token_text(token)}  {row[:_SHOWN_BYTES].tobytes().hex()}..."
        for token, row in zip(tokens[:_ROWS], bits[:_ROWS], strict=True)
    ]
    return "\n".join(
        [
            "Nothing is written. This is what would happen to your columns:",
            *(f"  {header:{width}}  {fate}" for header, fate in columns),
            f"{summary.records:,} records would leave, in random order; the first of them, as whoever links sees them",
            f"(a random record token, then the beginning of {bits.shape[1] * 8} bits):",
            *rows,
            f"and {summary.services:,} services, with a record token each, dates by {unit}, and these names in clear:",
            *(f"  {name}" for name in summary.service_names),
        ]
    )


def as_data(encoded: Encoded) -> dict[str, object]:
    """The same for programs."""
    summary = encoded.summary
    return {
        "preview": True,
        "records": summary.records,
        "services": summary.services,
        "hashed": dict(summary.hashed),
        "stays": list(summary.stays),
        "in_clear": list(summary.service_names),
    }
