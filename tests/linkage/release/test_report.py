"""The report: every number, in plain words, in order, running and loading nothing."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from linkage.release.findings import main_findings
from linkage.release.release_files import release_files
from linkage.release.report.sections import PRINTED, SHORT
from linkage.release.report.words import WORDS
from linkage.release.telling import tell
from schemas import Cell, ReleaseTable, Status
from schemas.table_columns import TABLE_COLUMNS
from tests.linkage.release.examples import CHECKS, FACTS, agreement, every_table, table


class Elements(HTMLParser):
    """What a page holds: the elements in their order, with attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[int, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text[len(self.found) - 1] = self.text.get(len(self.found) - 1, "") + data

    def texts(self, tag: str) -> list[str]:
        return [self.text.get(at, "") for at, (name, _) in enumerate(self.found) if name == tag]


def report(tables: dict[str, ReleaseTable] | None = None, **facts: object) -> str:
    files = release_files(every_table() if tables is None else tables, agreement(), {**FACTS, **facts}, checks=CHECKS)
    return files["report.html"].decode()


@pytest.fixture(scope="module")
def page() -> str:
    return report()


@pytest.fixture(scope="module")
def elements(page: str) -> Elements:
    return Elements(page)


def test_every_table_has_a_section_with_words() -> None:
    assert set(WORDS) == set(TABLE_COLUMNS)


@pytest.mark.parametrize("name", TABLE_COLUMNS)
def test_every_number_and_mark_is_in_the_report(page: str, name: str) -> None:
    one = every_table()[name]
    section = page[page.index(f'<section id="{name}">') :]
    body = section[section.index("<tbody>") : section.index("</tbody>")]
    grid = unescape(re.sub(r"<[^>]+>", " ", body)).replace(";", " ").split()
    for keys, cells in one.rows:
        assert all(word in grid for key in keys[:1] for word in key.split())
        for measure, cell in zip(one.measures, cells, strict=True):
            if cell.status is not Status.NOT_APPLICABLE and not measure.startswith("estimate_"):
                assert tell(cell, TABLE_COLUMNS[name].column(measure).kind) in grid


def test_the_report_runs_nothing_and_loads_nothing(page: str, elements: Elements) -> None:
    bare = page.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "//" not in bare
    assert "@import" not in bare
    tags = {tag for tag, _ in elements.found}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    attributes = {name for _, given in elements.found for name in given}
    assert not [name for name in attributes if name.startswith("on") or name in {"src", "srcset", "action"}]
    links = [given["href"] for tag, given in elements.found if tag == "a"]
    ids = {given["id"] for _, given in elements.found if "id" in given}
    assert {f"#{one}" for one in ids} >= set(links)


def test_no_id_is_there_twice(elements: Elements) -> None:
    ids = [given["id"] for _, given in elements.found if given.get("id")]
    assert len(ids) == len(set(ids))


def test_headings_go_down_one_level_at_a_time(elements: Elements) -> None:
    levels = [int(tag[1]) for tag, _ in elements.found if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_tables_say_what_they_are_about(elements: Elements) -> None:
    tags = [tag for tag, _ in elements.found]
    assert tags.count("caption") == tags.count("table") == len(TABLE_COLUMNS)
    assert all(elements.texts("caption"))
    assert all(given.get("scope") in {"col", "row"} for tag, given in elements.found if tag == "th")
    assert not [text for text in elements.texts("th") if not text.strip()]


def test_pictures_have_a_name_and_a_caption(elements: Elements) -> None:
    tags = [tag for tag, _ in elements.found]
    assert tags.count("figure") == tags.count("figcaption") == 14
    assert all(given.get("aria-labelledby") for tag, given in elements.found if tag == "svg")


def test_no_cell_is_blank(page: str) -> None:
    assert not re.search(r"<td[^>]*>\s*</td>", page)


def test_the_findings_come_first(page: str) -> None:
    for sentence in main_findings(every_table()):
        assert page.index(sentence) < page.index("How to read the numbers")


def test_a_long_table_is_folded_and_a_very_long_one_not_printed() -> None:
    def of(rows: int) -> str:
        return report({"first_touch": table("first_touch", [((f"s{at}",), (Cell(20),)) for at in range(rows)])})

    assert "<details" not in of(SHORT)
    assert '<details class="fold">' in of(SHORT + 1)
    assert '<details class="fold long">' in of(PRINTED + 1)
    assert f"The table has {PRINTED + 1} rows: they are in tables/first_touch.csv." in of(PRINTED + 1)


def test_an_estimate_is_labelled_as_a_model_s(page: str) -> None:
    assert page.count('estimate<span class="tag">model</span>') == 3
    assert "Not a count; counts are never replaced by it." in page
    assert "model" not in report({"first_touch": every_table()["first_touch"]}).split("</style>")[1]


def test_what_low_and_high_mean_is_said_where_there_are_any(page: str) -> None:
    assert "they are not a confidence interval" in page
    plain = table("first_touch", [(("a",), (Cell(20),))])
    assert "confidence interval" not in report({"first_touch": plain})


def test_the_report_says_what_is_not_promised(page: str) -> None:
    assert all(sentence in page for sentence in CHECKS.not_checked)


def test_warnings_are_told(page: str) -> None:
    assert "Note: Few birth dates at school." in page


def test_a_project_that_looks_like_markup_stays_text() -> None:
    files = release_files(every_table(), agreement(project="<script>alert(1)</script>"), FACTS, checks=CHECKS)
    assert b"<script" not in files["report.html"]
    assert b"&lt;script&gt;" in files["report.html"]


def test_a_state_that_looks_like_markup_stays_text() -> None:
    name = "<b onclick='x'>&"
    assert "<b onclick" not in report({"first_touch": table("first_touch", [((name,), (Cell(20),))])})


def test_a_release_without_tables_is_a_page_too() -> None:
    assert "In short" not in report({})


def test_a_hidden_cell_is_a_mark_and_never_a_star(page: str) -> None:
    body = page.split("</style>")[1]
    assert "[c]" in body
    assert "*" not in body
