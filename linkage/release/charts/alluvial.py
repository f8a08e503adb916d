"""Alluvial: how people go from state to state, step by step, for `ordered_pathway` and `sequence_pathway`.

A node is a state at a step, so that A > B > A runs through three nodes and never back: there are no cycles (Sankey
diagrams of states would have them). Everything is drawn from published counts alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from linkage.release.charts.drawing import STUB, Drawing, shortened, text_width
from linkage.release.charts.picture import Picture
from linkage.release.telling import listed, tell
from schemas import Cell, ReleaseTable
from schemas.pathway_text import read_path
from schemas.table_columns import Kind

MOST_PATHWAYS = 60  # the largest; the others are drawn with the rest
_NODE, _COLUMN = 14, 178  # width of a node; from one step to the next
_PEOPLE = 430  # height of everybody
_LABEL, _GAP = 15, 5  # height of a node's label; between nodes
_EDGE, _TOP = 14, 44
_NAME = 20  # letters
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")

Steps = tuple[tuple[str, ...], ...]
"""Each step's states."""
Node = tuple[int, tuple[str, ...]]
"""A step (from 0) and the states of it."""


@dataclass
class _Flows:
    """People by node and by link between nodes of neighbouring steps."""

    nodes: dict[Node, float] = field(default_factory=lambda: defaultdict(float))
    links: dict[tuple[Node, Node], float] = field(default_factory=lambda: defaultdict(float))

    def add(self, steps: Steps, people: float) -> None:
        path = list(enumerate(steps))
        for at, node in enumerate(path):
            self.nodes[node] += people
            if at:
                self.links[path[at - 1], node] += people

    def steps(self) -> int:
        return max((step for step, _ in self.nodes), default=-1) + 1

    def column(self, step: int) -> list[Node]:
        """The nodes of a step: states in name order, then those of several at once."""
        return sorted((node for node in self.nodes if node[0] == step), key=lambda node: (len(node[1]), node[1]))


def draw_alluvial(table: ReleaseTable, pooled: str) -> Picture:
    """The picture of a table of pathways.

    Args:
        table: as released.
        pooled: the text of the row that has the rare pathways.
    """
    rest = next((cells[0] for keys, cells in table.rows if keys[0] == pooled), None)
    named = [(read_path(keys[0]), cells[0]) for keys, cells in table.rows if keys[0] != pooled]
    shown = sorted(((steps, float(c.value)) for steps, c in named if c.value), key=lambda one: -one[1])
    flows, small = _Flows(), sum(people for _, people in shown[MOST_PATHWAYS:])
    for steps, people in shown[:MOST_PATHWAYS]:
        flows.add(steps, people)
    drawing = Drawing(table.name, table.title)
    everybody = sum(people for _, people in shown) + float(rest.value or 0 if rest else 0)
    places = _places(flows, _PEOPLE / max(everybody, 1))
    _heads(drawing, flows.steps())
    colours = {name: at for at, name in enumerate(sorted({name for _, names in flows.nodes for name in names}))}
    _ribbons(drawing, flows, places, colours)
    _nodes(drawing, flows, places, colours)
    bottom = max((top + high for _, top, high in places.values()), default=_TOP)
    bottom = _rests(drawing, bottom, _PEOPLE / max(everybody, 1), (small, rest, pooled))
    labels = max((text_width(_label(node, 0)) for node in flows.nodes), default=0)
    width = _EDGE + _COLUMN * max(flows.steps() - 1, 0) + _NODE + 40 + max(labels, 120)
    hidden = sum(cell.value is None for _, cell in named)
    svg = drawing.finish(width, bottom + _EDGE, _description(shown, rest, pooled, hidden))
    return Picture(table.name, table.title, _caption(hidden, len(shown)), [svg])


def _caption(hidden: int, shown: int) -> str:
    more = f" {hidden} pathways are not shown and not drawn." if hidden else ""
    cut = f" The {MOST_PATHWAYS} most taken of {shown} are drawn one by one." if shown > MOST_PATHWAYS else ""
    return (
        "Read from left to right: each block is the people who were there at that step, each band those who went "
        f"on to the next. Where no band leaves a block, people went no further.{cut}{more}"
    )


