"""The colours of pictures and the report: on a light page, a dark one and on paper, as CSS variables.

Nothing is told by colour alone: states have a pattern too, hidden cells are hatched, and every number is in a table.
`tests/linkage/release/test_palette.py` computes the contrasts (WCAG 2.2: text 4.5:1, marks 3:1).
"""

from __future__ import annotations

from collections.abc import Mapping

Palette = Mapping[str, str]

SHADES = 5
"""Steps of the scale of a heat matrix, from little to much."""
STATE_COLOURS = 8

_STATES = ("#1f6f8b", "#b3541e", "#557a24", "#7a4fa3", "#957000", "#b03a6f", "#4a5f9e", "#6a6a6a")
_STATES_DARK = ("#63b3cf", "#f0995f", "#a3c76d", "#bd9be0", "#e3c04f", "#ef8fb8", "#93a9e8", "#b5b5b5")
_HEAT = ("#e9f2f5", "#c9e1e9", "#a1ccda", "#74b2c6", "#1b5e76")
_HEAT_DARK = ("#1e2c36", "#21414f", "#28586b", "#62adc8", "#a8deef")
_INK, _INK_DARK = "#1b2733", "#e6ebf0"


def _numbered(name: str, colours: tuple[str, ...]) -> dict[str, str]:
    return {f"{name}-{at}": colour for at, colour in enumerate(colours)}


LIGHT: Palette = {
    "ink": _INK,
    "faint": "#556371",
    "line": "#d5dce2",
    "edge": "#82909d",
    "paper": "#ffffff",
    "stripe": "#f1f4f6",
    "mark": "#1f6f8b",
    "soft": "#b9d6df",
    **_numbered("heat", _HEAT),
    **_numbered("on", (_INK, _INK, _INK, _INK, "#ffffff")),
    **_numbered("state", _STATES),
}
DARK: Palette = {
    "ink": _INK_DARK,
    "faint": "#a3b0bc",
    "line": "#44525f",
    "edge": "#7d8b98",
    "paper": "#151c22",
    "stripe": "#1d262e",
    "mark": "#63b3cf",
    "soft": "#2f5566",
    **_numbered("heat", _HEAT_DARK),
    **_numbered("on", (_INK_DARK, _INK_DARK, _INK_DARK, "#10171c", "#10171c")),
    **_numbered("state", _STATES_DARK),
}
PRINT: Palette = {
    **LIGHT,
    "ink": "#000000",
    "faint": "#444444",
    "line": "#bbbbbb",
    "edge": "#666666",
    "stripe": "#f3f3f3",
}


def palette_css(selector: str) -> str:
    """The variables of all three palettes for the elements of a CSS selector."""

    def rule(palette: Palette) -> str:
        return f"{selector} {{ {' '.join(f'--{name}: {colour};' for name, colour in palette.items())} }}"

    dark = f"@media screen and (prefers-color-scheme: dark) {{ {rule(DARK)} }}"
    return f"{rule(LIGHT)}\n{dark}\n@media print {{ {rule(PRINT)} }}"
