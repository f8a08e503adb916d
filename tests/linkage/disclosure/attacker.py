"""The attacker: reads published tables with margins and bounds what they hide. Shares no code with disclosure control.

It knows the rules: what the policy hides and the minimum, that zero is shown, that a hidden cell holds at least 1, that
cells are whole people and margins their sums, and that at least one hidden cell is hidden for being small. It may have
more releases, and cells of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

Published = Mapping[tuple[str, ...], int | None]
"""The cells of a table by place (`all` is a margin); None where hidden."""

Worlds = list[NDArray[np.float64]]
"""Whole people in every inner cell, each a co-op that explains what was published."""

TOTAL = "all"
_LARGE = 100_000  # nobody has so many people


class Attacker:
    """Everything that published tables of the same people say."""

    def __init__(self, tables: Sequence[Published], minimum: int, *, least_hidden: int = 1, base: int = 1) -> None:
        self.minimum = minimum
        self.places = list(dict.fromkeys(place for table in tables for place in table))
        inner = list(
            product(*(sorted({p[axis] for p in self.places} - {TOTAL}) for axis in range(len(self.places[0]))))
        )
        self.rows = {
            place: np.array([all(t in (TOTAL, i) for t, i in zip(place, cell, strict=True)) for cell in inner], float)
            for place in self.places
        }
        self.low = dict.fromkeys(self.places, 0.0)
        self.high = dict.fromkeys(self.places, float(_LARGE))
        self.hidden: list[tuple[str, ...]] = []
        self.explained = False
        for place in self.places:
            told = [table[place] for table in tables if place in table]
            shown = [value for value in told if value is not None]
            if shown:
                near = 0 if base == 1 or shown[0] == 0 else base - 1
                self.low[place] = max(shown) - near
                self.high[place] = min(shown) + near
                if base > 1 and shown[0]:
                    self.low[place] = max(self.low[place], minimum)
            else:
                self.low[place] = least_hidden
                self.hidden.append(place)

    def know(self, place: tuple[str, ...], value: int) -> None:
        """The attacker holds these people on its own list."""
        if place in self.hidden and value < self.minimum:
            self.explained = True  # it sees that something hidden is small, and learns no more from that
        self.low[place] = self.high[place] = value
        self.hidden = [one for one in self.hidden if one != place]

    def worlds(self, place: tuple[str, ...], small: tuple[str, ...] | None = None) -> Worlds:
        """Whole people that explain everything with the least and with the most in a cell; none where nothing fits.

        `small`: a cell taken to be a small one.
        """
        matrix = np.array([self.rows[one] for one in self.places])
        low = np.array([self.low[one] for one in self.places])
        high = np.array([min(self.high[one], self.minimum - 1 if one == small else np.inf) for one in self.places])
        rules, people = LinearConstraint(csr_array(matrix), low, high), Bounds(0, _LARGE)
        found = []
        for sign in (1, -1):
            objective = sign * self.rows[place]
            best = milp(objective, constraints=rules, bounds=people, integrality=np.ones(len(objective)))
            if best.status == 2:
                return []
            assert best.status == 0, best.message
            found.append(np.rint(best.x))
        return found

    def allows(self, world: NDArray[np.float64]) -> bool:
        """Whether these people would explain everything, with something small among what is hidden."""
        cells = {place: float(self.rows[place] @ world) for place in self.places}
        fits = all(self.low[place] <= cells[place] <= self.high[place] for place in self.places)
        small = self.explained or any(cells[place] < self.minimum for place in self.hidden)
        return fits and small and bool((world >= 0).all())

    def narrowed(self, *, may_have_changed: bool = False) -> list[str]:
        """Every hidden cell that is worked out, narrowed under the minimum, or proven small.

        With `may_have_changed`, cells may be hidden because of an earlier release, and none needs to be small.
        Every world that is found widens what the attacker must allow for in all cells.
        """
        found = []
        matrix = np.array([self.rows[one] for one in self.hidden]).reshape(
            len(self.hidden), len(self.rows[self.places[0]])
        )
        least, most = np.full(len(self.hidden), np.inf), np.full(len(self.hidden), -np.inf)
        for at, place in enumerate(self.hidden):
            for small in [None] if may_have_changed or self.explained else self.hidden:
                if most[at] - least[at] >= self.minimum - 1 and most[at] >= self.minimum:
                    break  # however it goes on, the cell is not narrowed
                for world in self.worlds(place, small):
                    cells = matrix @ world
                    least, most = np.minimum(least, cells), np.maximum(most, cells)
            if most[at] - least[at] < self.minimum - 1 or most[at] < self.minimum:
                found.append(f"{place}: {least[at]:g} to {most[at]:g}")
        return found
