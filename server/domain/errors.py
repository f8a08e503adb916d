"""What can go wrong at the co-op's server."""

from __future__ import annotations

from schemas.errors import Explained


class ServerError(Explained):
    """Base of the errors of this zone."""
