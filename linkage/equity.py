"""Equity of linkage: how often the records of each kind of client are found elsewhere, from randomised answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from linkage.candidates.recall import wilson
from linkage.disclosure.policies import CMS11, POLICIES
from linkage.disclosure.protect import protect
from linkage.elsewhere import TURNED
from linkage.errors import BadInput
from linkage.pathways.raw_counts import CountKey, Entry, RawCounts, RawTable
from schemas import Agreement, Cell
from schemas.tables import HIDDEN

TABLE = "equity"
ALL = "all"
MOST_VALUES = 50
"""No attribute that tells groups of people apart has more different values: with more it is a name or an id."""
_ANYBODY = "anybody"


@dataclass(frozen=True)
class Rate:
    """How many of some records are found elsewhere.

    Attributes:
        value: the attribute's value; `all` for all records.
        records: how many have it; hidden where that, or another one by it, would be small.
        rate: estimated share found elsewhere, 0 to 1; None with the records.
        low, high: its 95 % interval; None with the records.
    """

    value: str
    records: Cell
    rate: float | None = None
    low: float | None = None
    high: float | None = None


def rate_by(values: Sequence[str], answers: NDArray[np.bool_]) -> list[Rate]:
    """The rate of each value, by value, and of all: every one, as only the member itself may see it.

    Args:
        values: n values of the attribute.
        answers: bool (n,): randomised answers.

    Raises:
        BadInput: other numbers of values and answers, no records, or more values than an attribute has.
    """
    names, which = np.unique(np.array(values, dtype=np.str_), return_inverse=True)
    if len(values) != len(answers) or not len(values):
        raise BadInput("needs an answer for each record, and records")
    if len(names) > MOST_VALUES:
        raise BadInput(
            f"the attribute has {len(names):,} different values; at most {MOST_VALUES} can be told apart",
            where="--by",
            fix="name a column that groups clients, or write fewer, coarser values",
        )
    size = np.bincount(which, minlength=len(names))
    found = np.bincount(which, weights=answers, minlength=len(names)).astype(np.int64)
    rates = [_rate(str(name), int(n), int(yes)) for name, n, yes in zip(names, size, found, strict=True)]
    return [*rates, _rate(ALL, len(answers), int(answers.sum()))]


def _rate(value: str, records: int, yes: float) -> Rate:
    low, high = wilson(yes, records)
    return Rate(value, Cell(records), *(turned_back(share) for share in (yes / records, low, high)))


def turned_back(share: float) -> float:
    """The true share behind a share of randomised answers, within 0 and 1 (Warner 1965)."""
    return min(max((share - TURNED) / (1 - 2 * TURNED), 0.0), 1.0)


def shareable(rates: Sequence[Rate], agreement: Agreement, rounding_key: bytes) -> list[Rate]:
    """The rates that may leave the member: those of values whose records pass the agreement's disclosure control.

    Rates need none of their own: they are made of answers each of which was randomised.

    Args:
        rates: as `rate_by` gives them.
        agreement: says policy and minimum cell; one that adds noise hides here, as cms11.
        rounding_key: what a policy that rounds draws from, 16 bytes or more; the same for the same answers.

    Raises:
        ReleaseRefused: there are too few records to show anything safely.
    """
    names = [one.value for one in rates[:-1]]
    keys: list[CountKey] = [*(("value", name) for name in names), (ALL,)]
    weights = np.vstack([np.eye(len(names), dtype=np.int32), np.ones((1, len(names)), np.int32)])
    people = np.array([int(one.records.value or 0) for one in rates[:-1]], np.int64)
    rank = [*np.argsort(np.argsort(people)).tolist(), len(names)]
    rows = [((str(number),), _as_often(key, rank[number], len(keys))) for number, key in enumerate(keys)]
    measures = tuple(f"records {at}" for at in range(len(keys)))
    table = RawTable(TABLE, "Records by an attribute", ("value",), measures, rows, listed_if_any=True)
    # how many records a member has others may know from elsewhere, such as a release's `unduplicated`
    known = {_ANYBODY: frozenset({keys[-1]})}
    raw = RawCounts(keys, csr_array(weights), people, tables={TABLE: table}, known=known)
    # noise is for a co-op's tables, and its epsilon is shared out among them: here small counts are hidden instead
    policy = agreement.policy if agreement.policy in POLICIES else CMS11.name
    released = protect(raw, replace(agreement, tables=(TABLE,), policy=policy), rounding_key=rounding_key)
    cells = [cells[0] for _, cells in released.tables[TABLE].rows]
    return [
        Rate(one.value, HIDDEN) if cell.value is None else replace(one, records=cell)
        for one, cell in zip(rates, cells, strict=True)
    ]


def _as_often(key: CountKey, rank: int, width: int) -> tuple[Entry, ...]:
    """A row with the same count in one cell more for each that is smaller: what is in more cells is hidden later."""
    return (key,) * (rank + 1) + (None,) * (width - rank - 1)


@dataclass(frozen=True)
class Pooled:
    """The rate of one value at several members together.

    Attributes:
        rate: as though their records were one list.
        members: how many of them show this value; the others hide it, or have no such client.
    """

    rate: Rate
    members: int


def pool(members: Sequence[Sequence[Rate]]) -> list[Pooled]:
    """The rates that several members share, together, by value, and of all: what a member hides is not in them.

    Values are one where they differ in capitals only. A share of answers is taken back from each rate (records of a
    member at which fewer answers than TURNED said yes count as TURNED), so that the interval is Wilson's of all.

    Args:
        members: of each member the rates that it shares; hidden ones are passed over.
    """
    shown = [one for rates in members for one in rates if one.rate is not None and one.records.value]
    values = {one.value.casefold(): one.value for one in reversed(shown)}  # spelled as by the first
    return [
        _pooled(values[folded], [one for one in shown if one.value.casefold() == folded])
        for folded in sorted(values, key=lambda folded: (folded == ALL, folded))
    ]


def _pooled(value: str, rates: Sequence[Rate]) -> Pooled:
    records = [float(one.records.value or 0) for one in rates]
    yes = sum(many * (TURNED + (1 - 2 * TURNED) * (one.rate or 0.0)) for many, one in zip(records, rates, strict=True))
    return Pooled(_rate(value, round(sum(records)), yes), len(rates))
