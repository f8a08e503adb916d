"""A released table as a grid that people read: at the terminal and in the report.

Bands of days go across, an estimate stands in one cell with its interval, a count has its low and high beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from linkage.release.scale import bands_in_order
from linkage.release.table_lines import Line, by_key, lines_of
from linkage.release.telling import tell, tell_range
from schemas import Cell, ReleaseTable
from schemas.table_columns import TABLE_COLUMNS, Column, Kind

BAND, ALL = "band", "all"


@dataclass(frozen=True)
class Spot:
    """One place of a grid.

    Attributes:
        text: a number, a name or a mark.
        beside: its low and high ("" where there are none).
        is_number: whether it is to stand at the right.
        is_mark: whether it says why there is no number.
        is_model: whether a model made it.
    """

    text: str
    beside: str = ""
    is_number: bool = False
    is_mark: bool = False
    is_model: bool = False


@dataclass(frozen=True)
class Grid:
    """A table for people: its head, and rows of as many spots; the first `names` columns say what a row is about."""

    head: Sequence[Spot]
    rows: Sequence[Sequence[Spot]]
    names: int


_NOTHING = Spot("–", is_number=True, is_mark=True)  # noqa: RUF001 (a dash)
"""A place that has no row in the table: that band is not one of this row's."""


def grid_of(table: ReleaseTable) -> Grid:
    """A released table as a grid, with all its numbers; in the table's order."""
    return _banded(table) if BAND in table.keys else _plain(table)


def _plain(table: ReleaseTable) -> Grid:
    contract = TABLE_COLUMNS[table.name]
    columns = _across(table)
    head = [*(Spot(key.label) for key in contract.keys), *(_head(column) for column in columns)]
    rows = [
        [*(Spot(text) for text in line.keys.values()), *(_spot(line, column) for column in columns)]
        for line in lines_of(table)
    ]
    return Grid(head, rows, len(contract.keys))


def _banded(table: ReleaseTable) -> Grid:
    """Bands across; behind them what stands in the row of everybody."""
    contract = TABLE_COLUMNS[table.name]
    keys = [key for key in contract.keys if key.name != BAND]
    first, *others = _across(table)
    groups = by_key(lines_of(table), *(key.name for key in keys))
    bands = list(bands_in_order(line.keys[BAND] for lines in groups.values() for line in lines))
    ends = [first, *others]
    head = [*(Spot(key.label) for key in keys), *(Spot(band, is_number=True) for band in bands), *map(_head, ends)]
    rows = []
    for names, lines in groups.items():
        found = {line.keys[BAND]: line for line in lines}
        inside = [_inside(found[band], first, others) if band in found else _NOTHING for band in bands]
        end = [_spot(found[ALL], column) if ALL in found else _NOTHING for column in ends]
        rows.append([*map(Spot, names), *inside, *end])
    return Grid(head, rows, len(keys))


def _inside(line: Line, first: Column, others: Sequence[Column]) -> Spot:
    """The number of a band; its share, where bands have one, stands beside it."""
    spot = _spot(line, first)
    shares = [_spot(line, one).text for one in others if one.kind is Kind.SHARE and not _spot(line, one).is_mark]
    return replace(spot, beside="; ".join(filter(None, [*shares, spot.beside])))


def _across(table: ReleaseTable) -> list[Column]:
    """The measures that have a column of their own: the ends of an estimate stand beside it."""
    found = [TABLE_COLUMNS[table.name].column(name) for name in table.measures]
    return [one for one in found if one.kind is not Kind.ESTIMATE or one.name == "estimate"]


def _head(column: Column) -> Spot:
    return Spot(column.label, is_number=True, is_model=column.kind is Kind.ESTIMATE)


def _spot(line: Line, column: Column) -> Spot:
    cell, kind = line.cells[column.name], column.kind
    beside = _interval(line.cells) if kind is Kind.ESTIMATE else tell_range(cell)
    return Spot(tell(cell, kind), beside, True, cell.value is None, kind is Kind.ESTIMATE)


def _interval(cells: Mapping[str, Cell]) -> str:
    low, high = cells["estimate_low"], cells["estimate_high"]
    if low.value is None or high.value is None:
        return ""
    return f"{tell(low, Kind.ESTIMATE)}–{tell(high, Kind.ESTIMATE)}"  # noqa: RUF001 (a range)
