"""The cheapest exchange of people between unknowns that changes one count and as little as can be of what is shown.

An exchange that changes nothing shown leads to a second co-op that explains everything that is published: a witness.
Where there is none, the cheapest exchange says which published counts to hide: one programme does both (Kelly, Golden
and Assad, Networks 22(4), 1992, do it for two-way tables).
"""

from __future__ import annotations

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
    downward, at a cost. Nobody moving is the best answer to no question, so the dual simplex starts from there.
    """

    def __init__(self, relations: Relations, advance: Advance = unheard) -> None:
        self.relations, self.advance = relations, advance
        self._counts, self._unknowns = relations.weights.shape
        slack = identity(self._counts, dtype=np.int64, format="csr")
        upper = hstack([relations.weights, -relations.weights, -slack, slack])
        nothing = csr_array((relations.identities.shape[0], 2 * self._counts), dtype=np.int64)
        lower = hstack([relations.identities, -relations.identities, nothing])
        self._rows = csr_array(vstack([upper, lower]))

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
        model = self._model(row, by, limits, room)
        moved = self._solved(model, whole=False)
        if moved is None or (np.abs(moved - np.rint(moved)) <= _WHOLE).all():
            return None if moved is None else np.rint(moved)
        if not self.whole:
            return moved
        moved = self._solved(model, whole=True)
        return None if moved is None else np.rint(moved)

    def _solved(self, model: highspy.HighsLp, *, whole: bool) -> Moved | None:
        kinds = highspy.HighsVarType
        people, slack = 2 * self._unknowns, 2 * self._counts
        model.integrality_ = [kinds.kInteger] * people + [kinds.kContinuous] * slack if whole else []
        solver = _Quiet()
        for option, value in _OPTIONS.items():
            solver.setOptionValue(option, value)
        if not whole:
            solver.setOptionValue("presolve", "off")
        solver.passModel(model)
        self.advance(0)
        heeded(solver.run, self.advance)
        if solver.getInfo().primal_solution_status != _FEASIBLE:
            return None
        found = np.array(solver.getSolution().col_value)
        moved: Moved = found[: self._unknowns] - found[self._unknowns : people]
        return moved

    def _model(self, row: csr_array, by: int, limits: Limits, room: Numbers | None) -> highspy.HighsLp:
        far = max(_FAR * abs(by), float(self.relations.values.max(initial=0)))
        falls = np.full(self._counts, -1) if room is None else room
        columns = 2 * self._unknowns + 2 * self._counts
        asked = csr_array(hstack([row, -row, csr_array((1, 2 * self._counts), dtype=np.int64)]))
        low, high = (np.where(np.abs(side) >= FREE, np.copysign(_INFINITY, side), side) for side in limits)
        none = np.zeros(self.relations.identities.shape[0])
        cost = _TO_SHOW * self.relations.cells / abs(by)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = columns, self._rows.shape[0] + 1
        lp.col_cost_ = np.concatenate([np.ones(2 * self._unknowns), cost, cost])
        lp.col_lower_ = np.zeros(columns)
        gains, losses = np.full(self._unknowns, far), self.relations.people.astype(np.float64)
        lp.col_upper_ = np.concatenate([gains, losses, np.where(falls >= 0, far * _FAR, 0.0), np.maximum(falls, 0)])
        lp.row_lower_ = np.concatenate([low, none, [by if by > 0 else -_INFINITY]])
        lp.row_upper_ = np.concatenate([high, none, [_INFINITY if by > 0 else by]])
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.append(self._rows.indptr, self._rows.indptr[-1] + asked.indptr[-1])
        lp.a_matrix_.index_ = np.concatenate([self._rows.indices, asked.indices])
        lp.a_matrix_.value_ = np.concatenate([self._rows.data, asked.data]).astype(np.float64)
        return lp
