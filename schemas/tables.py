"""The released tables: their names, the level of data each needs, and the one shape they all have.

A `ReleaseTable` is what may be published; only `linkage/disclosure/` makes one, out of raw counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from schemas.periods import Level

TABLE_LEVELS: Mapping[str, Level] = {
    "unduplicated": Level.MEMBERSHIP,
    "set_pathway": Level.MEMBERSHIP,
    "overlap_pairs": Level.MEMBERSHIP,
    "grouped_pathway": Level.MEMBERSHIP,  # period where a group names an order
    "ordered_pathway": Level.PERIOD,
    "sequence_pathway": Level.PERIOD,
    "contains_path": Level.PERIOD,  # day where a pathway has a limit in days
    "transition_matrix": Level.PERIOD,
    "transition_within": Level.DAY,
    "first_touch": Level.PERIOD,
    "last_touch": Level.PERIOD,
    "dwell": Level.DAY,
    "lag": Level.DAY,
    "flow_by_period": Level.PERIOD,
    "coverage_estimate": Level.MEMBERSHIP,
    "link_quality": Level.MEMBERSHIP,
}
"""Every table there is, in the order of a release, and the least data level that it can be counted from."""

MADE_OF: Mapping[str, str] = {"coverage_estimate": "overlap_pairs"}
"""Tables that are not counted but made of another released one, and of which: a release has both."""


def sources_missing(tables: Collection[str]) -> list[tuple[str, str]]:
    """The tables among these that are made of another one that is not among them, and of which."""
    return [(name, source) for name, source in MADE_OF.items() if name in tables and source not in tables]


class Status(StrEnum):
    """What a cell's value is.

    Primary (the count itself is small) and secondary suppression (it would give a small one away) look the same to a
    reader, so that the difference tells nothing.
    """

    OK = "ok"
    ROUNDED = "rounded"
    NOISED = "noised"
    SUPPRESSED = "suppressed"
    NOT_APPLICABLE = "not_applicable"
    NOT_APPROVED = "not_approved"


WITH_VALUE = frozenset({Status.OK, Status.ROUNDED, Status.NOISED})
"""The statuses of cells that have a value."""

SHOWN_TO_PEOPLE: Mapping[Status, str] = {
    Status.SUPPRESSED: "[c]",
    Status.NOT_APPLICABLE: "[z]",
    Status.NOT_APPROVED: "[x]",
}
"""How a cell without a value is written for people: never `*`, blank or 0."""


@dataclass(frozen=True)
class Cell:
    """One published number, or why there is none.

    Attributes:
        value: the number; None where the status says that there is none.
        status: what the value is, or why there is none.
        low, high: of a count: what it is at least and at most when clustering is cut a little higher and a little
            lower, rounded outward. Not a confidence interval. None where there is no value or that was not tried.
    """

    value: int | float | None
    status: Status = Status.OK
    low: int | None = None
    high: int | None = None

    def __post_init__(self) -> None:
        if (self.value is None) == (self.status in WITH_VALUE):
            raise ValueError("a cell has a value exactly when its status says so")
        if self.value is None and (self.low, self.high) != (None, None):
            raise ValueError("a cell without a value has no bounds either")


HIDDEN = Cell(None, Status.SUPPRESSED)
"""A suppressed cell."""


@dataclass(frozen=True)
class ReleaseTable:
    """A table that has passed disclosure control.

    Attributes:
        name: one of TABLE_LEVELS.
        title: one line for people.
        keys: names of the columns that say what a row is about.
        measures: names of the columns with numbers.
        rows: one per line, in published order: the keys (text), then a Cell for each measure.
        counts: the measures that are counts, whose cells have a low and a high.
    """

    name: str
    title: str
    keys: Sequence[str]
    measures: Sequence[str]
    rows: Sequence[tuple[tuple[str, ...], tuple[Cell, ...]]]
    counts: frozenset[str] = frozenset()
