"""Draw what `benchmarks.kernel --json` measured: pairs a second against the threshold, and the same as a table.

    python -m benchmarks.chart FILE                 writes docs/performance.svg and the figures of docs/performance.md

Ours are solid lines, peers are dashed; each has a marker of its own, so nothing hangs on colour. The picture's
description and the page's table have the same numbers.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement  # writes only: nothing is parsed

from linkage.release.charts.drawing import svg_bytes

DOCS = Path(__file__).parents[1] / "docs"
BEGIN, END = "<!-- figures, by benchmarks.chart -->", "<!-- end of the figures -->"
GIGA = 1e9
STEPS = (1, 2, 5)  # grid lines in a decade

# Lengths in px of the drawing's own size.
_COLUMN, _GAP = 112, 36  # between thresholds; and between filters of different folds, more
_LEFT, _TOP, _RIGHT, _BOTTOM = 64, 104, 196, 62
_DECADE = 190  # height of a factor of ten
_MARK, _LINE_OF_TEXT = 5.5, 18

_MARKS = {
    "circle": ((1, 0),),
    "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "triangle": ((0, -1.2), (1.15, 0.9), (-1.15, 0.9)),
    "diamond": ((0, -1.35), (1.35, 0), (0, 1.35), (-1.35, 0)),
    "wedge": ((0, 1.2), (1.15, -0.9), (-1.15, -0.9)),
}
"""Corners of each marker, in marker sizes; the circle has none."""

STYLE = """
.rates { --ink: #1b2733; --faint: #5d6b79; --ours: #1f6f8b; --peer: #b3541e; --line: #d5dce2; --paper: #ffffff;
  font: 14px system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
.rates text { fill: var(--ink); }
.rates .title { font-size: 17px; font-weight: 600; }
.rates .faint { fill: var(--faint); font-size: 13px; font-variant-numeric: tabular-nums; }
.rates .paper { fill: var(--paper); }
.rates .grid { stroke: var(--line); }
.rates .ours { stroke: var(--ours); stroke-width: 2.5; fill: none; }
.rates .peer { stroke: var(--peer); stroke-width: 1.8; stroke-dasharray: 6 4; fill: none; }
.rates .mark.ours { fill: var(--ours); }
.rates .mark.peer { fill: var(--paper); stroke-dasharray: none; }
@media (prefers-color-scheme: dark) {
  .rates { --ink: #e6ebf0; --faint: #a3b0bc; --ours: #63b3cf; --peer: #f0995f; --line: #33404b; --paper: #151c22; }
}
@media print {
  .rates { --ink: #000000; --faint: #444444; --ours: #000000; --peer: #555555; --line: #cccccc; --paper: #ffffff; }
}
"""

Column = tuple[int, float]
"""(xor folds, threshold)."""


@dataclass(frozen=True)
class Series:
    """One implementation: record pairs a second by column, and how many times anonlink's."""

    name: str
    ours: bool
    mark: str
    rates: dict[Column, float]
    ratios: dict[Column, float]

    @property
    def look(self) -> str:
        """The class of its line and markers."""
        return "ours" if self.ours else "peer"

    @property
    def label(self) -> str:
        """What people call it."""
        return f"waylink, {self.name}" if self.ours else self.name


@dataclass(frozen=True)
class _Frame:
    """Where things are."""

    columns: Sequence[Column]
    lowest: float  # pairs a second at the bottom
    highest: float

    def x(self, column: Column) -> float:
        place = self.columns.index(column)
        return _LEFT + _COLUMN * (place + 0.5) + _GAP * (column[0] == self.columns[-1][0] != self.columns[0][0])

    def y(self, rate: float) -> float:
        return _TOP + _DECADE * math.log10(self.highest / rate)

    @property
    def right(self) -> float:
        return self.x(self.columns[-1]) + _COLUMN / 2

    @property
    def size(self) -> tuple[int, int]:
        return round(self.right) + _RIGHT, round(self.y(self.lowest)) + _BOTTOM


def read_series(document: dict[str, Any]) -> list[Series]:
    """The implementations of a result file, fastest last of ours, then the peers."""
    names = list(dict.fromkeys(figure["implementation"] for figure in document["figures"]))
    marks = {True: cycle(_MARKS), False: cycle(_MARKS)}
    series = []
    for name in names:
        own = [figure for figure in document["figures"] if figure["implementation"] == name]
        by_column = {(figure["xor_folds"], figure["threshold"]): figure for figure in own}
        rates = {column: float(figure["pairs_per_second"]) for column, figure in by_column.items()}
        ratios = {column: float(figure["ratio_to_anonlink"]) for column, figure in by_column.items()}
        series.append(Series(name, own[0]["ours"], next(marks[own[0]["ours"]]), rates, ratios))
    return series


def draw_rates(document: dict[str, Any]) -> Element:
    """The picture of a result file, with a title and a description that has every number."""
    series = read_series(document)
    frame = _frame(series)
    svg = _open(frame, series)
    _write(svg, (20, 32), "Record pairs compared a second, one thread", "title")
    _write(svg, (20, 54), "billions, log scale; higher is better", "faint")
    _write(svg, (20, 74), _measured_on(document), "faint")
    _draw_grid(svg, frame)
    for one in series:
        _draw_series(svg, frame, one)
    _draw_labels(svg, frame, series)
    return svg


def table(document: dict[str, Any]) -> str:
    """The same numbers in Markdown: billions of pairs a second, and how many times anonlink's."""
    series = read_series(document)
    columns = _columns(series)
    lines = [f"| 10^9 pairs/s (x anonlink) | {' | '.join(map(_column_name, columns))} |"]
    lines.append("|---" * (len(columns) + 1) + "|")
    for one in series:
        cells = (f"{one.rates[c] / GIGA:.3g} ({one.ratios[c]:.2g})" if c in one.rates else "" for c in columns)
        lines.append(f"| {one.label} | {' | '.join(cells)} |")
    return "\n".join(lines)


def fill_page(page: str, document: dict[str, Any], picture: str) -> str:
    """The page with the picture, the table and what they were measured on between its two marks.

    Raises:
        ValueError: the page has no such marks.
    """
    before, _, rest = page.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"the page has no '{BEGIN}' ... '{END}'")
    alt = "Record pairs compared a second against the threshold; the table below has the numbers"
    versions = ", ".join(f"{name} {version}" for name, version in document["versions"].items())
    told = f"{_measured_on(document)}, one thread; {versions}; `python -m benchmarks.kernel --json FILE`."
    return f"{before}{BEGIN}\n![{alt}]({picture})\n\n{table(document)}\n\n{told}\n{END}{after}"


def _measured_on(document: dict[str, Any]) -> str:
    records = sorted({figure["records"] for figure in document["figures"]})
    sizes = " or ".join(f"{n:,} x {n:,}" for n in reversed(records))
    kind = document["data"][0]["kind"]
    return f"{sizes} CLKs of {document['bits']} bits ({kind}), {document['processor']}"


def _columns(series: Sequence[Series]) -> list[Column]:
    """Folded filters first, then by threshold."""
    return sorted({column for one in series for column in one.rates}, key=lambda column: (-column[0], column[1]))


def _column_name(column: Column) -> str:
    return f"{column[1]:g}, {column[0]} folds" if column[0] else f"{column[1]:g}"


def _frame(series: Sequence[Series]) -> _Frame:
    rates = [rate for one in series for rate in one.rates.values()]
    grid = _grid(min(rates), max(rates))
    return _Frame(_columns(series), grid[0], grid[-1])


def _grid(least: float, most: float) -> list[float]:
    """Round rates, from one at or under the least to one at or over the most."""
    decades = range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
    steps = [step * 10.0**decade for decade in decades for step in STEPS]
    first = max(place for place, step in enumerate(steps) if step <= least)
    last = min(place for place, step in enumerate(steps) if step >= most)
    return steps[first : max(last, first + 1) + 1]


def _open(frame: _Frame, series: Sequence[Series]) -> Element:
    width, height = frame.size
    labels = {"role": "img", "aria-labelledby": "rates-title rates-desc", "class": "rates"}
    size = {"viewBox": f"0 0 {width} {height}", "width": str(width), "height": str(height)}
    svg = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, **labels})
    SubElement(svg, "title", {"id": "rates-title"}).text = "Record pairs compared a second, by threshold, one thread"
    SubElement(svg, "desc", {"id": "rates-desc"}).text = _description(series)
    SubElement(svg, "style").text = STYLE
    SubElement(svg, "rect", {"width": "100%", "height": "100%", "class": "paper"})
    return svg


