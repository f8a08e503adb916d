"""The fewest cells of a two-way table that can be hidden for all of them to be safe: the measure of suppression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

_FURTHEST = 2  # times the spread: in a two-way table the exchanges that matter are cycles, of the spread each
_SOLVED = 0  # SciPy's status of an optimum that is proven
_NEARLY = 1e-6
_SECONDS = 60.0  # for one table; where that is not enough the bound that was proven stands for the optimum


@dataclass(frozen=True)
class Least:
    """What is known of the fewest cells.

    Attributes:
        cells: no pattern hides fewer.
        proven: whether one hides just so many; else `cells` is only a bound.
    """

    cells: int
    proven: bool


def least_hidden(weights: csr_array, people: NDArray[np.int64], minimum: int) -> Least:
    """The fewest cells to hide (Fischetti and Salazar, Management Science 47(7), 2001, model 1).

    A cell is hidden or not (binary). For every cell there are two other tables that may differ from the true one only
    in hidden cells, hold at least 1 there, and lie minimum - 1 apart in the cell if it is hidden, one of them at the
    minimum or more. That something hidden must be small is not asked of them, so that the fewest may be fewer still
    than what the rule allows: a ratio to it errs against us.

    Args:
        weights: int64 (cells, unknowns); the cells, with margins, as sums of inner ones.
        people: int64 (unknowns,).
        minimum: the least count that is shown.
    """
    values = weights @ people
    some = np.flatnonzero(values)
    if not len(some):
        return Least(0, proven=True)
    cells, unknowns = weights.shape
    small = (values > 0) & (values < minimum)
    width = 2 * unknowns * len(some)
    rows = np.concatenate([_two_tables(weights.toarray(), values, at, some, minimum) for at in range(len(some))])
    furthest = float(_FURTHEST * (minimum - 1))
    least = np.concatenate([small.astype(float), np.tile(-np.minimum(people, furthest), 2 * len(some))])
    most = np.concatenate([(values > 0).astype(float), np.full(width, furthest)])
    hidden = np.concatenate([np.ones(cells), np.zeros(width)])
    found = milp(
        hidden,
        constraints=LinearConstraint(csr_array(rows), 0, np.inf),
        bounds=Bounds(least, most),
        integrality=hidden,
        options={"time_limit": _SECONDS},
    )
    if found.status == _SOLVED and found.fun is not None:
        return Least(round(found.fun), proven=True)
    bound = 0.0 if found.mip_dual_bound is None else float(found.mip_dual_bound)
    return Least(max(int(np.ceil(bound - _NEARLY)), int(small.sum())), proven=False)


def _two_tables(
    weights: NDArray[np.int64], values: NDArray[np.int64], at: int, some: NDArray[np.intp], minimum: int
) -> NDArray[np.float64]:
    """The rules of one cell, each at least 0, over what is hidden and the differences of every cell's two tables."""
    cells, unknowns = weights.shape
    cell, spread = int(some[at]), minimum - 1
    start = cells + 2 * unknowns * at
    up, down = (slice(start + unknowns * one, start + unknowns * (one + 1)) for one in (0, 1))
    rows = np.zeros((4 * cells + 2, cells + 2 * unknowns * len(some)))
    for number, table in enumerate((up, down)):
        falls, rises = (slice(cells * (2 * number + side), cells * (2 * number + side + 1)) for side in (0, 1))
        rows[falls, table], rows[rises, table] = weights, -weights
        rows[falls, :cells], rows[rises, :cells] = np.diag(values - 1), _FURTHEST * spread * np.eye(cells)
    apart, top = rows[-2], rows[-1]
    apart[up], apart[down], apart[cell] = weights[cell], -weights[cell], -spread
    top[up], top[cell] = weights[cell], min(int(values[cell]) - minimum, 0)
    return rows
