"""Read a line that must be canonical JSON: one meaning has one spelling, so a re-spelled line is an altered one."""

from __future__ import annotations

import json

from schemas.digest import canonical_json
from server.domain.audit.errors import NotCanonical


def read_canonical(raw: bytes) -> dict[str, object]:
    """The object of a line (without its line end), after its canonical JSON has been found to be the line itself.

    That one comparison refuses other key orders, spaces, escapes and number spellings, and keys given twice.

    Raises:
        NotCanonical: it is not UTF-8, not JSON, no object, or another spelling of one.
    """
    try:
        value = json.loads(raw.decode("utf-8"))
        spelled = canonical_json(value)
    except (ValueError, RecursionError):  # brackets nested without end are a RecursionError, all else a ValueError
        raise NotCanonical("is not JSON") from None
    if not isinstance(value, dict):
        raise NotCanonical("is not a JSON object")
    if spelled != raw:
        raise NotCanonical("is not spelled as canonical JSON")
    return value