def _description(shown: Sequence[tuple[Steps, float]], rest: Cell | None, pooled: str, hidden: int) -> str:
    told = [f"{', then '.join(listed(list(step)) for step in steps)}: {people:,.0f}" for steps, people in shown]
    if rest is not None:
        told.append(f"{pooled}: {tell(rest, Kind.COUNT)}")
    return f"People by pathway. {'; '.join(told) or 'None is shown'}. Not shown: {hidden}."


Places = Mapping[Node, tuple[float, float, float]]
"""Where each node is: x, y, height."""


def _places(flows: _Flows, scale: float) -> dict[Node, tuple[float, float, float]]:
    found: dict[Node, tuple[float, float, float]] = {}
    for step in range(flows.steps()):
        y = float(_TOP)
        for node in flows.column(step):
            high = max(flows.nodes[node] * scale, 1.0)
            found[node] = (_EDGE + _COLUMN * step, y, high)
            y += max(high, _LABEL) + _GAP
    return found


def _heads(drawing: Drawing, steps: int) -> None:
    for step in range(steps):
        drawing.text(_EDGE + _COLUMN * step, 24, _ORDINALS[step] if step < len(_ORDINALS) else f"{step + 1}th", "head")


def _ribbons(drawing: Drawing, flows: _Flows, places: Places, colours: Mapping[str, int]) -> None:
    """Bands from node to node; at both ends in the order of the nodes at the other end, so that few cross."""
    used_out: dict[Node, float] = defaultdict(float)
    used_in: dict[Node, float] = defaultdict(float)
    order = {node: place[1] for node, place in places.items()}
    for (start, end), people in sorted(flows.links.items(), key=lambda one: (order[one[0][0]], order[one[0][1]])):
        x0, y0, high0 = places[start]
        x1, y1, high1 = places[end]
        wide0, wide1 = high0 * people / flows.nodes[start], high1 * people / flows.nodes[end]
        top0, top1 = y0 + used_out[start], y1 + used_in[end]
        used_out[start] += wide0
        used_in[end] += wide1
        left, right = x0 + _NODE, x1
        middle = (left + right) / 2
        told = f"{listed(list(start[1]))}, then {listed(list(end[1]))}: {people:,.0f}"
        corners = (
            f"M{left:.1f} {top0:.1f}C{middle:.1f} {top0:.1f} {middle:.1f} {top1:.1f} {right:.1f} {top1:.1f}"
            f"V{top1 + wide1:.1f}C{middle:.1f} {top1 + wide1:.1f} {middle:.1f} {top0 + wide0:.1f} "
            f"{left:.1f} {top0 + wide0:.1f}Z"
        )
        drawing.shape(corners, "ribbon", told).set("fill", drawing.plain(colours[start[1][0]]))


def _nodes(drawing: Drawing, flows: _Flows, places: Places, colours: Mapping[str, int]) -> None:
    for node, (x, y, high) in places.items():
        told = f"{_ORDINALS[min(node[0], 9)]}, {listed(list(node[1]))}: {flows.nodes[node]:,.0f}"
        box = drawing.box(x, y, _NODE, high, "", told)
        box.set("fill", drawing.paint(tuple(colours[name] for name in node[1])))
        middle = y + max(high, _LABEL) / 2 if high < _LABEL else y + high / 2
        drawing.text(x + _NODE + 5, middle + 4, _label(node, flows.nodes[node]), "small halo")


def _label(node: Node, people: float) -> str:
    return f"{shortened('+'.join(node[1]), _NAME)} {people:,.0f}"


def _rests(drawing: Drawing, y: float, scale: float, rests: tuple[float, Cell | None, str]) -> float:
    """Blocks of the pathways that are not drawn one by one; gives back the y under them."""
    small, rest, pooled = rests
    blocks = [(Cell(round(small)), f"other pathways of the table, beyond the largest {MOST_PATHWAYS}")] if small else []
    if rest is not None:
        blocks.append((rest, pooled))
    for cell, name in blocks:
        y += 3 * _GAP
        high = max(float(cell.value) * scale, 4) if cell.value is not None else STUB
        told = f"{name}: {tell(cell, Kind.COUNT)}"
        if cell.value is None:
            drawing.hidden_box(_EDGE, y, _NODE, high, told)
        else:
            drawing.box(_EDGE, y, _NODE, high, "rest", told)
        drawing.text(_EDGE + _NODE + 5, y + high / 2 + 4, f"{name} {tell(cell, Kind.COUNT)}", "small")
        y += high
    return y
