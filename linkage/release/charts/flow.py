"""Who comes and goes, period by period: small multiples for `flow_by_period`, one panel a state."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from linkage.release.charts.drawing import Drawing, shortened
from linkage.release.charts.picture import Picture
from linkage.release.scale import round_steps
from linkage.release.table_lines import Line, by_key, lines_of
from linkage.release.telling import tell
from schemas import ReleaseTable, Status
from schemas.table_columns import Kind

_WIDTH, _LEFT, _EDGE = 340, 44, 12
_TOP, _UP, _DOWN, _FOOT = 52, 110, 46, 30
_STUB = 5
_NAME = 36
_LABEL = 58  # px that a period's name takes

_UPWARD = ("continuing", "returning", "new")  # from the axis up
_LOOKS = {"continuing": ("", "soft"), "returning": ("dots", "mark"), "new": ("", "mark"), "leaving": ("lines", "edge")}
"""Pattern and colour of each."""


def draw_flow(table: ReleaseTable) -> Picture:
    """The picture of a `flow_by_period` table. All panels have one scale."""
    groups = by_key(lines_of(table), "state")
    most = max((_height(line) for lines in groups.values() for line in lines), default=0)
    least = max((float(line.cells["leaving"].value or 0) for lines in groups.values() for line in lines), default=0)
    panels = [
        _panel(f"{table.name}-{at}", key[0], lines, round_steps(most, 4), least)
        for at, (key, lines) in enumerate(groups.items())
    ]
    caption = (
        "Each column is a period. Up: people who stayed on, came back or were new; down: people who left. "
        "Hatched slivers: not shown, so such a column is taller than it looks."
    )
    return Picture(table.name, table.title, caption, panels)


def _height(line: Line) -> float:
    return sum(float(line.cells[one].value or 0) for one in _UPWARD)


def _panel(name: str, state: str, lines: Sequence[Line], steps: Sequence[int], least: float) -> Element:
    drawing = Drawing(name, state)
    drawing.text(_EDGE, 20, shortened(state, _NAME), "head")
    _legend(drawing)
    scale = _UP / max(steps[-1], 1)
    down = min(_DOWN, least * scale)
    base = _TOP + _UP
    for step in steps:
        y = base - step * scale
        drawing.line((_LEFT, y), (_WIDTH - _EDGE, y), "grid")
        drawing.text(_LEFT - 5, y + 4, f"{step:,}", "small faint", "end")
    wide = (_WIDTH - _EDGE - _LEFT) / max(len(lines), 1)
    for at, line in enumerate(lines):
        _column(drawing, line, (_LEFT + wide * at, wide), base, (scale, down / least if least else 0))
    drawing.line((_LEFT, base), (_WIDTH - _EDGE, base), "axis")
    every = max(1, -(-_LABEL // max(round(wide), 1)))
    for at in range(0, len(lines), every):
        x = _LEFT + wide * (at + 0.5)
        drawing.text(x, base + down + 18, lines[at].keys["period"], "small faint", "middle")
    return drawing.finish(_WIDTH, base + down + _FOOT, "; ".join(map(_told, lines)))


def _column(drawing: Drawing, line: Line, place: tuple[float, float], base: float, scales: tuple[float, float]) -> None:
    x, wide = place
    gap = min(1.5, wide / 8)
    y: float = base
    for part in _UPWARD:
        y = _part(drawing, line, part, (x + gap, wide - 2 * gap), y, -scales[0])
    _part(drawing, line, "leaving", (x + gap, wide - 2 * gap), base, scales[1])


def _part(drawing: Drawing, line: Line, part: str, place: tuple[float, float], y: float, scale: float) -> float:
    """One part of a column, from y on; gives back where it ends."""
    cell, told = line.cells[part], f"{line.keys['period']}, {part}: {tell(line.cells[part], Kind.COUNT)}"
    if cell.status is Status.NOT_APPLICABLE:
        return y
    if cell.value is None:
        end = y + (_STUB if scale > 0 else -_STUB)
        drawing.hidden_box(place[0], min(y, end), place[1], _STUB, told)
        return end
    end = y + float(cell.value) * scale
    if cell.value:
        _filled(drawing, part, (place[0], min(y, end), place[1], abs(end - y)), told)
    return end


def _filled(drawing: Drawing, part: str, box: tuple[float, float, float, float], told: str) -> None:
    tile, colour = _LOOKS[part]
    drawing.box(*box, "", told).set("fill", drawing.tiled(tile, colour))


def _legend(drawing: Drawing) -> None:
    x = float(_EDGE)
    for part in (*reversed(_UPWARD), "leaving"):
        _filled(drawing, part, (x, 30, 11, 11), "")
        drawing.text(x + 15, 40, part, "small faint")
        x += 30 + 6.6 * len(part)


def _told(line: Line) -> str:
    parts = ", ".join(f"{part} {tell(line.cells[part], Kind.COUNT)}" for part in (*_UPWARD, "leaving"))
    return f"{line.keys['period']}: {parts}"
