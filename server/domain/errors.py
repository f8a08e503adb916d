"""What can go wrong at the co-op's server; no error of this zone holds a person's value, a token or a secret."""

from __future__ import annotations

from schemas.errors import Explained


class ServerError(Explained):
    """Base of the errors of this zone."""
