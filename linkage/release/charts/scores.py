"""How alike pairs of records are, and where the line between one person and two was drawn: for `link_quality`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from linkage.release.charts.drawing import Drawing
from linkage.release.charts.picture import Picture
from linkage.release.table_lines import lines_of
from linkage.release.telling import tell
from schemas import Cell, ReleaseTable
from schemas.table_columns import Kind

_WIDTH, _LEFT, _EDGE = 560, 62, 14
_TOP, _BARS, _FOOT = 40, 190, 44
_STUB = 14
TOPIC = "score"


class _Bin(NamedTuple):
    low: float
    high: float
    pairs: Cell


def draw_scores(table: ReleaseTable, threshold: float | None) -> Picture | None:
    """Pairs of records by their score, on a logarithmic scale, with the threshold; None where the table has none.

    Args:
        table: a `link_quality` table.
        threshold: the score at and over which records may be one person; None where it is not known.
    """
    bins = _bins(table)
    if not bins:
        return None
    drawing = Drawing(table.name, "Pairs of records by how alike they are")
    low, high = bins[0].low, bins[-1].high
    top = max(1, math.ceil(math.log10(max((float(one.pairs.value or 0) for one in bins), default=1) or 1)))
    _grid(drawing, top)
    across = (_WIDTH - _LEFT - _EDGE) / (high - low)
    for one in bins:
        _bar(drawing, one, _LEFT + (one.low - low) * across, (one.high - one.low) * across, _BARS / top)
    _axis(drawing, bins, across)
    if threshold is not None and low <= threshold <= high:
        x = _LEFT + (threshold - low) * across
        drawing.line((x, _TOP - 12), (x, _TOP + _BARS), "mark")
        anchor = "start" if threshold < (low + high) / 2 else "end"
        drawing.text(x + (6 if anchor == "start" else -6), _TOP - 4, f"threshold {threshold:.3g}", "halo", anchor)
    told = "; ".join(f"{one.low:g} to {one.high:g}: {tell(one.pairs, Kind.COUNT)}" for one in bins)
    caption = (
        "Each bar is a number of pairs of records; each line across is ten times the one below. Right of the "
        "threshold pairs may be one person, left of it they are two. Hatched: not shown."
    )
    svg = drawing.finish(_WIDTH, _TOP + _BARS + _FOOT, told)
    return Picture(table.name, "Pairs of records by how alike they are", caption, [svg])


def _bins(table: ReleaseTable) -> list[_Bin]:
    found = []
    for line in lines_of(table):
        if line.keys["topic"] == TOPIC:
            low, _, high = line.keys["category"].partition("-")
            found.append(_Bin(float(low), float(high), line.cells["count"]))
    return sorted(found)


def _grid(drawing: Drawing, top: int) -> None:
    drawing.text(_EDGE, 18, "pairs of records", "small faint")
    for decade in range(top + 1):
        y = _TOP + _BARS * (1 - decade / top)
        drawing.line((_LEFT, y), (_WIDTH - _EDGE, y), "grid")
        drawing.text(_LEFT - 6, y + 4, f"{10**decade:,}", "small faint", "end")


def _bar(drawing: Drawing, one: _Bin, x: float, wide: float, decade: float) -> None:
    told = f"{one.low:g} to {one.high:g}: {tell(one.pairs, Kind.COUNT)}"
    base, gap = _TOP + _BARS, min(1.0, wide / 6)
    if one.pairs.value is None:
        drawing.hidden_box(x + gap, base - _STUB, wide - 2 * gap, _STUB, told)
    elif one.pairs.value > 0:
        high = max(math.log10(float(one.pairs.value)) * decade, 1)
        drawing.box(x + gap, base - high, wide - 2 * gap, high, "bar", told)


def _axis(drawing: Drawing, bins: Sequence[_Bin], across: float) -> None:
    base, low = _TOP + _BARS, bins[0].low
    drawing.line((_LEFT, base), (_WIDTH - _EDGE, base), "axis")
    for tenth in range(math.ceil(low * 10 - 1e-9), math.floor(bins[-1].high * 10 + 1e-9) + 1):
        drawing.text(_LEFT + (tenth / 10 - low) * across, base + 18, f"{tenth / 10:g}", "small faint", "middle")
    drawing.text(
        (_LEFT + _WIDTH - _EDGE) / 2,
        base + 36,
        "score: 1 is the same, 0 has nothing in common",
        "small faint",
        "middle",
    )
