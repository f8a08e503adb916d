"""What every chart is drawn with: an SVG of elements, never of text, so that names are escaped by construction.

No script, no font of its own. Colours come from `palette.py` by class. A `Drawing` has a title and a description for
who cannot see it, and hatches what is hidden.
"""

from __future__ import annotations

from copy import deepcopy
from xml.etree.ElementTree import Element, SubElement, tostring  # writes only: nothing is parsed

from linkage.release.palette import SHADES, STATE_COLOURS, palette_css
from linkage.release.telling import tell
from schemas import Cell, Status
from schemas.table_columns import Kind

SIZE, SMALL = 13, 12
"""Sizes of text in px."""
STUB = 22  # px: how long a hidden bar is drawn, whatever its count
_LETTER = 0.58  # em: a wide average of letters and digits in the sans-serif fonts that browsers have
_DIGITS = 1  # decimals of a px: more cannot be seen
_TILES = ("", "dots", "lines", "posts", "grid", "checks", "rings", "dashes")
"""Patterns over the states' colours, in their order."""

_TEXTS = "\n".join(f".chart .on-{at} {{ fill: var(--on-{at}); }}" for at in range(SHADES))
_SHADES = "\n".join(f".chart .heat-{at} {{ fill: var(--heat-{at}); }}" for at in range(SHADES))
STYLE = f"""
{palette_css(".chart")}
.chart {{ font: {SIZE}px system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }}
.chart text {{ fill: var(--ink); }}
.chart .small {{ font-size: {SMALL}px; font-variant-numeric: tabular-nums; }}
.chart .head {{ font-weight: 600; }}
.chart .faint {{ fill: var(--faint); }}
.chart .halo {{ stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; paint-order: stroke; }}
.chart .paper {{ fill: var(--paper); }}
.chart .stripe {{ fill: var(--stripe); }}
.chart .bar, .chart .in {{ fill: var(--mark); }}
.chart .soft {{ fill: var(--soft); stroke: var(--mark); }}
.chart .out {{ fill: var(--paper); stroke: var(--edge); stroke-width: 1.2; }}
.chart .join {{ stroke: var(--mark); stroke-width: 3; }}
.chart .axis {{ stroke: var(--edge); }}
.chart .grid {{ stroke: var(--line); }}
.chart .mark {{ stroke: var(--ink); stroke-width: 2; fill: none; }}
.chart .point {{ fill: var(--ink); }}
.chart .hidden {{ stroke: var(--edge); stroke-dasharray: 3 2; }}
.chart .hatch {{ stroke: var(--edge); stroke-width: 1.5; }}
.chart .tile {{ stroke: var(--paper); stroke-width: 1.4; fill: none; }}
.chart .frame {{ fill: none; stroke: var(--edge); stroke-width: .8; }}
.chart .ribbon {{ fill-opacity: .5; }}
.chart .rest {{ fill: var(--stripe); stroke: var(--edge); }}
{_SHADES}
{_TEXTS}
"""


def text_width(text: str, size: int = SIZE) -> float:
    """About how wide a text is, in px: rather too wide than too narrow."""
    return len(text) * size * _LETTER


def shortened(text: str, letters: int) -> str:
    """A name cut to so many letters; what is cut stands in the table."""
    return text if len(text) <= letters else text[: letters - 1] + "…"


