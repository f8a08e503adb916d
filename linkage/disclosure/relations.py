"""What a reader can work out: every count of a release is a sum of the same unknown numbers of people.

Kinds of people that no count tells apart are one unknown. A published count is an equation; the least and the most
that a hidden one can be are two linear programmes (the audit of Fischetti and Salazar, Management Science 47(7), 2001).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from linkage.errors import ReleaseRefused
from linkage.heeding import heeded
from linkage.pathways.kinds import CountKey, RawCounts, count_keys, kind_texts, weights_of
from schemas.console import Advance, unheard

Row = NDArray[np.float64]
"""float64 (unknowns,): how often each unknown counts."""

OTHER: CountKey = ("other",)
"""The row of ordered pathways that are not shown by name."""

_ROOM = 10  # unknowns stay under ten times everybody: keeps the programmes bounded and can only make the audit stricter
_DUAL = 1e-7  # HiGHS's dual feasibility tolerance: a smaller multiplier is none
_FITS = 1e-5  # people; HiGHS keeps equations to 1e-7 of numbers of the order of one


@dataclass(frozen=True, eq=False)
class Relations:
    """Every count as a sum over unknowns.

    Attributes:
        keys: the counts that the tables show, then those that no table shows but are guarded where they are small.
        shown: how many of the keys the tables show.
        weights: float64 (keys, unknowns).
        people: float64 (unknowns,); the true numbers, at least 1 each.
        paths: how many different ordered pathways occur, named in a table or not.
    """

    keys: tuple[CountKey, ...]
    shown: int
    weights: NDArray[np.float64]
    people: Row
    paths: int

    @cached_property
    def at(self) -> dict[CountKey, int]:
        """The row number of every key."""
        return {key: number for number, key in enumerate(self.keys)}

    @cached_property
    def counts(self) -> dict[CountKey, int]:
        """The true value of every key."""
        return dict(zip(self.keys, np.rint(self.weights @ self.people).astype(int).tolist(), strict=True))


def relate(raw: RawCounts, tables: Collection[str], minimum: int, *, state_is_member: bool) -> Relations:
    """The relations between the counts of these tables; ordered pathways under the minimum have no key of their own.

    Guarded without being shown: every exact set of states, and of members where the tables count members.
    """
    shown = count_keys(raw, tables, state_is_member=state_is_member)
    values = weights_of(raw, shown) @ raw.people
    paths = sum(key[0] == "path" for key in shown)
    shown = [key for key, value in zip(shown, values, strict=True) if key[0] != "path" or value >= minimum]
    guarded = [("set", text) for text in sorted(set(kind_texts(raw, "set")))]
    if "unduplicated" in tables and not state_is_member:
        guarded += [("members", text) for text in sorted(set(kind_texts(raw, "members")))]
    keys = [*shown, *(key for key in guarded if key not in shown)]
    columns, inverse = np.unique(weights_of(raw, keys), axis=1, return_inverse=True)
    people = np.bincount(inverse, weights=raw.people.astype(np.float64), minlength=columns.shape[1])
    return Relations(tuple(keys), len(shown), columns.astype(np.float64), people.astype(np.float64), paths)


@dataclass(eq=False)
class Reader:
    """A reader of a draft release, who knows which kinds of people occur, and what is published.

    Hiding a count never lets the reader know more, so a co-op that explains what is published still does so later:
    each one found is kept as a witness.

    Attributes:
        relations: what the reader knows of the counts' make-up.
        published: the counts that the draft shows. A pathway that is not among them is part of OTHER.
        witnesses: float64 (unknowns,) each; co-ops that explain what is published, the true one first.
        advance: told 0 before and while a linear programme is solved.
    """

    relations: Relations
    published: set[CountKey]
    witnesses: list[Row] = field(default_factory=list)
    advance: Advance = unheard

    def __post_init__(self) -> None:
        self.witnesses = [self.relations.people, *self.witnesses]

    def row(self, key: CountKey) -> Row:
        """What a count is made of."""
        if key != OTHER:
            named: Row = self.relations.weights[self.relations.at[key]]
            return named
        paths = [number for key, number in self.relations.at.items() if key[0] == "path" and key in self.published]
        row: Row = 1 - self.relations.weights[paths].sum(axis=0)
        return row

    def rows(self, keys: Sequence[CountKey]) -> NDArray[np.float64]:
        """What some counts are made of, float64 (keys, unknowns); OTHER may only be the last."""
        numbers = [self.relations.at[key] for key in keys if key != OTHER]
        rows: NDArray[np.float64] = self.relations.weights[numbers]
        return np.vstack([rows, self.row(OTHER)]) if OTHER in keys[-1:] else rows

    @property
    def unnamed(self) -> int:
        """How many pathways OTHER holds."""
        return self.relations.paths - sum(key[0] == "path" for key in self.published)

    def width(self, row: Row) -> float:
        """The distance between the least and the most among the witnesses: at most what the reader has to allow for."""
        values = np.array(self.witnesses) @ row
        return float(values.max() - values.min())

    def search(self, row: Row, enough: float) -> list[CountKey]:
        """Look for witnesses `enough` apart; where there are none, the published counts that stand in the way."""
        blame: set[CountKey] = set()
        for sign in (-1.0, 1.0):
            if self.width(row) < enough:
                blame |= self._extreme(sign * row)
        return sorted(blame, key=self._size) if self.width(row) < enough else []

    def hide_if_it_helps(self, key: CountKey, row: Row, enough: float) -> bool:
        """Hide a published count if that alone makes room for witnesses of `row` that are `enough` apart."""
        before = list(self.witnesses)
        self.published.discard(key)
        if not self.search(row, enough):
            return True
        self.published.add(key)
        self.witnesses = before  # the later ones explain less than what is published
        return False

    def explains(self, witness: Row) -> bool:
        """Whether the reader has to allow for this co-op."""
        equations, values = self._equations()
        other = self.row(OTHER) @ witness >= self.unnamed - _FITS if self.relations.paths else True
        return bool(other and (witness >= 1 - _FITS).all() and np.allclose(equations @ witness, values, atol=_FITS))

    def _keys(self) -> list[CountKey]:
        return [key for key in (*self.relations.keys, OTHER) if key in self.published]

    def _size(self, key: CountKey) -> tuple[float, int]:
        return float(self.row(key) @ self.relations.people), self.relations.at.get(key, len(self.relations.keys))

    def _equations(self) -> tuple[NDArray[np.float64], Row]:
        keys = self._keys()
        equations = self.rows(keys)
        return equations, equations @ self.relations.people

    def _extreme(self, row: Row) -> set[CountKey]:
        """Keep the co-op with the least of `row` as a witness; the counts that hold it there."""
        self.advance(0)
        equations, values = self._equations()
        others = self.row(OTHER)[None, :] if self.relations.paths else np.empty((0, len(row)))
        programme = partial(
            linprog,
            row,
            A_ub=-others,
            b_ub=np.full(len(others), -float(self.unnamed)),
            A_eq=equations,
            b_eq=values,
            bounds=(1.0, _ROOM * (float(self.relations.people.sum()) + 1)),
            method="highs",
        )
        found = heeded(programme, self.advance)
        if found.status != 0:
            raise ReleaseRefused("the disclosure check could not be solved", fix="release fewer tables")
        self.witnesses.append(np.asarray(found.x, np.float64))
        return {key for key, dual in zip(self._keys(), found.eqlin.marginals, strict=True) if abs(dual) > _DUAL}