def _description(series: Sequence[Series]) -> str:
    told = []
    for one in series:
        rates = (f"{one.rates[c] / GIGA:.3g} at {_column_name(c)}" for c in _columns([one]))
        told.append(f"{one.label}: {', '.join(rates)}.")
    return "Billions of record pairs a second. " + " ".join(told)


def _draw_grid(svg: Element, frame: _Frame) -> None:
    for rate in _grid(frame.lowest, frame.highest):
        y = frame.y(rate)
        _join(svg, [(_LEFT, y), (frame.right, y)], "grid")
        _write(svg, (_LEFT - 10, y + 4.5), f"{rate / GIGA:g}", "faint", "end")
    bottom = frame.y(frame.lowest)
    for column in frame.columns:
        _write(svg, (frame.x(column), bottom + 24), f"{column[1]:g}", "", "middle")
    for folds in dict.fromkeys(column[0] for column in frame.columns):
        places = [frame.x(column) for column in frame.columns if column[0] == folds]
        name = f"threshold, {folds} xor folds" if folds else "threshold"
        _write(svg, (sum(places) / len(places), bottom + 46), name, "faint", "middle")


def _draw_series(svg: Element, frame: _Frame, series: Series) -> None:
    for folds in dict.fromkeys(column[0] for column in frame.columns):  # no line across: these are other filters
        points = [(frame.x(c), frame.y(series.rates[c])) for c in _columns([series]) if c[0] == folds]
        _join(svg, points, series.look)
        for point in points:
            _draw_mark(svg, point, series)


