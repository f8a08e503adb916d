"""The digest that travels with a body (RFC 9530, `Content-Digest`): proof that it arrived as it was sent."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping

HEADER = "Content-Digest"
_SHA256 = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/=]+):\s*(?:,|$)")


def content_digest(data: bytes) -> str:
    """The header's value for a body."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"


def arrived_whole(headers: Mapping[str, str], data: bytes) -> bool:
    """Whether a body has the SHA-256 that its headers say; a body without one is not whole."""
    found = _SHA256.search(headers.get(HEADER, ""))
    return found is not None and found[1] == base64.b64encode(hashlib.sha256(data).digest()).decode()
