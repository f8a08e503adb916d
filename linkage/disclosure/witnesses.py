"""Witnesses: other co-ops that explain all that a reader sees. They prove what the reader cannot know."""

from __future__ import annotations

import numpy as np

from linkage.disclosure.exchange import Moved
from linkage.disclosure.pattern import Guarded, Pattern
from linkage.disclosure.relations import Flags, Relations

Ranges = tuple[Moved, Moved]
"""The least and the most that a reader has to allow for, float64 (guarded,) each."""

_FITS = 1e-6  # people; HiGHS keeps equations to 1e-7. Whole people fit exactly


class Witnesses:
    """Exchanges of people that lead from the true co-op to others; checked when they are added, and whenever used."""

    def __init__(self, relations: Relations) -> None:
        self.relations = relations
        unknowns, counts = len(relations.people), len(relations.keys)
        self._moved = np.zeros((1, unknowns))  # the truth is the first
        self._changed = np.zeros((1, counts))
        self._agreeing: dict[bytes, Flags] = {}

    def __len__(self) -> int:
        return len(self._moved)

    def add(self, moved: Moved) -> Moved:
        """Keep an exchange and, where it can be, its reverse; gives back by how much each count changes.

        Raises:
            ValueError: somebody would be moved who is not there, or what every reader knows to be equal would differ.
        """
        relations = self.relations
        people = relations.people + moved
        if (people < -_FITS).any() or (np.abs(relations.identities @ moved) > _FITS).any():
            raise ValueError("an exchange must move people that there are, and keep what is equal")
        for one in (moved, -moved):
            if (relations.people + one >= -_FITS).all():
                self._moved = np.vstack([self._moved, one])
                self._changed = np.vstack([self._changed, relations.weights @ one])
        changed: Moved = relations.weights @ moved
        return changed

    def explaining(self, pattern: Pattern, pinned: Flags, *, whole: bool = False) -> Flags:
        """bool (witnesses,): which of them agree with all that a reader sees; only those of whole people on demand."""
        name = pattern.shown.tobytes() + pinned.tobytes()
        agree = self._agreeing.get(name, np.zeros(0, bool))
        if len(agree) < len(self):
            low, high = pattern.limits(pinned)
            changed = self._changed[len(agree) :]
            later = ((changed >= low - _FITS) & (changed <= high + _FITS)).all(axis=1)
            agree = np.concatenate([agree, later & pattern.is_plausible(changed)])
            self._agreeing[name] = agree
        if whole:
            agree = agree & (self._moved == np.rint(self._moved)).all(axis=1)
        return agree

    def ranges(self, pattern: Pattern, pinned: Flags, guarded: Guarded, *, whole: bool = False) -> Ranges:
        """What a reader has to allow for, at least, of each guarded count."""
        agree = self.explaining(pattern, pinned, whole=whole)
        values = guarded.values[:, None] + guarded.weights @ self._moved[agree].T
        return values.min(axis=1), values.max(axis=1)

    def safe(self, pattern: Pattern, pinned: Flags, guarded: Guarded, *, whole: bool = False) -> Flags:
        """bool (guarded,): which counts the witnesses prove to be safe from a reader."""
        least, most = self.ranges(pattern, pinned, guarded, whole=whole)
        enough: Flags = (most - least >= guarded.spread - _FITS) & (most >= guarded.top - _FITS)
        return enough

    def forget(self, kept: int) -> None:
        """Forget all but the first so many."""
        self._moved, self._changed = self._moved[:kept], self._changed[:kept]
        self._agreeing = {name: agree[:kept] for name, agree in self._agreeing.items()}