class Drawing:
    """A picture that is being drawn. Lengths in px of its own size, x to the right, y down.

    Args:
        name: makes the ids of its parts different from those of other pictures on a page.
        title: one line; a browser shows it, a screen reader says it.
    """

    def __init__(self, name: str, title: str) -> None:
        self.name = name
        labels = {"role": "img", "aria-labelledby": f"{name}-title {name}-desc", "class": "chart"}
        self.svg = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **labels})
        SubElement(self.svg, "title", {"id": f"{name}-title"}).text = title
        self._desc = SubElement(self.svg, "desc", {"id": f"{name}-desc"})
        self._defs = SubElement(self.svg, "defs")
        self._paper = SubElement(self.svg, "rect", {"class": "paper"})

    def finish(self, width: float, height: float, description: str) -> Element:
        """The picture, of this size.

        Args:
            width, height: in px.
            description: what it shows, with its numbers.
        """
        size = {"width": str(round(width)), "height": str(round(height))}
        self.svg.attrib |= {"viewBox": f"0 0 {round(width)} {round(height)}", **size}
        self._paper.attrib |= size
        self._desc.text = description
        return self.svg

    def text(self, x: float, y: float, text: str, look: str = "", anchor: str = "start", turn: float = 0) -> None:
        """Write a text; `turn` is in degrees, clockwise."""
        place = {"x": _px(x), "y": _px(y), "class": look, "text-anchor": anchor}
        if turn:
            place["transform"] = f"rotate({turn:g} {_px(x)} {_px(y)})"
        SubElement(self.svg, "text", place).text = text

    def box(self, x: float, y: float, width: float, height: float, look: str, told: str = "") -> Element:
        """Draw a rectangle; `told` is said where a pointer rests on it."""
        size = {"x": _px(x), "y": _px(y), "width": _px(width), "height": _px(height), "class": look}
        return _telling(SubElement(self.svg, "rect", size), told)

    def hidden_box(self, x: float, y: float, width: float, height: float, told: str = "") -> Element:
        """Draw what is not shown: hatched, with a broken edge."""
        box = self.box(x, y, width, height, "hidden", told)
        box.set("fill", self._hatch())
        return box

    def line(self, start: tuple[float, float], end: tuple[float, float], look: str) -> None:
        """Draw a line."""
        ends = {"x1": _px(start[0]), "y1": _px(start[1]), "x2": _px(end[0]), "y2": _px(end[1])}
        SubElement(self.svg, "line", {**ends, "class": look})

    def dot(self, x: float, y: float, radius: float, look: str) -> None:
        """Draw a disc."""
        SubElement(self.svg, "circle", {"cx": _px(x), "cy": _px(y), "r": _px(radius), "class": look})

    def shape(self, corners: str, look: str, told: str = "") -> Element:
        """Draw an SVG path."""
        return _telling(SubElement(self.svg, "path", {"d": corners, "class": look}), told)

    def bar(self, x: float, y: float, length: float, height: float, cell: Cell, look: str, told: str) -> None:
        """Draw a bar to the right with its number at the end; a hidden one as a hatched stub with its mark."""
        number = tell(cell, Kind.COUNT)
        if cell.status is Status.NOT_APPLICABLE:
            length = 0
        elif cell.value is None:
            length = STUB
            self.hidden_box(x, y, length, height, f"{told}: {number}")
        else:
            self.box(x, y, length, height, look, f"{told}: {number}")
        self.text(x + length + 5, y + height / 2 + 4, number, "small")

    def plain(self, state: int) -> str:
        """The colour of a state (its number), without its pattern."""
        return f"var(--state-{state % STATE_COLOURS})"

    def paint(self, states: tuple[int, ...]) -> str:
        """The fill of a state, or of several at once: stripes of their colours."""
        if len(states) > 1:
            stripes = [_tile_box(self.plain(state), 6 * at, 6, 10) for at, state in enumerate(states)]
            return self._pattern(f"mix-{'-'.join(map(str, states))}", (6 * len(states), 10), stripes)
        state = states[0]
        tile = _TILES[(state + state // STATE_COLOURS) % len(_TILES)]
        return self.tiled(tile, f"state-{state % STATE_COLOURS}")

    def tiled(self, tile: str, colour: str) -> str:
        """The fill of a colour (a name of the palette) under a pattern; "" is no pattern."""
        if not tile:
            return f"var(--{colour})"
        lines = Element("path", {"d": _TILE_SHAPES[tile], "class": "tile"})
        return self._pattern(f"{tile}-{colour}", (8, 8), [_tile_box(f"var(--{colour})", 0, 8, 8), lines])

    def _hatch(self) -> str:
        line = Element("line", {"x1": "0", "y1": "0", "x2": "0", "y2": "6", "class": "hatch"})
        return self._pattern("hatch", (6, 6), [_tile_box("var(--paper)", 0, 6, 6), line], patternTransform="rotate(45)")

    def _pattern(self, name: str, size: tuple[int, int], parts: list[Element], **more: str) -> str:
        """The fill of a pattern, which is put among the definitions once."""
        name = f"{self.name}-{name}"
        if self._defs.find(f"pattern[@id='{name}']") is None:
            edges = {"width": str(size[0]), "height": str(size[1]), "patternUnits": "userSpaceOnUse", **more}
            SubElement(self._defs, "pattern", {"id": name, **edges}).extend(parts)
        return f"url(#{name})"


def _tile_box(fill: str, x: int, width: int, height: int) -> Element:
    return Element("rect", {"x": str(x), "width": str(width), "height": str(height), "fill": fill})


_TILE_SHAPES = {
    "dots": "M1 2h2M5 6h2",
    "lines": "M0 2h8M0 6h8",
    "posts": "M2 0v8M6 0v8",
    "grid": "M0 4h8M4 0v8",
    "checks": "M0 2h4M4 6h4M0 0.8h4M4 4.8h4",
    "rings": "M2 4a2 2 0 1 0 4 0a2 2 0 1 0-4 0",
    "dashes": "M1 4h6",
}
"""Lines of a tile of 8 by 8 px. None is slanted: slanted lines are for what is hidden."""


def svg_bytes(svg: Element) -> bytes:
    """An SVG as a file: UTF-8 with an XML declaration."""
    return bytes(tostring(svg, encoding="UTF-8", xml_declaration=True)) + b"\n"


def picture_bytes(svg: Element) -> bytes:
    """A drawing as a file of its own, with its style in it."""
    alone = deepcopy(svg)
    style = Element("style")
    style.text = STYLE
    alone.insert(2, style)  # behind title and description, which have to come first
    return svg_bytes(alone)


def _px(length: float) -> str:
    return f"{round(length, _DIGITS):g}"


def _telling(element: Element, told: str) -> Element:
    if told:
        SubElement(element, "title").text = told
    return element
