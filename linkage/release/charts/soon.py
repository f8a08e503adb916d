"""Where people went first, and how soon: `transition_within`, one panel a state that was left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element

from linkage.pathways.tables.draft import ALL
from linkage.release.charts.drawing import SMALL, STUB, Drawing, shortened, text_width
from linkage.release.charts.picture import Picture
from linkage.release.palette import SHADES
from linkage.release.scale import Band, bands_in_order
from linkage.release.table_lines import Line, by_key, lines_of
from linkage.release.telling import tell
from schemas import ReleaseTable
from schemas.table_columns import Kind

_WIDTH, _EDGE, _GAP = 340, 12, 8
_ROW, _BAR, _TOP = 24, 15, 34
_NUMBER = 92  # `1,204 (31.4%)` beside a bar
_NAME = 14  # letters
NOWHERE = "(none)"


def draw_soon(table: ReleaseTable) -> Picture:
    """The picture of a `transition_within` table: a bar for each next state, divided by how soon."""
    groups = by_key(lines_of(table), "from")
    bands = bands_in_order(line.keys["band"] for lines in groups.values() for line in lines)
    panels = [_panel(f"{table.name}-{at}", key[0], lines, bands) for at, (key, lines) in enumerate(groups.items())]
    caption = (
        "Of the people who left the place named on top: where they went first. The stronger the "
        "colour, the sooner. (none): nowhere else in the time that is known; (several): to several places "
        "on one day. Hatched: not shown."
    )
    return Picture(table.name, table.title, caption, panels)


def _panel(name: str, state: str, lines: Sequence[Line], bands: Mapping[str, Band]) -> Element:
    drawing = Drawing(name, f"after {state}")
    targets = by_key(list(lines), "to")
    everybody = targets.pop((ALL,), [])
    whole = f": {tell(everybody[0].cells['people'], Kind.COUNT)} people" if everybody else ""
    drawing.text(_EDGE, 20, shortened(f"after {state}", 30) + whole, "head")
    totals = {key[0]: next((one for one in found if one.keys["band"] == "all"), None) for key, found in targets.items()}
    order = sorted(totals, key=lambda to: (to == NOWHERE, -float(_people(totals[to]) or 0), to))
    left = _EDGE + max((text_width(_name(to, state)) for to in order), default=0) + _GAP
    most = max((_people(total) or 0 for total in totals.values()), default=0) or 1
    room = _WIDTH - left - _NUMBER
    told = []
    for at, to in enumerate(order):
        y = _TOP + _ROW * at
        drawing.text(left - _GAP, y + _BAR / 2 + 5, _name(to, state), anchor="end")
        end = _stack(drawing, (left, y), targets[(to,)], totals[to], room / most, bands)
        label = _label(totals[to])
        drawing.text(end + 5, y + _BAR / 2 + 4, label, "small")
        told.append(f"{_name(to, state)}: {label}")
    bottom = _legend(drawing, _TOP + _ROW * len(order) + 4, bands)
    return drawing.finish(_WIDTH, bottom, "; ".join(told))


def _name(to: str, state: str) -> str:
    return "(back again)" if to == state else shortened(to, _NAME)


def _people(total: Line | None) -> float | None:
    value = total.cells["people"].value if total is not None else None
    return None if value is None else float(value)


def _label(total: Line | None) -> str:
    if total is None:
        return ""
    share = total.cells["share"]
    more = f" ({tell(share, Kind.SHARE)})" if share.value is not None else ""
    return tell(total.cells["people"], Kind.COUNT) + more


def _stack(
    drawing: Drawing,
    start: tuple[float, float],
    lines: Sequence[Line],
    total: Line | None,
    scale: float,
    bands: Mapping[str, Band],
) -> float:
    """The parts of one bar, soonest first, then what is not shown of it; gives back where it ends."""
    x, y = start
    everybody = _people(total)
    if everybody is None:
        drawing.hidden_box(x, y, STUB, _BAR, "not shown")
        return x + STUB
    end = x + everybody * scale
    if total is not None and total.keys["to"] == NOWHERE:  # nobody arrived, so there are no days
        drawing.box(x, y, end - x, _BAR, "soft", _label(total))
        return end
    for line in lines:
        cell, band = line.cells["people"], line.keys["band"]
        if band in bands and cell.value:
            wide = float(cell.value) * scale
            drawing.box(x, y, wide, _BAR, f"heat-{_shade(band, bands)}", f"{band} days: {tell(cell, Kind.COUNT)}")
            x += wide
    if end - x > 0.5:
        drawing.hidden_box(x, y, end - x, _BAR, "not shown by days")
    drawing.box(start[0], y, max(end, x) - start[0], _BAR, "frame")
    return max(end, x)


def _shade(band: str, bands: Mapping[str, Band]) -> int:
    """The sooner the stronger; bands that end together have one shade."""
    ends = sorted({one.order[0] for one in bands.values()})
    return SHADES - 1 - ends.index(bands[band].order[0]) * SHADES // len(ends)


def _legend(drawing: Drawing, y: float, bands: Mapping[str, Band]) -> float:
    """The shades and their days; gives back the y under them."""
    drawing.text(_EDGE, y + 12, "days:", "small faint")
    x = _EDGE + 38.0
    shades = {band: _shade(band, bands) for band in bands}
    for shade in sorted(set(shades.values()), reverse=True):
        own = [bands[band] for band, found in shades.items() if found == shade]
        first, last = min(one.first for one in own), own[-1].last
        word = f"{first}+" if last is None else f"{first}-{last}" if last > first else str(first)
        wide = text_width(word, SMALL) + 8
        if x + wide > _WIDTH - 2:
            x, y = _EDGE + 38.0, y + 20
        drawing.box(x, y, wide, 17, f"heat-{shade}")
        drawing.text(x + wide / 2, y + 13, word, f"small on-{shade}", "middle")
        x += wide + 2
    return y + 30
