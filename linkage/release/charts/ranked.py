"""Bars beside names: how many people each row of a simple table has."""

from __future__ import annotations

from collections.abc import Sequence

from linkage.release.charts.drawing import Drawing, shortened, text_width
from linkage.release.charts.picture import Picture
from linkage.release.telling import tell
from schemas import Cell, ReleaseTable
from schemas.table_columns import Kind

_ROW, _BAR, _EDGE, _GAP = 26, 16, 12, 8
_BARS, _NUMBER = 230, 62
_NAME = 26  # letters
MOST_ROWS = 30

Named = tuple[str, Cell]


def draw_ranked(table: ReleaseTable, rows: Sequence[Named], caption: str) -> Picture:
    """A bar a row, in the given order; a hidden one is a hatched stub. At most MOST_ROWS are drawn.

    Args:
        table: whose picture it is.
        rows: name and count of each bar.
        caption: how to read it.
    """
    drawn = rows[:MOST_ROWS]
    title = f"{table.title}: {len(drawn)} of {len(rows)}" if len(drawn) < len(rows) else table.title
    drawing = Drawing(table.name, title)
    left = _EDGE + max((text_width(shortened(name, _NAME)) for name, _ in drawn), default=0) + _GAP
    most = max((float(cell.value or 0) for _, cell in drawn), default=0) or 1
    for at, (name, cell) in enumerate(drawn):
        y = _EDGE + _ROW * at
        drawing.text(left - _GAP, y + _BAR / 2 + 5, shortened(name, _NAME), anchor="end")
        drawing.bar(left, y, _BARS * float(cell.value or 0) / most, _BAR, cell, "bar", name)
    told = "; ".join(f"{name}: {tell(cell, Kind.COUNT)}" for name, cell in drawn)
    height = 2 * _EDGE + _ROW * len(drawn) - (_ROW - _BAR)
    return Picture(table.name, title, caption, [drawing.finish(left + _BARS + _NUMBER, height, told)])
