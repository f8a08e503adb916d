"""UpSet: which combinations of states people were in (Lex, Gehlenborg, Strobelt, Vuillemot and Pfister, IEEE TVCG
20(12), 2014), with sets as rows: so it fits a phone and a printed page, and its numbers stand upright."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from linkage.release.charts.drawing import SIZE, STUB, Drawing, shortened, text_width
from linkage.release.charts.picture import Picture
from linkage.release.telling import listed, tell
from schemas import Cell, ReleaseTable
from schemas.pathway_text import read_path
from schemas.table_columns import Kind

MOST_SETS = 40  # more rows than this nobody reads; the table has them all

_COLUMN, _ROW, _DOT = 24, 22, 6
_EDGE, _GAP, _BAR = 12, 14, 13
_BARS = 250  # the longest bar
_NUMBER = 62  # a number of seven digits beside it
_NAME = 22  # letters of a state's name
_TURN = 50  # degrees: names over columns that are narrower than they
_SLOPE = (0.77, 0.65)  # sine and cosine of it


class _Bar(NamedTuple):
    states: tuple[str, ...]
    people: Cell


@dataclass(frozen=True)
class _Frame:
    """Where things are."""

    states: Sequence[str]
    most: int  # people of the longest bar
    top: float  # y of the first row

    @property
    def bars(self) -> float:
        return _EDGE + _COLUMN * len(self.states) + _GAP

    def x(self, state: str) -> float:
        return _EDGE + _COLUMN * (self.states.index(state) + 0.5)

    def length(self, cell: Cell) -> float:
        return _BARS * float(cell.value or 0) / self.most


def draw_upset(table: ReleaseTable, totals: Mapping[str, Cell]) -> Picture:
    """The picture of a `set_pathway` table.

    First a bar for all people of each state, then one for each exact set: published sets come first, the largest
    first; hidden ones after them, in the table's order, as stubs of one size. At most MOST_SETS sets are drawn.

    Args:
        table: as released.
        totals: the released people of each state; states without one get no bar.
    """
    every = [_Bar(read_path(keys[0])[0], cells[0]) for keys, cells in table.rows]
    bars = sorted(every, key=lambda bar: -(bar.people.value if bar.people.value is not None else -1))[:MOST_SETS]
    states = sorted({state for bar in every for state in bar.states})
    most = max((int(cell.value or 0) for cell in (*totals.values(), *(bar.people for bar in bars))), default=0)
    head = max((text_width(shortened(state, _NAME)) for state in states), default=0) * _SLOPE[0] + SIZE
    frame = _Frame(states, max(most, 1), _EDGE + head)
    title = f"{table.title}: {len(bars)} of {len(every)} sets" if len(bars) < len(every) else table.title
    drawing = Drawing(table.name, title)
    _names(drawing, frame)
    whole = [_Bar((state,), totals[state]) for state in states if state in totals]
    y = _block(drawing, frame, frame.top, "people in all", whole, "soft") + _GAP if whole else frame.top
    y = _block(drawing, frame, y, "people in exactly these", bars, "bar")
    width = frame.bars + max(_BARS + _NUMBER, text_width("people in exactly these"))
    svg = drawing.finish(max(width, frame.bars + STUB), y + _EDGE, _description(bars))
    return Picture(table.name, title, _CAPTION, [svg])


_CAPTION = (
    "Filled dots say which places; the bar beside them is the number of people who were there. The pale bars count "
    "everybody of a place, the full ones only those who were at exactly these places and no other."
)


def _description(bars: Sequence[_Bar]) -> str:
    shown = [bar for bar in bars if bar.people.value is not None]
    told = "; ".join(f"{listed(list(bar.states))}: {tell(bar.people, Kind.COUNT)}" for bar in shown)
    hidden = len(bars) - len(shown)
    return f"People in exactly these states and no other. {told or 'None is shown'}. Not shown: {hidden}."


def _names(drawing: Drawing, frame: _Frame) -> None:
    for state in frame.states:
        drawing.text(frame.x(state) + 2, frame.top - 8, shortened(state, _NAME), "", turn=-_TURN)


def _block(drawing: Drawing, frame: _Frame, y: float, head: str, bars: Sequence[_Bar], look: str) -> float:
    """Rows under a heading; gives back the y below them."""
    if not bars:
        return y
    drawing.text(frame.bars, y + _ROW / 2 + 1, head, "small faint")
    y += _ROW
    for at, bar in enumerate(bars):
        if at % 2 == 0:
            drawing.box(_EDGE, y, frame.bars - _EDGE + _BARS + _NUMBER - _GAP, _ROW, "stripe")
        _dots(drawing, frame, y + _ROW / 2, bar.states)
        place = y + (_ROW - _BAR) / 2
        drawing.bar(frame.bars, place, frame.length(bar.people), _BAR, bar.people, look, listed(list(bar.states)))
        y += _ROW
    return y


def _dots(drawing: Drawing, frame: _Frame, y: float, states: Sequence[str]) -> None:
    places = [frame.x(state) for state in states]
    if len(places) > 1:
        drawing.line((min(places), y), (max(places), y), "join")
    for state in frame.states:
        if state not in states:
            drawing.dot(frame.x(state), y, _DOT - 2.5, "out")
    for x in places:
        drawing.dot(x, y, _DOT, "in")
