"""Charts of released tables as static SVG: no script, no font of its own, readable in light and dark.

`draw_upset` follows UpSet (Lex, Gehlenborg, Strobelt, Vuillemot and Pfister, IEEE TVCG 20(12), 2014): a bar for each
exact set, dots that say which states are in it, bars of the states' totals. Built as elements, never as text, so that
every name is escaped by construction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring  # writes only: nothing is parsed

from linkage.pathways.kinds import read_set
from schemas import Cell, ReleaseTable
from schemas.tables import SHOWN_TO_PEOPLE

MOST_SETS = 40  # more columns than this cannot be read on a page; the table has them all

# Lengths in px of the drawing's own size.
_COLUMN, _BAR = 27, 17
_ROW, _DOT = 28, 6
_BARS_HEIGHT, _TOP, _EDGE = 220, 48, 16
_TOTALS_WIDTH, _NAME_GAP = 96, 10
_LETTER = 7.4  # a wide letter at 13 px
_NUMBER_ROOM = 52  # a number of seven digits beside a total's bar
_STUB = 20  # a suppressed bar: the same for every count
_NAME_LETTERS = 28  # longer names are cut; their full text is in the title and the table

STYLE = """
.upset { --ink: #1b2733; --faint: #5d6b79; --bar: #1f6f8b; --line: #d5dce2; --stripe: #f1f4f6; --paper: #ffffff;
  font: 13px system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
.upset text { fill: var(--ink); }
.upset .small { font-size: 12px; font-variant-numeric: tabular-nums; }
.upset .faint { fill: var(--faint); }
.upset .paper { fill: var(--paper); }
.upset .stripe { fill: var(--stripe); }
.upset .bar, .upset .in { fill: var(--bar); }
.upset .out { fill: var(--paper); stroke: var(--line); stroke-width: 1.5; }
.upset .join { stroke: var(--bar); stroke-width: 3; }
.upset .axis { stroke: var(--line); }
.upset .hidden { fill: url(#upset-hatch); stroke: var(--faint); }
.upset .hatch { stroke: var(--faint); stroke-width: 1.5; }
@media (prefers-color-scheme: dark) {
  .upset { --ink: #e6ebf0; --faint: #a3b0bc; --bar: #63b3cf; --line: #44525f; --stripe: #1d262e; --paper: #151c22; }
}
@media print {
  .upset { --ink: #000000; --faint: #444444; --bar: #333333; --line: #bbbbbb; --stripe: #f3f3f3; --paper: #ffffff; }
}
"""


class _Bar(NamedTuple):
    states: tuple[str, ...]
    people: Cell


@dataclass(frozen=True)
class _Frame:
    """Where things are."""

    states: Sequence[str]
    bars: Sequence[_Bar]
    most: int  # people of the longest bar
    left: int  # x of the first column
    base: int  # y under the bars

    def x(self, column: int) -> int:
        return self.left + _COLUMN * column + _COLUMN // 2

    def y(self, row: int) -> int:
        return self.base + _ROW * row + _ROW // 2 + 6

    @property
    def width(self) -> int:
        return max(self.left + _COLUMN * len(self.bars), self.left + _BARS_HEIGHT) + _EDGE

    @property
    def height(self) -> int:
        return self.base + _ROW * len(self.states) + _EDGE + 6


def draw_upset(sets: ReleaseTable, totals: Mapping[str, Cell]) -> Element:
    """The UpSet picture of a `set_pathway` table.

    Published sets come first, the largest first; suppressed ones after them, in the table's order, as stubs of one
    size. At most MOST_SETS sets are drawn.

    Args:
        sets: the released table.
        totals: the released people of each state; states without one get no bar.

    Returns:
        An `svg` element with its namespace, a title, a description and its own style.
    """
    every = [_Bar(tuple(read_set(keys[0])), cells[0]) for keys, cells in sets.rows]
    bars = sorted(every, key=lambda bar: -(bar.people.value or -1))[:MOST_SETS]
    states = sorted({state for bar in every for state in bar.states})
    most = max((int(bar.people.value or 0) for bar in bars), default=0)
    names_width = round(max((len(_short(state)) for state in states), default=0) * _LETTER)
    left = _EDGE + _NUMBER_ROOM + _TOTALS_WIDTH + _NAME_GAP + names_width + _NAME_GAP
    frame = _Frame(states, bars, max(most, 1), left, _TOP + _BARS_HEIGHT)
    svg = _open(frame, f"{sets.title}: {len(bars)} of {len(every)} sets" if len(bars) < len(every) else sets.title)
    _draw_bars(svg, frame)
    _draw_matrix(svg, frame)
    _draw_totals(svg, frame, totals)
    return svg


def svg_bytes(svg: Element) -> bytes:
    """The picture as a file: UTF-8 with an XML declaration."""
    return bytes(tostring(svg, encoding="UTF-8", xml_declaration=True)) + b"\n"


def _open(frame: _Frame, title: str) -> Element:
    size = {"viewBox": f"0 0 {frame.width} {frame.height}", "width": str(frame.width), "height": str(frame.height)}
    labels = {"role": "img", "aria-labelledby": "upset-title upset-desc", "class": "upset"}
    svg = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, **labels})
    SubElement(svg, "title", {"id": "upset-title"}).text = title
    SubElement(svg, "desc", {"id": "upset-desc"}).text = _description(frame)
    SubElement(svg, "style").text = STYLE
    definitions = SubElement(svg, "defs")
    hatch = {"id": "upset-hatch", "width": "6", "height": "6", "patternUnits": "userSpaceOnUse"}
    pattern = SubElement(definitions, "pattern", {**hatch, "patternTransform": "rotate(45)"})
    SubElement(pattern, "line", {"x1": "0", "y1": "0", "x2": "0", "y2": "6", "class": "hatch"})
    SubElement(svg, "rect", {"width": "100%", "height": "100%", "class": "paper"})
    return svg


def _description(frame: _Frame) -> str:
    shown = [bar for bar in frame.bars if bar.people.value is not None]
    told = "; ".join(f"{' and '.join(bar.states)}: {_number(bar.people)}" for bar in shown)
    hidden = len(frame.bars) - len(shown)
    return f"People in exactly these states and no other. {told or 'None is shown'}. Suppressed: {hidden}."


def _draw_bars(svg: Element, frame: _Frame) -> None:
    _text(svg, "People in exactly this set", frame.left + 4, 20, "small faint")
    _line(svg, (frame.left, frame.base), (frame.left + _COLUMN * len(frame.bars), frame.base), "axis")
    for column, bar in enumerate(frame.bars):
        shown = bar.people.value is not None
        height = (_BARS_HEIGHT - 24) * (bar.people.value or 0) / frame.most if shown else _STUB
        x, top = frame.x(column), frame.base - height
        box = SubElement(svg, "rect", _box(x - _BAR / 2, top, _BAR, height, "bar" if shown else "hidden"))
        SubElement(box, "title").text = f"{' and '.join(bar.states)}: {_number(bar.people)}"
        label = _number(bar.people)
        if len(label) > 3:  # wider than its column: upright would run into the next one
            tilt = {"transform": f"rotate(-45 {x} {top - 6:g})", "text-anchor": "start"}
            _text(svg, label, x, top - 6, "small", **tilt)
        else:
            _text(svg, label, x, top - 6, "small", **{"text-anchor": "middle"})


def _draw_matrix(svg: Element, frame: _Frame) -> None:
    for row, _ in enumerate(frame.states):
        if row % 2 == 0:
            wide = frame.width - frame.left - _EDGE
            SubElement(svg, "rect", _box(frame.left, frame.y(row) - _ROW / 2, wide, _ROW, "stripe"))
    for column, bar in enumerate(frame.bars):
        x, rows = frame.x(column), [frame.states.index(state) for state in bar.states]
        for row in set(range(len(frame.states))) - set(rows):
            SubElement(svg, "circle", _dot(x, frame.y(row), _DOT - 2, "out"))
        _line(svg, (x, frame.y(min(rows))), (x, frame.y(max(rows))), "join")
        for row in rows:
            SubElement(svg, "circle", _dot(x, frame.y(row), _DOT, "in"))


def _draw_totals(svg: Element, frame: _Frame, totals: Mapping[str, Cell]) -> None:
    most = max((int(cell.value or 0) for cell in totals.values()), default=0)
    right = _EDGE + _NUMBER_ROOM + _TOTALS_WIDTH
    if totals:
        _text(svg, "People in all", right, frame.base - 8, "small faint", **{"text-anchor": "end"})
    for row, state in enumerate(frame.states):
        y = frame.y(row)
        _text(svg, _short(state), right + _NAME_GAP, y + 4, "")
        if (cell := totals.get(state)) is None:
            continue
        shown = cell.value is not None
        wide = _TOTALS_WIDTH * (cell.value or 0) / max(most, 1) if shown else _STUB
        SubElement(svg, "rect", _box(right - wide, y - 8, wide, 16, "bar" if shown else "hidden"))
        _text(svg, _number(cell), right - wide - 5, y + 4, "small", **{"text-anchor": "end"})


def _number(cell: Cell) -> str:
    return SHOWN_TO_PEOPLE[cell.status] if cell.value is None else f"{cell.value:,}"


def _short(name: str) -> str:
    return name if len(name) <= _NAME_LETTERS else name[: _NAME_LETTERS - 1] + "…"


def _box(x: float, y: float, width: float, height: float, look: str) -> dict[str, str]:
    return {"x": f"{x:g}", "y": f"{y:.1f}", "width": f"{width:.1f}", "height": f"{height:.1f}", "class": look}


def _dot(x: float, y: float, radius: int, look: str) -> dict[str, str]:
    return {"cx": f"{x:g}", "cy": f"{y:g}", "r": str(radius), "class": look}


def _line(svg: Element, start: tuple[float, float], end: tuple[float, float], look: str) -> None:
    ends = {"x1": f"{start[0]:g}", "y1": f"{start[1]:g}", "x2": f"{end[0]:g}", "y2": f"{end[1]:g}"}
    SubElement(svg, "line", {**ends, "class": look})


def _text(svg: Element, text: str, x: float, y: float, look: str, **more: str) -> None:
    SubElement(svg, "text", {"x": f"{x:g}", "y": f"{y:g}", "class": look, **more}).text = text
