"""The cheapest exchange of people between unknowns that changes one count and as little as can be of what is shown.

An exchange that changes nothing shown leads to a second co-op that explains everything that is published: a witness.
Where there is none, the cheapest exchange says which published counts to hide: one programme does both (Kelly, Golden
and Assad, Networks 22(4), 1992, do it for two-way tables).
"""

from __future__ import annotations

from functools import cached_property

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack, identity, vstack

from linkage.disclosure.pattern import FREE, Limits
from linkage.disclosure.relations import Numbers, Relations
from linkage.heeding import heeded
from schemas.console import Advance, unheard

Moved = NDArray[np.float64]
"""float64 (unknowns,): what is added to each unknown; whole numbers where whole people are moved."""

WHOLE_UP_TO = 300
"""With more unknowns than these, fractions of people are allowed where a linear programme ends in them."""

_TO_SHOW = 1000.0
"""What changing a shown cell by the whole change costs, in moved people: more than people are ever moved for one."""

_FAR = 40.0
"""No unknown gains more than this many times what the count is to change by, or than the largest count: a bound."""

_NODES, _GAP = 400, 0.02  # how hard an integer programme is worked on: no clock, so that equal inputs end equally
_WHOLE = 1e-6  # HiGHS's tolerance of whole numbers
_OPTIONS = {"output_flag": False, "threads": 1, "random_seed": 0, "mip_max_nodes": _NODES, "mip_rel_gap": _GAP}
_FEASIBLE = 2  # HiGHS's SolutionStatus: a solution that fits
_INFINITY = highspy.kHighsInf


