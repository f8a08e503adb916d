"""What is counted: the agreement's tables with their numbers, in units of time. Says every definition's parameters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from schemas import Agreement, State, Unit
from schemas.pathways_asked import FOLLOW_UP_DAYS, Group, PathAsked
from schemas.periods import time_index

RETURN_AFTER_DAYS = 14  # HUD's LSA: somebody has left who is not back within 14 days
TOUCHING = 1  # joined are periods that overlap or follow on each other

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Plan:
    """What to count.

    Attributes:
        tables: the tables' names.
        unit: what times are counted in; `none` where there are none.
        state_is_member: whether states are members.
        pool_under: pathways of fewer people have no row of their own; 1: all have.
        first, last: the first and the last period or day of the window; None: without end.
        as_of: the last period or day of which anything is known; None: until the window's end.
        gap: spells are joined that have fewer empty days (periods) between them.
        return_after: days after which coming back to a state is a return.
        follow_up: days for which `transition_within` follows people.
        paths: what `contains_path` asks for.
        groups: what `grouped_pathway` counts; a preset's where it names one.
        preset: "" or "hud-lsa".
    """

    tables: tuple[str, ...]
    unit: Unit = Unit.MONTH
    state_is_member: bool = True
    pool_under: int = 1
    first: int | None = None
    last: int | None = None
    as_of: int | None = None
    gap: int = TOUCHING
    return_after: int = RETURN_AFTER_DAYS
    follow_up: int = FOLLOW_UP_DAYS
    paths: tuple[PathAsked, ...] = ()
    groups: tuple[Group, ...] = ()
    preset: str = ""

    @property
    def known_until(self) -> int | None:
        """The last period or day in which a state's beginning would be known; None where nothing says so."""
        return min((day for day in (self.last, self.as_of) if day is not None), default=None)


def plan_of(agreement: Agreement) -> Plan:
    """What an agreement has counted."""
    unit = agreement.unit

    def index(name: str, back: timedelta = timedelta(0)) -> int | None:
        day = getattr(agreement, name)
        return None if day is None or unit is Unit.NONE else time_index(day - back, unit)

    return Plan(
        tables=agreement.tables,
        unit=unit,
        state_is_member=agreement.state is State.MEMBER,
        pool_under=agreement.minimum_cell,
        first=index("window_start"),
        last=index("window_end", _DAY),
        as_of=index("as_of"),
        gap=agreement.gap_days if unit is Unit.DAY else TOUCHING,
        follow_up=agreement.follow_up_days,
        paths=agreement.contains_path,
        groups=agreement.groups,
        preset=agreement.preset,
    )
