"""How many people there are in all, seen or not (`coverage_estimate`): two members' lists as two captures of them.

With n_a people on one list, n_b on the other and m on both, Chapman's estimate (1951) is

    N = (n_a + 1) (n_b + 1) / (m + 1) - 1        var N = (n_a + 1) (n_b + 1) (n_a - m) (n_b - m) / ((m + 1)^2 (m + 2))

with Seber's variance (1970). Missed links make m too small and N too large, wrong links the other way round (Ding and
Fienberg 1994; Di Consiglio and Tuoto 2015), so it is computed of the true n_a, n_b and m as `adjust.draw_people` has
them: of published numbers alone. The interval is of both uncertainties: for each draw of how many people there may be
in each set, N is spread by its own variance, log-normally in those whom no list has (Chao 1987), so that it is never
below the people seen.

Not promised: that the population was closed, that the lists are independent, or that everybody is as likely as anybody
to be on a list. Nothing here can tell, and the interval has nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from linkage.linkage_error.adjust import ENDS, ESTIMATES, Drawn
from schemas import Cell, ReleaseTable, Status
from schemas.table_columns import TABLE_COLUMNS
from schemas.tables import HIDDEN

Numbers = NDArray[np.float64]
"""(draws,)."""

COVERAGE = "coverage_estimate"
LEAST_ON_BOTH = 7
"""People on both lists under whom nothing is estimated: it would be too low (Robson and Regier 1964)."""
_SOURCES = ("people", "people_a", "people_b")  # of overlap_pairs
_STEPS = 101  # of the normal distribution that a draw is spread over; the third lies at 2.5 %
_NORMAL = np.array([NormalDist().inv_cdf((step + 0.5) / _STEPS) for step in range(_STEPS)])
_UNKNOWN = Cell(None, Status.NOT_APPLICABLE)


@dataclass(frozen=True, eq=False)
class Captures:
    """People by the lists they are on: the one alone, the other alone, both; float64 (draws,) each, none below 0."""

    only_a: Numbers
    only_b: Numbers
    both: Numbers

    @property
    def seen(self) -> Numbers:
        """People on a list."""
        return self.only_a + self.only_b + self.both

    def unseen(self) -> Numbers:
        """Chapman's estimate of the people on none: N less `seen`."""
        return self.only_a * self.only_b / (self.both + 1)

    def variance(self) -> Numbers:
        """Seber's, of both `unseen` and N, `seen` being given."""
        lists = (self.only_a + self.both + 1) * (self.only_b + self.both + 1)
        return lists * self.only_a * self.only_b / ((self.both + 1) ** 2 * (self.both + 2))

    def spread(self) -> NDArray[np.float64]:
        """(draws, _STEPS): how many people there may be in all, each number as likely as any."""
        unseen = self.unseen()
        relative = np.divide(self.variance(), unseen**2, out=np.zeros_like(unseen), where=unseen > 0)
        scale = np.sqrt(np.log1p(relative))
        in_all: NDArray[np.float64] = self.seen[:, None] + unseen[:, None] * np.exp(scale[:, None] * _NORMAL)
        return in_all


def estimate_coverage(pairs: ReleaseTable, drawn: Drawn | None) -> ReleaseTable:
    """`coverage_estimate`, a row for each of `overlap_pairs`.

    Hidden where a number is hidden that it is made of; not applicable where nobody knows how good links are, or fewer
    than LEAST_ON_BOTH people are held to be on both lists.

    Args:
        pairs: `overlap_pairs`, released.
        drawn: what `draw_people` made of the release; None where it made nothing.
    """
    places = [list(pairs.measures).index(name) for name in _SOURCES]
    rows = []
    for keys, cells in pairs.rows:
        hidden = any(cells[place].status is Status.SUPPRESSED for place in places)
        rows.append((keys, (HIDDEN,) * len(ESTIMATES) if hidden else _estimated(keys, drawn)))
    return ReleaseTable(COVERAGE, TABLE_COLUMNS[COVERAGE].title, pairs.keys, ESTIMATES, rows)


def _estimated(keys: tuple[str, ...], drawn: Drawn | None) -> tuple[Cell, ...]:
    if drawn is None:
        return (_UNKNOWN,) * len(ESTIMATES)
    middle = _captures(drawn.estimate[None], keys, drawn)
    if middle.both[0] < LEAST_ON_BOTH:
        return (_UNKNOWN,) * len(ESTIMATES)
    in_all = float(middle.seen[0] + middle.unseen()[0])
    low, high = np.quantile(_captures(drawn.draws, keys, drawn).spread(), ENDS).tolist()
    return Cell(round(in_all)), Cell(int(np.floor(min(low, in_all)))), Cell(int(np.ceil(max(high, in_all))))


def _captures(people: NDArray[np.float64], keys: tuple[str, ...], drawn: Drawn) -> Captures:
    """Of people by set, (draws, sets)."""
    a, b = (drawn.at[name] for name in keys)
    only_a, only_b, both = (np.maximum(people[:, where].sum(axis=1), 0) for where in (a & ~b, b & ~a, a & b))
    return Captures(only_a, only_b, both)
