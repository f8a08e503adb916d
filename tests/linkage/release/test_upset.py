"""The UpSet picture: complete, readable without colour, silent about what is hidden."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from linkage.release.charts.drawing import STUB, picture_bytes
from linkage.release.charts.upset import MOST_SETS, draw_upset
from schemas import Cell, ReleaseTable
from schemas.pathway_text import write_set
from schemas.tables import HIDDEN
from tests.linkage.release.svg import SVG, texts


def sets(**people: int | None) -> ReleaseTable:
    rows = [((name.replace("_", "+"),), (HIDDEN if n is None else Cell(n),)) for name, n in people.items()]
    return ReleaseTable("set_pathway", "People in sets", ("states",), ("people",), rows)


def drawn(table: ReleaseTable, totals: dict[str, Cell] | None = None) -> ET.Element:
    return ET.fromstring(picture_bytes(draw_upset(table, totals or {}).whole()))  # noqa: S314 (our own bytes)


def bars(svg: ET.Element) -> list[tuple[str, float]]:
    """The look and the length of the bars of the sets, from the top."""
    found = [box for box in svg.iter(f"{SVG}rect") if box.find(f"{SVG}title") is not None]
    return [(box.get("class", ""), float(box.get("width", ""))) for box in found]


def test_the_largest_set_is_drawn_first() -> None:
    lengths = [length for _, length in bars(drawn(sets(a=20, b=80, a_b=40)))]
    assert lengths == sorted(lengths, reverse=True)


def test_a_bar_is_as_long_as_its_people() -> None:
    lengths = [length for _, length in bars(drawn(sets(a=20, b=80)))]
    assert lengths[0] == 4 * lengths[1]


def test_totals_and_sets_have_one_scale() -> None:
    lengths = [length for _, length in bars(drawn(sets(a=50, b=30), {"a": Cell(100), "b": HIDDEN}))]
    assert lengths == [100 * lengths[2] / 50, STUB, lengths[2], lengths[3]]


def test_suppressed_sets_are_hatched_stubs_of_one_length_after_the_others() -> None:
    found = bars(drawn(sets(a=None, b=80, a_b=None)))
    assert [look for look, _ in found] == ["bar", "hidden", "hidden"]
    assert found[1][1] == found[2][1] == STUB


def test_suppressed_sets_are_marked_in_text() -> None:
    assert texts(drawn(sets(a=None, b=80, a_b=None))).count("[c]") == 2


def test_every_published_number_is_at_its_bar() -> None:
    assert {"1,234", "80"} <= set(texts(drawn(sets(a=1234, b=80))))


def test_filled_dots_say_which_states_are_in_a_set() -> None:
    svg = drawn(sets(a=20, a_b_c=40))
    assert sum(dot.get("class") == "in" for dot in svg.iter(f"{SVG}circle")) == 4


def test_a_state_without_a_published_total_gets_a_mark_instead_of_a_number() -> None:
    assert texts(drawn(sets(a=20, b=30), {"a": Cell(777), "b": HIDDEN})).count("[c]") == 1


def test_the_description_has_the_numbers() -> None:
    svg = drawn(sets(a=20, b=None, a_b=40))
    assert svg.findtext(f"{SVG}title") == "People in sets"
    assert "a and b: 40; a: 20. Not shown: 1." in (svg.findtext(f"{SVG}desc") or "")


def test_a_name_that_looks_like_markup_stays_a_name() -> None:
    name = '<script>&"x"'
    table = ReleaseTable("set_pathway", "t", ("states",), ("people",), [((write_set([name]),), (Cell(30),))])
    svg = drawn(table, {name: Cell(30)})
    assert name in texts(svg)
    assert svg.find(f".//{SVG}script") is None


def test_more_sets_than_can_be_read_are_cut_and_the_title_says_so() -> None:
    many = sets(**{f"s{i}": 20 + i for i in range(MOST_SETS + 5)})
    svg = drawn(many)
    assert len(bars(svg)) == MOST_SETS
    assert svg.findtext(f"{SVG}title") == "People in sets: 40 of 45 sets"


def test_nobody_is_a_picture_too() -> None:
    assert bars(drawn(sets())) == []


def test_only_hidden_sets_are_a_picture_too() -> None:
    assert len(bars(drawn(sets(a=None, b=None)))) == 2
