"""Histograms with bands of days, one small panel each: `dwell` and `lag`, with the median and the quartiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from linkage.release.charts.drawing import Drawing, shortened
from linkage.release.charts.picture import Picture
from linkage.release.scale import Band, read_band
from linkage.release.table_lines import Line, by_key, lines_of
from linkage.release.telling import tell
from schemas import Cell, ReleaseTable, Status
from schemas.table_columns import Kind

_WIDTH, _EDGE = 340, 12
_BARS, _TOP, _FOOT = 110, 72, 42  # height of the longest bar; y of its end; room under the bars
_STUB = 16
_NAME = 40  # letters of a panel's title
MOST_PANELS = 24

_QUARTILES = ("lower_quartile", "median", "upper_quartile")


@dataclass(frozen=True)
class _Column:
    """One bar: its band and its count."""

    label: str
    people: Cell
    band: Band


@dataclass(frozen=True)
class _Wording:
    """Of one table: what the people in the bars have done; the measure of the others, and what they have not."""

    done: str
    unfinished: str
    not_done: str


_CAPTION = (
    "Bars are people; under them the days it took. The dot is the median, the day by which half of all people were "
    "done, those who are not yet done counted in; the line around it goes from the first quarter to the third. A "
    "median of [z] means that fewer than half were done. Hatched: not shown."
)


def draw_dwell(table: ReleaseTable) -> Picture:
    """How long people stayed, for `dwell`: a panel a state."""
    return _draw(table, ("state",), _Wording("left", "still_open", "still there"))


def draw_lag(table: ReleaseTable) -> Picture:
    """How long it took from leaving one state to entering another, for `lag`: a panel a pair."""
    return _draw(table, ("from", "to"), _Wording("arrived", "never_arrived", "not seen to"))


def _draw(table: ReleaseTable, keys: tuple[str, ...], words: _Wording) -> Picture:
    groups = by_key(lines_of(table), *keys)
    most = sorted(groups, key=lambda key: -_size(groups[key]))[:MOST_PANELS]
    title = f"{table.title}: {len(most)} of {len(groups)}" if len(most) < len(groups) else table.title
    drawn = [key for key in groups if key in most]  # in the table's order
    panels = [_panel(f"{table.name}-{at}", " to ".join(key), groups[key], words) for at, key in enumerate(drawn)]
    return Picture(table.name, title, _CAPTION, panels)


def _size(lines: Sequence[Line]) -> float:
    return sum(float(line.cells["people"].value or 0) for line in lines if read_band(line.keys["band"]) is None)


def _panel(name: str, title: str, lines: Sequence[Line], words: _Wording) -> Element:
    bands = ((line, read_band(line.keys["band"])) for line in lines)
    columns = [_Column(line.keys["band"], line.cells["people"], band) for line, band in bands if band is not None]
    total = next((line for line in lines if read_band(line.keys["band"]) is None), None)
    drawing = Drawing(name, title)
    drawing.text(_EDGE, 20, shortened(title, _NAME), "head")
    _bars(drawing, columns)
    told = "; ".join(f"{one.label}: {tell(one.people, Kind.COUNT)}" for one in columns)
    if total is not None:
        said = _sentence(total, words)
        drawing.text(_EDGE, 38, said, "small faint")
        _marks(drawing, columns, total)
        told = f"{told}. {said}"
    return drawing.finish(_WIDTH, _TOP + _BARS + _FOOT, told)


def _sentence(total: Line, words: _Wording) -> str:
    people, others, median = (total.cells[name] for name in ("people", words.unfinished, "median"))
    days = " days" if median.value is not None else ""
    return (
        f"{tell(people, Kind.COUNT)} {words.done}, {tell(others, Kind.COUNT)} {words.not_done}; "
        f"median {tell(median, Kind.DAYS)}{days}"
    )


def _wide(columns: Sequence[_Column]) -> float:
    return (_WIDTH - 2 * _EDGE) / max(len(columns), 1)


def _bars(drawing: Drawing, columns: Sequence[_Column]) -> None:
    most = max((float(one.people.value or 0) for one in columns), default=0) or 1
    wide, base = _wide(columns), _TOP + _BARS
    for at, one in enumerate(columns):
        x, told = _EDGE + wide * at, f"{one.label} days: {tell(one.people, Kind.COUNT)}"
        high = _BARS * float(one.people.value or 0) / most
        if one.people.value is not None:
            drawing.box(x + 2, base - high, wide - 4, high, "bar", told)
        elif one.people.status is not Status.NOT_APPLICABLE:
            high = _STUB
            drawing.hidden_box(x + 2, base - high, wide - 4, high, told)
        drawing.text(x + wide / 2, base - high - 4, tell(one.people, Kind.COUNT), "small", "middle")
        low = base + 16 + (14 if at % 2 and wide < 44 else 0)  # every other label a line lower where they are narrow
        drawing.text(x + wide / 2, low, one.label, "small faint", "middle")
    drawing.line((_EDGE, base), (_WIDTH - _EDGE, base), "axis")


def _marks(drawing: Drawing, columns: Sequence[_Column], total: Line) -> None:
    """The median as a dot, the quartiles as a line that has no end where fewer than three quarters are done."""
    lower, median, upper = (_place(columns, total.cells[name]) for name in _QUARTILES)
    y = _TOP - 24
    if lower is not None and total.cells["upper_quartile"].status is not Status.SUPPRESSED:
        drawing.line((lower, y), (upper or _WIDTH - _EDGE, y), "mark")
    for end in (lower, upper):
        if end is not None:
            drawing.line((end, y - 4), (end, y + 4), "mark")
    if median is not None:
        drawing.dot(median, y, 4.5, "point")


def _place(columns: Sequence[_Column], days: Cell) -> float | None:
    if days.value is None:
        return None
    wide = _wide(columns)
    for at, one in enumerate(columns):
        if (inside := one.band.place(float(days.value))) is not None:
            return _EDGE + wide * (at + inside)
    return None
