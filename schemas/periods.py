"""Days and period indices: the units of time that a data level allows to leave a member."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from schemas.errors import UsageFault

EPOCH_YEAR = 1970
EPOCH_ORDINAL = date(EPOCH_YEAR, 1, 1).toordinal()
MONTHS_A_YEAR = 12
MONTHS_A_QUARTER = 3


class Level(StrEnum):
    """How much of time leaves a member, from least to most."""

    MEMBERSHIP = "membership"
    PERIOD = "period"
    DAY = "day"

    def allows(self, needed: Level) -> bool:
        """Whether a table that needs `needed` can be made at this level."""
        order = list(Level)
        return order.index(self) >= order.index(needed)


class Unit(StrEnum):
    """What one step of a service record's start and end is."""

    NONE = "none"
    MONTH = "month"
    QUARTER = "quarter"
    DAY = "day"


def time_index(day: date, unit: Unit) -> int:
    """The number of whole units from 1970-01-01 to `day`: months, quarters or days.

    Raises:
        UsageFault: the unit is `none`, which has no time.
    """
    months = (day.year - EPOCH_YEAR) * MONTHS_A_YEAR + day.month - 1
    match unit:
        case Unit.DAY:
            return day.toordinal() - EPOCH_ORDINAL
        case Unit.MONTH:
            return months
        case Unit.QUARTER:
            return months // MONTHS_A_QUARTER
        case Unit.NONE:
            raise UsageFault("the data level 'membership' has no time")


def period_name(index: int, unit: Unit) -> str:
    """How people write a time index: `2024-03`, `2024Q1` or `2024-03-09`."""
    if unit is Unit.DAY:
        return date.fromordinal(index + EPOCH_ORDINAL).isoformat()
    if unit is Unit.QUARTER:
        year, quarter = divmod(index, MONTHS_A_YEAR // MONTHS_A_QUARTER)
        return f"{EPOCH_YEAR + year}Q{quarter + 1}"
    year, month = divmod(index, MONTHS_A_YEAR)
    return f"{EPOCH_YEAR + year}-{month + 1:02d}"
