"""Witnesses: other co-ops that explain all that a reader sees. They prove what the reader cannot know."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from linkage.disclosure.exchange import Moved
from linkage.disclosure.pattern import Guarded, Pattern
from linkage.disclosure.relations import Flags, Relations

Ranges = tuple[Moved, Moved]
"""The least and the most that a reader has to allow for, float64 (guarded,) each."""

_ROOM = 16  # witnesses for whom there is room at first; it is doubled

_FITS = 1e-6  # people; HiGHS keeps equations to 1e-7. Whole people fit exactly


class Witnesses:
    """Exchanges of people that lead from the true co-op to others; checked when they are added, and whenever used."""

    def __init__(self, relations: Relations) -> None:
        self.relations = relations
        unknowns, counts = len(relations.people), len(relations.keys)
        self._rows = np.zeros((_ROOM, unknowns + counts))  # what is moved, then what changes
        self._kept = 1  # the truth is the first
        self._agreeing: dict[bytes, Flags] = {}

    def __len__(self) -> int:
        return self._kept

    @property
    def _moved(self) -> Moved:
        return self._rows[: self._kept, : len(self.relations.people)]

    @property
    def _changed(self) -> Moved:
        return self._rows[: self._kept, len(self.relations.people) :]

    def add(self, moved: Moved) -> Moved:
        """Keep an exchange and, where it can be, its reverse; gives back by how much each count changes.

        Raises:
            ValueError: somebody would be moved who is not there, or what every reader knows to be equal would differ.
        """
        relations = self.relations
        people = relations.people + moved
        if (people < -_FITS).any() or (np.abs(relations.identities @ moved) > _FITS).any():
            raise ValueError("an exchange must move people that there are, and keep what is equal")
        changed: Moved = relations.weights @ moved
        for sign in (1, -1):
            if (relations.people + sign * moved >= -_FITS).all():
                if self._kept == len(self._rows):
                    self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
                self._rows[self._kept] = sign * np.concatenate([moved, changed])
                self._kept += 1
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
        agree = np.flatnonzero(self.explaining(pattern, pinned, whole=whole))
        differ = np.empty((len(guarded), len(agree)))
        counts = guarded.number >= 0
        differ[counts] = self._changed[np.ix_(agree, guarded.number[counts])].T
        if not counts.all():
            rests = csr_array(guarded.weights[~counts])
            parts = np.unique(rests.indices)
            differ[~counts] = csr_array(rests[:, parts]) @ self._moved[np.ix_(agree, parts)].T
        return guarded.values + differ.min(axis=1), guarded.values + differ.max(axis=1)

    def safe(self, pattern: Pattern, pinned: Flags, guarded: Guarded, *, whole: bool = False) -> Flags:
        """bool (guarded,): which counts the witnesses prove to be safe from a reader."""
        least, most = self.ranges(pattern, pinned, guarded, whole=whole)
        enough: Flags = (most - least >= guarded.spread - _FITS) & (most >= guarded.top - _FITS)
        return enough

    def forget(self, kept: int) -> None:
        """Forget all but the first so many."""
        self._kept = kept
        self._agreeing.clear()  # of drafts that nobody will ask for again
