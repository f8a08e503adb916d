"""Heat matrices: a row a state, a column a state, the stronger the colour the larger the share of the row."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from linkage.pathways.tables.draft import ALL, SEVERAL
from linkage.pathways.tables.moves import END, START
from linkage.release.charts.drawing import SMALL, Drawing, shortened, text_width
from linkage.release.charts.picture import Picture
from linkage.release.table_lines import Line, lines_of
from linkage.release.telling import tell
from schemas import Cell, ReleaseTable
from schemas.table_columns import Kind

_WIDTH, _HEIGHT = 62, 42  # of a cell
_EDGE, _GAP = 10, 8
_NAME = 18  # letters
_TURN, _SLOPE = 40, 0.65  # degrees of the names over the columns; their sine
_BOUNDS = (0.05, 0.15, 0.25, 0.4)  # shares where a darker shade begins: fixed, so that pictures can be compared
_LEGEND = 42


@dataclass(frozen=True)
class Heat:
    """One cell of a heat matrix: a count, and what share of its row it is (None: a total, not shaded)."""

    count: Cell
    share: Cell | None


_LAST = (SEVERAL, END, ALL)
"""Columns behind those of states."""

Matrix = Mapping[tuple[str, str], Heat]
"""By row and column."""


def draw_overlaps(table: ReleaseTable) -> Picture:
    """People in both of two states, for `overlap_pairs`: shaded by the share of the row's people."""
    cells: dict[tuple[str, str], Heat] = {}
    for line in lines_of(table):
        a, b, of = line.keys["a"], line.keys["b"], line.cells
        cells |= {(a, a): Heat(of["people_a"], None), (b, b): Heat(of["people_b"], None)}
        cells |= {(a, b): Heat(of["people"], of["share_of_a"]), (b, a): Heat(of["people"], of["share_of_b"])}
    names = sorted({name for pair in cells for name in pair})
    caption = (
        "Read along a row: of the people who were at the place on the left, how many were at the one above too. "
        "The stronger the colour, the larger that share. Framed: all people of the place."
    )
    return _draw(table, cells, names, names, caption)


def draw_transitions(table: ReleaseTable) -> Picture:
    """Moves from state to state, for `transition_matrix`: shaded by the share of all moves from the row's state."""
    lines = lines_of(table)
    cells = {(line.keys["from"], line.keys["to"]): Heat(line.cells["moves"], _share_of(line)) for line in lines}
    rows = sorted({row for row, _ in cells}, key=lambda name: (name != START, name == SEVERAL, name))
    columns = sorted(
        {column for _, column in cells}, key=lambda name: (_LAST.index(name) if name in _LAST else -1, name)
    )
    caption = (
        "Read along a row: from the place on the left, where the next step went. (start): the first place of a "
        "person; (end): no other place came after; (several): places that began together. Framed: all moves from there."
    )
    return _draw(table, cells, rows, columns, caption)


def _share_of(line: Line) -> Cell | None:
    return None if line.keys["to"] == ALL else line.cells["row_share"]


def _draw(table: ReleaseTable, cells: Matrix, rows: Sequence[str], columns: Sequence[str], caption: str) -> Picture:
    drawing = Drawing(table.name, table.title)
    left = _EDGE + max((text_width(shortened(name, _NAME)) for name in rows), default=0) + _GAP
    slanted = max((text_width(shortened(name, _NAME)) for name in columns), default=0)
    top = _EDGE + slanted * _SLOPE + _GAP
    for at, name in enumerate(columns):
        drawing.text(left + _WIDTH * (at + 0.4), top - _GAP, shortened(name, _NAME), turn=-_TURN)
    for down, row in enumerate(rows):
        y = top + _HEIGHT * down
        drawing.text(left - _GAP, y + _HEIGHT / 2 + 4, shortened(row, _NAME), anchor="end")
        for across, column in enumerate(columns):
            if (row, column) in cells:
                _cell(drawing, left + _WIDTH * across, y, cells[row, column], f"{row}, {column}")
    bottom = top + _HEIGHT * len(rows)
    _legend(drawing, left, bottom + _GAP + 2)
    overhang = slanted * 0.77 - _WIDTH * 0.6  # of the last column's slanted name
    width = left + _WIDTH * len(columns) + max(_EDGE, overhang)
    told = "; ".join(f"{row}, {column}: {_told(heat)}" for (row, column), heat in cells.items())
    return Picture(table.name, table.title, caption, [drawing.finish(width, bottom + _LEGEND, told)])


def _cell(drawing: Drawing, x: float, y: float, heat: Heat, told: str) -> None:
    middle, told = x + _WIDTH / 2, f"{told}: {_told(heat)}"
    size = (x + 1, y + 1, _WIDTH - 2, _HEIGHT - 2)
    if heat.count.value is None:
        drawing.hidden_box(*size, told)
        drawing.text(middle, y + _HEIGHT / 2 + 4, tell(heat.count, Kind.COUNT), "small halo", "middle")
        return
    if heat.share is None:
        drawing.box(*size, "out", told)
        drawing.text(middle, y + _HEIGHT / 2 + 4, tell(heat.count, Kind.COUNT), "small", "middle")
        return
    if heat.share.value is None:
        drawing.box(*size, "heat-0", told)
        drawing.text(middle, y + _HEIGHT / 2 + 4, tell(heat.count, Kind.COUNT), "small on-0", "middle")
        return
    shade = bisect_right(_BOUNDS, float(heat.share.value))
    drawing.box(*size, f"heat-{shade}", told)
    drawing.text(middle, y + 18, tell(heat.count, Kind.COUNT), f"small on-{shade}", "middle")
    drawing.text(middle, y + 33, tell(heat.share, Kind.SHARE), f"small on-{shade}", "middle")


def _told(heat: Heat) -> str:
    share = f" ({tell(heat.share, Kind.SHARE)})" if heat.share is not None and heat.share.value is not None else ""
    return tell(heat.count, Kind.COUNT) + share


def _legend(drawing: Drawing, x: float, y: float) -> None:
    words = [f"under {_BOUNDS[0]:.0%}", *(f"{bound:.0%}+" for bound in _BOUNDS)]
    for shade, word in enumerate(words):
        wide = text_width(word, SMALL) + 16
        drawing.box(x, y, wide, 20, f"heat-{shade}")
        drawing.text(x + wide / 2, y + 14, word, f"small on-{shade}", "middle")
        x += wide + 2
