"""How many people were at exactly each set of members, as far as released tables tell; the rest by a rule.

Nothing but released tables is read. What they hide is filled so that it agrees with what they show: every hidden set
begins with the same number of people, and is then raised or lowered with the others until all published sums are met
(iterative proportional fitting, Deming and Stephan 1940). So whatever is made of it tells a reader nothing new.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.linkage_error.set_errors import sets_of
from schemas import ReleaseTable
from schemas.pathway_text import read_set

_SWEEPS = 50  # over all sums; most of the change is in the first five
_TINY = 1e-9


@dataclass(frozen=True, eq=False)
class _Sum:
    """A published number of people: of all those in the sets `where`, bool (sets,)."""

    where: NDArray[np.bool_]
    people: float


def fill_sets(tables: Mapping[str, ReleaseTable], members: Sequence[str], minimum: int) -> NDArray[np.float64]:
    """People by set of members, float64 (2 ** members,), bit m for the m-th member.

    Args:
        tables: released; of them `set_pathway`, `overlap_pairs` and `unduplicated` are read.
        members: whose sets.
        minimum: people that a shown count has at least; a hidden one begins with half as many.
    """
    bit = {name: 1 << number for number, name in enumerate(members)}
    filled = np.full(1 << len(members), minimum / 2)
    hidden = np.ones(len(filled), np.bool_)
    hidden[0] = False
    filled[0] = 0
    if "set_pathway" in tables:
        shown = {
            sum(bit[one] for one in read_set(keys[0])): cells[0].value for keys, cells in tables["set_pathway"].rows
        }
        hidden = np.array([shown.get(number, 0) is None for number in range(len(filled))])
        filled = np.where(hidden, filled, [float(shown.get(number) or 0) for number in range(len(filled))])
    sums = list(_sums(tables, bit, sets_of(len(members))))
    for _ in range(_SWEEPS if hidden.any() else 0):
        for one in sums:
            free = one.where & hidden
            rest = max(one.people - float(filled[one.where & ~hidden].sum()), 0.0)
            filled[free] *= rest / max(float(filled[free].sum()), _TINY)
    return filled


def _sums(tables: Mapping[str, ReleaseTable], bit: Mapping[str, int], sets: NDArray[np.bool_]) -> Iterator[_Sum]:
    """The largest sums first, so that the finer ones have the last word."""
    at: dict[str, NDArray[np.bool_]] = {name: sets[:, number] for number, name in enumerate(bit)}
    everybody = np.arange(len(sets)) > 0
    if "unduplicated" in tables:
        for (name,), people in reversed(_shown(tables["unduplicated"], "people")):
            yield _Sum(at.get(name, everybody), people)
    if "overlap_pairs" in tables:
        pairs = tables["overlap_pairs"]
        for side, measure in enumerate(("people_a", "people_b")):
            for names, people in _shown(pairs, measure):
                yield _Sum(at[names[side]], people)
        for (a, b), people in _shown(pairs, "people"):
            yield _Sum(at[a] & at[b], people)


def _shown(table: ReleaseTable, measure: str) -> list[tuple[tuple[str, ...], float]]:
    place = list(table.measures).index(measure)
    return [(keys, float(value)) for keys, cells in table.rows if (value := cells[place].value) is not None]
