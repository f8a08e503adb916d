"""What the uploads of one project must have in common."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SharedMarks:
    """What the uploads of one project have in common; told by the first one that was accepted.

    Attributes:
        key_check: equal where the secret, agreement, schema and cleaning are.
        cleaning_version: the recipe that cleaned the fields.
    """

    key_check: str
    cleaning_version: str
