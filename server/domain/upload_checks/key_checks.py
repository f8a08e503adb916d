"""Whose secret is the odd one out, as far as the key checks of a project's members tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FEWEST = 2
"""Members that have to agree before the first sender is doubted: one alone may as well be the one that errs."""


@dataclass(frozen=True)
class KeyChecks:
    """The key checks of the members of one project, under one agreement.

    Attributes:
        accepted: of the uploads that are accepted: all have the same.
        refused: of members without one, whose last try was refused because theirs was another.
    """

    accepted: Mapping[str, str]
    refused: Mapping[str, str]

    def alike(self, member: str) -> list[str]:
        """The members that were refused as this one was and have the same secret, without it, in name order."""
        own = self.refused.get(member)
        return sorted(name for name, check in self.refused.items() if check == own and name != member)

    @property
    def doubting(self) -> list[str]:
        """The members that agree on another secret than what is accepted, and are more than those; in name order.

        Then what was accepted first is the likely mistake, and who sent it has to send again.
        """
        groups: dict[str, list[str]] = {}
        standing = set(self.accepted.values())
        for name, check in self.refused.items():
            if check in standing:
                continue  # what stood against it has made way: it only has to be sent again
            groups.setdefault(check, []).append(name)
        largest = max(groups.values(), key=len, default=[])
        return sorted(largest) if len(largest) >= max(FEWEST, len(self.accepted) + 1) else []
