"""Estimates of the true numbers of people beside published counts: corrected for wrong and missed links.

Made of published tables and published rates alone, after disclosure control: whatever anybody works out from an
estimate can be worked out without it. A hidden count has no estimate.

The interval of an estimate is that of draws, each of rates as their intervals allow and of the errors that chance makes
at such rates (a Poisson number of people in and out of a set). That some people's records go wrong in company is not
in the model; MODEL_ERROR is by how much the flows of co-ops with known truth differ from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from linkage.linkage_error.link_rates import LinkRates
from linkage.linkage_error.loose import draw_loose
from linkage.linkage_error.published_sets import fill_sets
from linkage.linkage_error.set_errors import People, error_flows, sets_of, undo_errors, wrong_chance
from schemas import Cell, ReleaseTable
from schemas.pathway_text import read_set
from schemas.tables import HIDDEN, Status

ESTIMATES = ("estimate", "estimate_low", "estimate_high")
MODEL_ERROR = 0.3
"""Standard error of the people who come into a set, or go out of it, as a share of what the model says. With the true
rates of 24 co-ops with known truth, 98 % of true cells are in the intervals with it, 93 % without."""
MOST_MEMBERS = 12  # 4,096 sets, 200 draws: half a minute
DRAWS = 200  # an interval's end is known to a tenth of its width
SEED = 20_251_124  # any number: equal tables give equal estimates
ENDS = (0.025, 0.975)
"""Where an interval ends among draws."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """True people by set of members, as far as published numbers tell.

    Attributes:
        members: names; bit m of a set is the m-th.
        estimate: float64 (sets,).
        draws: float64 (DRAWS, sets): how they may be.
    """

    members: Sequence[str]
    estimate: NDArray[np.float64]
    draws: People

    @property
    def at(self) -> dict[str, NDArray[np.bool_]]:
        """Of each member, which sets it is in, bool (sets,)."""
        return dict(zip(self.members, sets_of(len(self.members)).T, strict=True))

    def cells(self, where: NDArray[np.bool_]) -> tuple[Cell, Cell, Cell]:
        """Estimate and interval of the people in these sets, bool (sets,), in whole people."""
        middle = float(self.estimate[where].sum())
        low, high = np.quantile(self.draws[:, where].sum(axis=1), ENDS).tolist()
        whole = round(middle), int(np.floor(max(min(low, middle), 0))), int(np.ceil(max(high, middle)))
        return Cell(whole[0]), Cell(whole[1]), Cell(whole[2])


def adjust(tables: Mapping[str, ReleaseTable], drawn: Drawn) -> dict[str, ReleaseTable]:
    """The tables, with estimates in `set_pathway` and `overlap_pairs`.

    Args:
        tables: that passed disclosure control.
        drawn: what `draw_people` made of them.
    """
    made = dict(tables)
    at = drawn.at
    if "set_pathway" in tables:
        made["set_pathway"] = _with_estimates(
            tables["set_pathway"], drawn, lambda keys: _exactly(read_set(keys[0]), at)
        )
    if "overlap_pairs" in tables:
        made["overlap_pairs"] = _with_estimates(tables["overlap_pairs"], drawn, lambda keys: at[keys[0]] & at[keys[1]])
    return made


def draw_people(
    tables: Mapping[str, ReleaseTable], rates: LinkRates, members: Sequence[str], minimum: int
) -> Drawn | None:
    """True people by set of members, from what is published; None where that cannot be done, or counts have noise.

    (No interval here has what the noise adds.)

    Args:
        tables: that passed disclosure control, of states that are members.
        rates: as published.
        members: those counted.
        minimum: people that a shown count has at least.
    """
    wanted = [tables[name] for name in ("set_pathway", "overlap_pairs") if name in tables]
    noised = any(cells[0].status is Status.NOISED for table in wanted for _, cells in table.rows)
    if not wanted or noised or not 2 <= len(members) <= MOST_MEMBERS:
        return None
    rng = np.random.default_rng(SEED)
    filled = fill_sets(tables, members, minimum)[None]
    common, precise = rng.standard_normal((2, DRAWS + 1))
    common[0] = precise[0] = 0  # the first is the estimate
    loose = draw_loose(rates, members, common, rng)
    right = 1 / (1 + np.exp(-(rates.precision.logit + rates.precision.logit_error * precise)))
    wrong = wrong_chance(filled, right)
    people = undo_errors(filled, loose, wrong)
    flows = error_flows(people, loose, wrong)
    by_chance = np.sqrt(np.maximum(flows.out + flows.into, 0)) * rng.standard_normal(people.shape)
    by_model = [MODEL_ERROR * one * rng.standard_normal(people.shape) for one in (flows.out, flows.into)]
    draws = people + by_chance + by_model[0] + by_model[1]
    return Drawn(members, people[0], draws[1:])


def _with_estimates(
    table: ReleaseTable, drawn: Drawn, where: Callable[[tuple[str, ...]], NDArray[np.bool_]]
) -> ReleaseTable:
    rows = []
    for keys, cells in table.rows:
        hidden = cells[0].status is Status.SUPPRESSED
        rows.append((keys, (*cells, *((HIDDEN,) * len(ESTIMATES) if hidden else drawn.cells(where(keys))))))
    return replace(table, measures=(*table.measures, *ESTIMATES), rows=rows)


def _exactly(names: Sequence[str], at: Mapping[str, NDArray[np.bool_]]) -> NDArray[np.bool_]:
    """Which set is that of these members and no other, bool (sets,)."""
    exactly: NDArray[np.bool_] = np.all([sets if name in names else ~sets for name, sets in at.items()], axis=0)
    return exactly
