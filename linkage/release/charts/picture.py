"""A picture of a table: one drawing, or several small ones that a page sets side by side."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from linkage.release.charts.drawing import Drawing

_COLUMNS = 3  # of small drawings in a file
_GAP = 16


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture of a table.

    Attributes:
        name: of the table.
        title: one line.
        caption: how to read it.
        panels: its drawings; at least one.
    """

    name: str
    title: str
    caption: str
    panels: Sequence[Element]

    def whole(self) -> Element:
        """The picture as one drawing: its panels in rows."""
        if len(self.panels) == 1:
            return self.panels[0]
        drawing = Drawing(self.name, self.title)
        wide = max(int(panel.get("width", "0")) for panel in self.panels) + _GAP
        y, width = _GAP, 0
        for first in range(0, len(self.panels), _COLUMNS):
            row = self.panels[first : first + _COLUMNS]
            for at, panel in enumerate(row):
                inside = deepcopy(panel)
                inside.attrib |= {"x": str(_GAP + at * wide), "y": str(y)}
                drawing.svg.append(inside)
            y += max(int(panel.get("height", "0")) for panel in row) + _GAP
            width = max(width, _GAP + len(row) * wide)
        return drawing.finish(width, y, self.caption)
