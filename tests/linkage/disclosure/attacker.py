"""The attacker: reads published tables with margins and bounds what they hide. Shares no code with disclosure control.

It knows the rules: what the policy hides and the minimum, that zero is shown, that a hidden cell holds at least 1, that
cells are whole people and margins their sums, and that at least one hidden cell is hidden for being small. It may have
more releases, and cells of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

Published = Mapping[tuple[str, ...], int | None]
"""The cells of a table by place (`all` is a margin); None where hidden."""

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
        self.hidden = []
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
        self.low[place] = self.high[place] = value
        self.hidden = [one for one in self.hidden if one != place]

    def bounds(self, place: tuple[str, ...], small: tuple[str, ...] | None = None, *, whole: bool = False):
        """The least and the most of a cell; None where nothing fits. `small`: a cell taken to be a small one."""
        matrix = np.array([self.rows[one] for one in self.places])
        low = np.array([self.low[one] for one in self.places])
        high = np.array([min(self.high[one], self.minimum - 1 if one == small else np.inf) for one in self.places])
        ends = []
        for sign in (1, -1):
            objective = sign * self.rows[place]
            if whole:
                rules = LinearConstraint(matrix, low, high)
                found = milp(
                    objective, constraints=rules, bounds=Bounds(0, _LARGE), integrality=np.ones(len(objective))
                )
            else:
                found = linprog(
                    objective,
                    np.vstack([matrix, -matrix]),
                    np.concatenate([high, -low]),
                    bounds=(0, _LARGE),
                    method="highs",
                )
            if found.status == 2:
                return None
            assert found.status == 0, found.message
            ends.append(sign * found.fun)
        return ends[0], ends[1]

    def narrowed(self, *, whole: bool = True, may_have_changed: bool = False) -> list[str]:
        """Every hidden cell that is worked out, narrowed under the minimum, or proven small.

        With `may_have_changed`, cells may be hidden because of an earlier release, and none needs to be small.
        """
        found = []
        for place in self.hidden:
            least, most = np.inf, -np.inf
            for small in [None] if may_have_changed else self.hidden:
                ends = self.bounds(place, small, whole=whole)
                if ends is not None:
                    least, most = min(least, ends[0]), max(most, ends[1])
                if most - least >= self.minimum - 1 - 1e-6 and most >= self.minimum - 1e-6:
                    break  # however it goes on, the cell is not narrowed
            else:
                found.append(f"{place}: {least:g} to {most:g}")
        return found