def _draw_labels(svg: Element, frame: _Frame, series: Sequence[Series]) -> None:
    """Each name right of its line's end; where two would overlap, the lower one goes down."""
    ends = sorted((frame.y(one.rates[_columns([one])[-1]]), one.name, one) for one in series)
    x, free = frame.right + 26, -math.inf
    for y, _, one in ends:
        place = max(y, free)
        free = place + _LINE_OF_TEXT
        _draw_mark(svg, (x, place), one)
        _write(svg, (x + 14, place + 5), one.label, "")


def _draw_mark(svg: Element, at: tuple[float, float], series: Series) -> None:
    corners = _MARKS[series.mark]
    look = f"mark {series.look}"
    if len(corners) == 1:
        SubElement(svg, "circle", {"cx": f"{at[0]:.1f}", "cy": f"{at[1]:.1f}", "r": f"{_MARK:g}", "class": look})
        return
    points = " ".join(f"{at[0] + _MARK * x:.1f},{at[1] + _MARK * y:.1f}" for x, y in corners)
    SubElement(svg, "polygon", {"points": points, "class": look})


def _join(svg: Element, points: Sequence[tuple[float, float]], look: str) -> None:
    SubElement(svg, "polyline", {"points": " ".join(f"{x:.1f},{y:.1f}" for x, y in points), "class": look})


def _write(svg: Element, at: tuple[float, float], text: str, look: str, anchor: str = "start") -> None:
    place = {"x": f"{at[0]:.1f}", "y": f"{at[1]:.1f}", "text-anchor": anchor, "class": look}
    SubElement(svg, "text", place).text = text


def main() -> None:
    """Read a result file; write the picture and the page's figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result", type=Path, metavar="FILE", help="what benchmarks.kernel --json wrote")
    parser.add_argument("--svg", type=Path, default=DOCS / "performance.svg")
    parser.add_argument("--page", type=Path, default=DOCS / "performance.md", help="has the marks for the figures")
    options = parser.parse_args()
    document = json.loads(options.result.read_text(encoding="utf-8"))
    page = fill_page(options.page.read_text(encoding="utf-8"), document, options.svg.name)
    options.svg.write_bytes(svg_bytes(draw_rates(document)))
    options.page.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