class _Quiet(highspy.Highs):
    """HiGHS without its greeting on standard output, which comes with the callbacks; none is used here."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # HiGHS's own

    def enableCallbacks(self) -> None:  # noqa: N802 - HiGHS's name
        """Nothing is called back."""


class Exchange:
    """Programmes over one set of relations; they differ in what is shown, and in the count to change.

    Each unknown gains p and loses q people; each count that may be hidden is let off its limits by u upward and d
    downward, at a cost. There are two programmes, one without u and d for when nothing more is hidden; HiGHS is given
    each of them once, and then only what differs. Nobody moving is the best answer to no question, so the dual simplex
    starts from there every time.
    """

    def __init__(self, relations: Relations, advance: Advance = unheard) -> None:
        self.relations, self.advance = relations, advance
        self._unknowns = len(relations.people)
        self._cells = np.flatnonzero(relations.cells)  # what can be hidden

    @property
    def whole(self) -> bool:
        """Whether only whole people are moved."""
        return self._unknowns <= WHOLE_UP_TO

    def change(self, row: csr_array, by: int, limits: Limits, room: Numbers | None = None) -> Moved | None:
        """Move people so that a count changes by at least `by`.

        Args:
            row: int64 (1, unknowns); what the count is made of.
            by: more people where it is over 0, fewer where it is under.
            limits: by how much each count may change at least and at most.
            room: int64 (counts,); how far each count may fall if it is hidden, -1 where it stays shown. None: all stay.

        Returns:
            What to add to each unknown; None where nothing was found.
        """
        programme = self._fixed if room is None else self._hiding
        programme.ask(row, by, self._rows_between(limits), *self._columns(by, room))
        moved = self._solved(programme, whole=False)
        if moved is None or (np.abs(moved - np.rint(moved)) <= _WHOLE).all():
            return None if moved is None else np.rint(moved)
        if not self.whole:
            return moved
        moved = self._solved(programme, whole=True)
        return None if moved is None else np.rint(moved)

    @cached_property
    def _fixed(self) -> _Programme:
        """Nothing more is hidden."""
        weights, identities = self.relations.weights, self.relations.identities
        return _Programme(csr_array(vstack([hstack([weights, -weights]), hstack([identities, -identities])])))

    @cached_property
    def _hiding(self) -> _Programme:
        """Counts may be hidden."""
        weights, identities = self.relations.weights, self.relations.identities
        slack = csr_array(identity(len(self.relations.keys), dtype=np.int64, format="csr")[:, self._cells])
        nothing = csr_array((identities.shape[0], 2 * len(self._cells)), dtype=np.int64)
        upper, lower = [weights, -weights, -slack, slack], [identities, -identities, nothing]
        return _Programme(csr_array(vstack([hstack(upper), hstack(lower)])))

    def _rows_between(self, limits: Limits) -> _Between:
        """Least and most of every row: counts, then identities."""
        none = np.zeros(self.relations.identities.shape[0])
        low, high = (np.where(np.abs(side) >= FREE, np.copysign(_INFINITY, side), side) for side in limits)
        return np.concatenate([low, none]), np.concatenate([high, none])

    def _columns(self, by: int, room: Numbers | None) -> tuple[_Between, Moved]:
        """Least and most of every column, and its cost."""
        far = max(_FAR * abs(by), float(self.relations.values.max(initial=0)))
        high = [np.full(self._unknowns, far), self.relations.people.astype(np.float64)]
        cost = [np.ones(2 * self._unknowns)]
        if room is not None:
            falls = room[self._cells]
            high += [np.where(falls >= 0, far * _FAR, 0.0), np.maximum(falls, 0)]
            cost += 2 * [_TO_SHOW * self.relations.cells[self._cells] / abs(by)]
        most = np.concatenate(high)
        return (np.zeros(len(most)), most), np.concatenate(cost)

    def _solved(self, programme: _Programme, *, whole: bool) -> Moved | None:
        self.advance(0)
        found = heeded(lambda: programme.solve(2 * self._unknowns if whole else 0), self.advance)
        return None if found is None else found[: self._unknowns] - found[self._unknowns : 2 * self._unknowns]


_Between = tuple[Moved, Moved]
"""Least and most, float64 each."""


class _Programme:
    """A programme that HiGHS keeps from question to question: its rows, and a last one that is asked."""

    def __init__(self, rows: csr_array) -> None:
        self._size, self._width = rows.shape
        self._asked = False
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self._width, self._size
        lp.col_cost_ = lp.col_lower_ = lp.col_upper_ = np.zeros(self._width)
        lp.row_lower_ = lp.row_upper_ = np.zeros(self._size)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = rows.indptr, rows.indices
        lp.a_matrix_.value_ = rows.data.astype(np.float64)
        self._solver = _Quiet()
        for option, value in _OPTIONS.items():
            self._solver.setOptionValue(option, value)
        self._solver.passModel(lp)

    def ask(self, row: csr_array, by: int, between: _Between, columns: _Between, cost: Moved) -> None:
        """What is to change, by how much; least and most of every row; those of every column, and its cost."""
        solver, every = self._solver, np.arange(max(self._size, self._width), dtype=np.int32)
        if self._asked:
            solver.deleteRows(1, np.array([self._size], np.int32))
        solver.changeRowsBounds(self._size, every[: self._size], *between)  # type: ignore[attr-defined]  # HiGHS's stubs lack it
        solver.changeColsBounds(self._width, every[: self._width], *columns)
        solver.changeColsCost(self._width, every[: self._width], cost)
        one = csr_array(hstack([row, -row]))
        least, most = (float(by), _INFINITY) if by > 0 else (-_INFINITY, float(by))
        solver.addRow(least, most, one.nnz, one.indices.astype(np.int32), one.data.astype(np.float64))
        self._asked = True

    def solve(self, whole: int) -> Moved | None:
        """The columns of the best answer, the first so many of them whole numbers; None where none was found."""
        solver = self._solver
        kinds = np.full(whole, highspy.HighsVarType.kInteger.value, np.uint8)
        solver.changeColsIntegrality(whole, np.arange(whole, dtype=np.int32), kinds)
        solver.setOptionValue("presolve", "choose" if whole else "off")
        solver.clearSolver()
        solver.run()
        found = None
        if solver.getInfo().primal_solution_status == _FEASIBLE:
            found = np.array(solver.getSolution().col_value)
        solver.changeColsIntegrality(whole, np.arange(whole, dtype=np.int32), np.zeros(whole, np.uint8))
        return found
