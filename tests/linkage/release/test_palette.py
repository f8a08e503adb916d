"""Everything can be read: contrasts of both palettes and of print, as WCAG 2.2 defines them."""

from __future__ import annotations

from itertools import combinations

import pytest

from linkage.release.palette import DARK, LIGHT, PRINT, SHADES, STATE_COLOURS, Palette, palette_css

TEXT, MARK = 4.5, 3.0  # WCAG 2.2: 1.4.3 contrast of text, 1.4.11 of graphics
PALETTES = pytest.mark.parametrize("palette", [LIGHT, DARK, PRINT], ids=["light", "dark", "print"])


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_measure_is_the_standard_s() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@PALETTES
@pytest.mark.parametrize("ink", ["ink", "faint", "mark"])
@pytest.mark.parametrize("under", ["paper", "stripe"])
def test_text_can_be_read_on_the_page(palette: Palette, ink: str, under: str) -> None:
    assert contrast(palette[ink], palette[under]) >= TEXT


@PALETTES
@pytest.mark.parametrize("shade", range(SHADES))
def test_numbers_can_be_read_on_every_shade(palette: Palette, shade: int) -> None:
    assert contrast(palette[f"on-{shade}"], palette[f"heat-{shade}"]) >= TEXT


@PALETTES
@pytest.mark.parametrize("name", ["mark", "edge", *(f"state-{at}" for at in range(STATE_COLOURS))])
def test_marks_can_be_seen_on_the_page(palette: Palette, name: str) -> None:
    assert contrast(palette[name], palette["paper"]) >= MARK


@PALETTES
def test_shades_go_one_way(palette: Palette) -> None:
    steps = [luminance(palette[f"heat-{at}"]) for at in range(SHADES)]
    assert steps in (sorted(steps), sorted(steps, reverse=True))


@PALETTES
def test_no_two_states_have_one_colour(palette: Palette) -> None:
    assert all(palette[f"state-{a}"] != palette[f"state-{b}"] for a, b in combinations(range(STATE_COLOURS), 2))


def test_paper_is_never_dark() -> None:
    assert "@media screen and (prefers-color-scheme: dark)" in palette_css(":root")
