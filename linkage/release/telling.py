"""How a number of a release is told to people: 1,204; 31.4 %; 45 days; [c]."""

from __future__ import annotations

from schemas import Cell, Status
from schemas.table_columns import Kind
from schemas.tables import SHOWN_TO_PEOPLE

_ABOUT = frozenset({Status.ROUNDED, Status.NOISED})


def tell(cell: Cell, kind: Kind) -> str:
    """A cell as people read it; the mark of its status where there is no number."""
    if cell.value is None:
        return SHOWN_TO_PEOPLE[cell.status]
    if kind is Kind.SHARE:
        return f"{cell.value:.1%}"
    return f"{cell.value:,.0f}" if kind in (Kind.COUNT, Kind.ESTIMATE) else f"{cell.value:g}"


def tell_range(cell: Cell) -> str:
    """The low and high of a count as people read them; nothing where there are none."""
    return "" if cell.low is None or cell.high is None else f"{cell.low:,}–{cell.high:,}"  # noqa: RUF001 (a range)


def about(cell: Cell) -> str:
    """`about ` in front of a number that was rounded or noised, nothing in front of an exact one."""
    return "about " if cell.status in _ABOUT else ""


def listed(names: list[str]) -> str:
    """Names in a sentence: a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
