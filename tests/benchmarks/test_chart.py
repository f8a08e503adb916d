"""The picture of the benchmarks: well-formed, complete, readable without colour, with the page's own numbers."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from benchmarks.chart import BEGIN, END, draw_rates, fill_page, table
from linkage.release.charts.drawing import svg_bytes

SVG = "{http://www.w3.org/2000/svg}"
RATES = {"scalar": 0.1e9, "avx2": 0.25e9, "anonlink": 0.1e9, "faiss": 0.05e9}


def document() -> dict[str, Any]:
    figures = [
        {
            "implementation": name,
            "ours": name in ("scalar", "avx2"),
            "xor_folds": folds,
            "threshold": threshold,
            "records": 5000,
            "pairs_per_second": rate * (1 + threshold),
            "ratio_to_anonlink": rate / RATES["anonlink"],
        }
        for folds, threshold in ((0, 0.7), (0, 0.9), (2, 0.66))
        for name, rate in RATES.items()
    ]
    about = {
        "processor": "Some <Processor>",
        "bits": 1024,
        "versions": {"anonlink": "1.0"},
        "data": [{"kind": "people"}],
    }
    return about | {"figures": figures}


@pytest.fixture
def svg() -> ET.Element:
    return ET.fromstring(svg_bytes(draw_rates(document())))  # noqa: S314 (our own bytes)


def marks(svg: ET.Element, look: str) -> list[ET.Element]:
    return [element for element in svg.iter() if element.get("class") == f"mark {look}"]


def test_every_implementation_is_named_in_the_picture(svg):
    texts = [text.text for text in svg.iter(f"{SVG}text")]
    assert {"waylink, scalar", "waylink, avx2", "anonlink", "faiss"} <= set(texts)


def test_every_figure_has_a_marker_and_every_name_one_more(svg):
    assert len(marks(svg, "ours")) == len(marks(svg, "peer")) == 2 * (3 + 1)


def test_implementations_differ_by_more_than_colour(svg):
    shapes = {(element.tag, len((element.get("points") or "").split())) for element in marks(svg, "ours")}
    assert len(shapes) == 2
    assert "stroke-dasharray" in (svg.findtext(f"{SVG}style") or "")


def test_a_higher_rate_is_drawn_higher(svg):
    circles = [float(mark.get("cy", "")) for mark in marks(svg, "ours") if mark.tag == f"{SVG}circle"]
    folded, low, high = circles[:3]
    assert high < low < folded


def test_ten_times_the_rate_is_as_far_up_wherever_it_is():
    ten_times = document()
    for figure in ten_times["figures"]:
        figure["pairs_per_second"] = 1e8 * 10 ** ("scalar", "avx2", "anonlink", "faiss").index(figure["implementation"])
    picture = ET.fromstring(svg_bytes(draw_rates(ten_times)))  # noqa: S314 (our own bytes)
    lines = [line.get("points", "").split() for line in picture.iter(f"{SVG}polyline") if line.get("class") != "grid"]
    heights = sorted({float(point.split(",")[1]) for line in lines for point in line})
    assert len({round(b - a) for a, b in pairwise(heights)}) == 1


def test_names_do_not_lie_on_each_other(svg):
    names = [
        float(t.get("y", "")) for t in svg.iter(f"{SVG}text") if (t.text or "").split(",")[0] in {"waylink", *RATES}
    ]
    assert min(b - a for a, b in pairwise(sorted(names))) >= 16


def test_folded_filters_are_not_joined_with_the_others(svg):
    lines = [line for line in svg.iter(f"{SVG}polyline") if line.get("class") in ("ours", "peer")]
    assert sorted(len(line.get("points", "").split()) for line in lines) == [1] * 4 + [2] * 4


def test_the_description_has_the_numbers(svg):
    assert "waylink, avx2: 0.415 at 0.66, 2 folds, 0.425 at 0.7, 0.475 at 0.9." in (svg.findtext(f"{SVG}desc") or "")


def test_the_picture_can_be_read_on_a_dark_page(svg):
    assert "prefers-color-scheme: dark" in (svg.findtext(f"{SVG}style") or "")


def test_the_table_has_every_figure_with_its_ratio():
    assert "| waylink, avx2 | 0.415 (2.5) | 0.425 (2.5) | 0.475 (2.5) |" in table(document())


def test_the_page_gets_its_figures_between_its_marks_and_nowhere_else():
    page = fill_page(f"before\n{BEGIN}\nearlier figures\n{END}\nafter\n", document(), "rates.svg")
    assert page.startswith(f"before\n{BEGIN}\n![")
    assert page.endswith(f"{END}\nafter\n")
    assert "earlier figures" not in page
    assert table(document()) in page


def test_filling_a_page_again_changes_nothing():
    once = fill_page(f"{BEGIN}{END}", document(), "rates.svg")
    assert fill_page(once, document(), "rates.svg") == once


def test_a_page_without_marks_is_refused():
    with pytest.raises(ValueError, match="has no"):
        fill_page("no marks", document(), "rates.svg")


def test_one_implementation_at_one_threshold_is_a_picture_too():
    alone = document() | {"figures": document()["figures"][:1]}
    assert len(marks(ET.fromstring(svg_bytes(draw_rates(alone))), "ours")) == 2  # noqa: S314 (our own bytes)
