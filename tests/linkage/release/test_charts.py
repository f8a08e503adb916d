"""Every picture: well-formed, without script, with a title and a description, hatched where something is hidden."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from linkage.release.charts.alluvial import draw_alluvial
from linkage.release.charts.drawing import picture_bytes
from linkage.release.charts.gallery import Scene, draw_pictures
from linkage.release.charts.histograms import draw_dwell
from linkage.release.charts.scores import draw_scores
from linkage.release.scale import bands_in_order, read_band, round_steps
from schemas import Cell, ReleaseTable, Status
from schemas.tables import HIDDEN
from tests.linkage.release.examples import every_table, table
from tests.linkage.release.svg import SVG, hatched, parsed, texts

DRAWN = sorted(set(every_table()) - {"contains_path", "coverage_estimate"})


def pictures(tables: dict[str, ReleaseTable]) -> dict[str, ET.Element]:
    drawn = draw_pictures(Scene(tables, True, 0.68))
    return {name: parsed(picture_bytes(picture.whole())) for name, picture in drawn.items()}


@pytest.fixture(scope="module")
def drawn() -> dict[str, ET.Element]:
    return pictures(every_table())


def with_cells(one: ReleaseTable, cell: Cell) -> ReleaseTable:
    """A table all of whose cells are this one."""
    return replace(one, rows=[(keys, tuple(cell for _ in cells)) for keys, cells in one.rows])


def test_every_table_but_two_has_a_picture(drawn: dict[str, ET.Element]) -> None:
    assert sorted(drawn) == DRAWN


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_says_what_it_is(drawn: dict[str, ET.Element], name: str) -> None:
    svg = drawn[name]
    named = (svg.get("aria-labelledby") or "").split()
    assert [svg.find(f".//*[@id='{one}']").tag for one in named] == [f"{SVG}title", f"{SVG}desc"]
    assert svg.get("role") == "img"
    for panel in svg.iter(f"{SVG}svg"):
        assert len(panel.findtext(f"{SVG}title") or "") > 3
        assert len(panel.findtext(f"{SVG}desc") or "") > 20


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_runs_and_loads_nothing(drawn: dict[str, ET.Element], name: str) -> None:
    tags = {one.tag.removeprefix(SVG) for one in drawn[name].iter()}
    assert tags <= {"svg", "title", "desc", "style", "defs", "pattern", "rect", "line", "circle", "path", "text"}
    attributes = {key for one in drawn[name].iter() for key in one.attrib}
    assert not [key for key in attributes if key.startswith("on") or "href" in key]


@pytest.mark.parametrize("name", DRAWN)
def test_an_id_is_there_once_and_every_pattern_that_is_used_is_there(drawn: dict[str, ET.Element], name: str) -> None:
    ids = [one.get("id") for one in drawn[name].iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    used = {match for one in drawn[name].iter() for match in re.findall(r"url\(#(.+?)\)", one.get("fill") or "")}
    assert used <= set(ids)


@pytest.mark.parametrize("name", DRAWN)
def test_what_is_hidden_is_hatched_and_never_a_zero(name: str) -> None:
    """With everything hidden there is a hatch, and no number is drawn that a hidden cell could be."""
    svg = pictures({name: with_cells(every_table()[name], HIDDEN)})[name]
    assert hatched(svg)
    assert "0" not in texts(svg) or name in {"flow_by_period", "dwell", "lag"}  # a scale; a band of 0 days
    assert not [text for text in texts(svg) if "0 (" in text or "0.0%" in text]


@pytest.mark.parametrize("name", DRAWN)
def test_without_hidden_cells_nothing_is_hatched(name: str) -> None:
    assert not hatched(pictures({name: with_cells(every_table()[name], Cell(40))})[name])


@pytest.mark.parametrize("name", DRAWN)
def test_everything_is_zero_is_a_picture_too(name: str) -> None:
    assert name in pictures({name: with_cells(every_table()[name], Cell(0))})


@pytest.mark.parametrize("name", DRAWN)
def test_no_text_leaves_the_picture(drawn: dict[str, ET.Element], name: str) -> None:
    """Numbers and names stay inside, by a cautious guess of their width."""
    for panel in [drawn[name]] if drawn[name].find(f"{SVG}svg") is None else drawn[name].findall(f"{SVG}svg"):
        width, height = float(panel.get("width", "0")), float(panel.get("height", "0"))
        for text in panel.iter(f"{SVG}text"):
            if text.get("transform") is None:
                wide = len(text.text or "") * 6.6
                left = (
                    float(text.get("x", "0"))
                    - wide * {"start": 0, "middle": 0.5, "end": 1}[text.get("text-anchor", "")]
                )
                assert left > -6, (name, text.text)
                assert left + wide < width + 6, (name, text.text)
                assert float(text.get("y", "0")) <= height


def pathways(rest: Cell | None, **people: int | None) -> ReleaseTable:
    rows = [((name.replace("_", ">"),), (HIDDEN if n is None else Cell(n),)) for name, n in people.items()]
    return table("sequence_pathway", [*rows, *([(("other pathways",), (rest,))] if rest else [])])


def told(svg: ET.Element, look: str) -> list[str]:
    found = (shape for tag in ("path", "rect") for shape in svg.iter(f"{SVG}{tag}") if shape.get("class") == look)
    return [shape.findtext(f"{SVG}title") or "" for shape in found]


def alluvial(given: ReleaseTable) -> ET.Element:
    return parsed(picture_bytes(draw_alluvial(given, "other pathways").whole()))


def test_a_way_back_runs_through_three_nodes_and_never_backwards() -> None:
    svg = alluvial(pathways(None, a_b_a=30))
    assert [text for text in texts(svg) if text.endswith(" 30")] == ["a 30", "b 30", "a 30"]
    for shape in svg.iter(f"{SVG}path"):
        if shape.get("class") == "ribbon":
            start, end = re.findall(r"M([\d.]+) .*? ([\d.]+) [\d.]+V", shape.get("d", ""))[0]
            assert float(start) < float(end)


def test_bands_are_the_people_who_went_on() -> None:
    svg = alluvial(pathways(Cell(44), a=50, a_b=30, c_b=20, a_b_c=11))
    assert sorted(told(svg, "ribbon")) == ["a, then b: 41", "b, then c: 11", "c, then b: 20"]
    assert "a 91" in texts(svg)


def test_the_rest_is_drawn_or_hatched() -> None:
    assert told(alluvial(pathways(Cell(44), a=50)), "rest") == ["other pathways: 44"]
    assert len(hatched(alluvial(pathways(HIDDEN, a=50)))) == 1


def test_a_hidden_pathway_is_left_out_and_the_caption_says_so() -> None:
    picture = draw_alluvial(pathways(Cell(44), a=50, a_b=None), "other pathways")
    assert "1 pathways are not shown" in picture.caption
    assert told(parsed(picture_bytes(picture.whole())), "ribbon") == []


def test_a_cut_pathway_ends_in_a_node_of_its_own() -> None:
    assert "… 25" in texts(alluvial(pathways(None, **{"a_b_c_d_e_…": 25})))


def test_the_median_is_marked_inside_its_band() -> None:
    none = Cell(None, Status.NOT_APPLICABLE)
    rows = [(("a", band), (Cell(20), *(none,) * 4)) for band in ("0", "1-7", "8-30", "31+")]
    rows.append((("a", "all"), (Cell(80), Cell(0), Cell(1), Cell(8), Cell(31))))
    svg = parsed(picture_bytes(draw_dwell(table("dwell", rows)).whole()))
    (point,) = (dot for dot in svg.iter(f"{SVG}circle") if dot.get("class") == "point")
    bars = [box for box in svg.iter(f"{SVG}rect") if box.get("class") == "bar"]
    x, left = float(point.get("cx", "")), float(bars[2].get("x", "")) - 2
    assert left <= x <= left + 10


def test_the_threshold_stands_at_its_score() -> None:
    rows = [(("score", "all members", f"0.{n}-0.{n + 1}"), (Cell(100), Cell(0.1))) for n in (5, 6, 7, 8)]
    picture = draw_scores(table("link_quality", rows), 0.7)
    assert picture is not None
    svg = parsed(picture_bytes(picture.whole()))
    (mark,) = (line for line in svg.iter(f"{SVG}line") if line.get("class") == "mark")
    bars = [box for box in svg.iter(f"{SVG}rect") if box.get("class") == "bar"]
    assert float(mark.get("x1", "")) == pytest.approx(float(bars[2].get("x", "")), abs=1.5)
    assert "threshold 0.7" in texts(svg)


def test_a_table_of_other_topics_has_no_picture_of_scores() -> None:
    assert draw_scores(table("link_quality", [(("linked", "a", "yes"), (Cell(100), Cell(0.1)))]), 0.7) is None


@pytest.mark.parametrize(("most", "steps"), [(0, [0, 1]), (1, [0, 1]), (7, [0, 2, 4, 6, 8]), (230, [0, 100, 200, 300])])
def test_scales_have_round_numbers_up_to_the_most(most: float, steps: list[int]) -> None:
    assert round_steps(most, 4) == steps


def test_bands_are_read_and_put_in_order() -> None:
    assert list(bands_in_order(["731+", "all", "15-30", "0", "8-30", "1-7"])) == ["0", "1-7", "8-30", "15-30", "731+"]
    band = read_band("8-30")
    assert band is not None
    assert [band.place(days) for days in (7, 8, 30.9, 31)] == [None, 0, pytest.approx(22.9 / 23), None]
