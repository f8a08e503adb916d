"""Fit expected counts to counts: penalised maximum likelihood of Poisson counts, by Fisher's scoring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

ROUNDS = 60  # far more than it takes: a dozen from afar, five from near
HALVINGS = 12  # of a step that makes things worse
LONGEST_STEP = 2.0  # in one parameter at once; they are logarithms
ENOUGH = 1e-6  # log likelihood gained in a round; a hundredth of that moves no digit that is shown
_DAMPING, _EASED, _LEAST_DAMPING = 1e-3, 0.3, 1e-4  # Marquardt's, 1963: more after a failed step, less after a good one


@dataclass(frozen=True, eq=False)
class Expected:
    """Expected counts, float64 (counts,), and how they change with each parameter.

    The latter is worked out when asked for only: of three points that are looked at, one is gone on from.
    """

    counts: Vector
    slope: Callable[[], Matrix]

    @cached_property
    def by_parameter(self) -> Matrix:
        """How the counts change with each parameter, float64 (counts, parameters)."""
        return self.slope()


class Penalty(NamedTuple):
    """What is added to minus the log likelihood: its value, gradient and (diagonal) curvature, (parameters,) each."""

    value: float
    gradient: Vector
    curvature: Vector


def fit_poisson(
    expect: Callable[[Vector], Expected],
    observed: Vector,
    start: Vector,
    penalise: Callable[[Vector], Penalty],
    within: tuple[Vector, Vector],
) -> Vector:
    """The parameters that make the counts most likely.

    Fisher's scoring (McCullagh and Nelder 1989, 2.5) with Marquardt's damping; it never takes a step that makes the
    penalised likelihood worse, so it ends where it started if nothing is better.

    Args:
        expect: the model; expected counts are over 0.
        observed: float64 (counts,).
        start: float64 (parameters,).
        penalise: what pulls parameters that the counts do not tell to somewhere.
        within: lowest and highest value of each parameter.
    """
    at, damping = start, _DAMPING
    expected, penalty = expect(at), penalise(at)
    best = _surprise(expected.counts, observed, penalty)
    for _ in range(ROUNDS):
        step_from = _steps(expected, observed, penalty)
        for _ in range(HALVINGS):
            tried = np.clip(at - step_from(damping), *within)
            expected, penalty = expect(tried), penalise(tried)
            surprise = _surprise(expected.counts, observed, penalty)
            if surprise <= best:
                break
            damping = max(damping, _LEAST_DAMPING) * 4
        else:
            return at
        gained, at, best, damping = best - surprise, tried, surprise, damping * _EASED
        if gained < ENOUGH:
            return at
    return at


def _surprise(expected: Vector, observed: Vector, penalty: Penalty) -> float:
    return float((expected - observed * np.log(expected)).sum()) + penalty.value


def information(expected: Expected, penalty: Penalty) -> Matrix:
    """Fisher's information of the parameters, the penalty's curvature included: (parameters, parameters)."""
    by = expected.by_parameter
    return by.T @ (by / expected.counts[:, None]) + np.diag(penalty.curvature)


def _steps(expected: Expected, observed: Vector, penalty: Penalty) -> Callable[[float], Vector]:
    gradient = expected.by_parameter.T @ (1 - observed / expected.counts) + penalty.gradient
    curved = information(expected, penalty)
    ground = np.diag(curved).copy() + np.finfo(float).eps

    def step(damping: float) -> Vector:
        taken = np.linalg.solve(curved + np.diag(damping * ground), gradient)
        return cast(Vector, np.clip(taken, -LONGEST_STEP, LONGEST_STEP))

    return step
