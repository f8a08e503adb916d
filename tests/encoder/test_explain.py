"""`waylink clean` says what was done to each column in numbers and shapes, and shows nobody."""

import pytest

from encoder.errors import NoSuchColumn, ProblemsFound
from encoder.explain import clean_clients, explain, overview, told, told_briefly
from encoder.problems import Problems
from schemas.linkage_schema import load_linkage_schema
from tests.encoder.conftest import HEADER, PEOPLE
from tests.encoder.test_encoder_cli import Noted, run  # noqa: F401 (fixtures)

ROWS = [
    "C-1,Dr. Annelise,K,Doe,1941-04-26,F,7.0,Driftstone Drive",
    "C-2,John,,Doe,1960-02-31,M,12115,Lavender Court",
    "C-3,,N/A,UNKNOWN,1979,8,,",
    "C-4,किशोर,C,Wyndham-Pryce,1900-01-01,F,44,Old Mill Lane",
    "C-5,José,C,Novák,1988-02-29,F,45,Old Mill Lane",
    "C-6,Anna,C,Li,1988-02-28,F,45,Old Mill Lane",
    "C-7,Anna,C,Ly,1988-02-27,F,45,Old Mill Lane",
]


@pytest.fixture
def console():
    return Noted()


@pytest.fixture
def cleaned(write):
    return clean_clients(write("c.csv", [HEADER, *ROWS]), load_linkage_schema("person-v1"), Problems())


def test_every_cell_of_a_column_has_become_one_thing(cleaned):
    for column in overview(cleaned):
        assert sum(column.became.values()) == column.cells == len(ROWS)


@pytest.mark.parametrize(
    ("column", "became"),
    [
        ("first_name", {"hashed": 5, "empty": 1, "John, Jane or Baby whose last name is Doe": 1}),
        ("birth_date", {"hashed": 4, "hashed in part": 2, "a placeholder (unknown, test, 1900-01-01, ...)": 1}),
        ("sex", {"hashed": 6, "said to be missing, by a code or the data quality column": 1}),
    ],
)
def test_missing_cells_are_counted_by_why(cleaned, column, became):
    found = explain(cleaned, column).became
    assert {what: cells for what, cells in found.items() if what in became} == became


def test_steps_are_counted_by_the_cells_that_they_changed(cleaned):
    steps = explain(cleaned, "first_name").steps
    assert steps["title dropped (Mr, Dr, Rev)"] == 1
    assert steps["accents dropped and other scripts written in Latin letters"] == 2
    assert explain(cleaned, "house_no").steps == {"'.0' of a spreadsheet's number dropped": 1}


def test_a_column_is_shown_by_its_shapes(cleaned):
    assert explain(cleaned, "birth_date").shapes[:2] == [("9999-99-99", "99999999", 4), ("9999-99-99", "999999", 1)]
    assert explain(cleaned, "street").shapes[0] == ("Aaaa Aaaa Aaaa", "aaaa aaaa aaaa", 4)


def test_nobody_is_shown(cleaned):
    text = "\n".join([told_briefly(overview(cleaned)), *(told(explain(cleaned, field)) for field in cleaned.fields)])
    values = {cell for row in ROWS for cell in row.split(",") if len(cell) > 3} | {"ि", "ो", "annelise", "kishor"}
    named_by_rules = {"UNKNOWN", "1900-01-01", "John"}
    assert [value for value in values - named_by_rules if value in text] == []


def test_a_column_is_explained_by_its_header_or_its_field(cleaned):
    assert explain(cleaned, "house_no") == explain(cleaned, "street_number")
    with pytest.raises(NoSuchColumn, match="'house_no' \\(street_number\\)"):
        explain(cleaned, "shoe")


def test_the_command_tells_all_columns_and_the_problems(run, write, console):  # noqa: F811
    run("clean", write("c.csv", [HEADER, *ROWS]))
    text, data = console.said[-1]
    assert "birth_date      'birth_date'  6 of 7 hashed" in text
    assert "E1303 warning, 1 x: c.csv, column 'birth_date', row 3" in text
    assert len(data["columns"]) == 7


def test_the_command_explains_a_column_that_stops_the_encoding(run, write, console):  # noqa: F811
    bad = write("c.csv", [HEADER, *(line.replace(",7001,", ",orchard,").replace(",610,", ",elm,") for line in PEOPLE)])
    with pytest.raises(ProblemsFound, match="E1205"):
        run("clean", bad, "--explain", "house_no")
    assert "2  cannot be read" in console.said[-1][0]


def test_a_column_that_cannot_be_decided_on_is_a_problem_and_no_explanation(run, write, console):  # noqa: F811
    bad = write("c.csv", [HEADER, *(line.replace("19", "1Q") for line in PEOPLE)])
    with pytest.raises(ProblemsFound, match="E1205"):
        run("clean", bad, "--explain", "birth_date")
    assert console.said == []


def test_the_command_writes_nothing(run, write, tmp_path):  # noqa: F811
    file = write("c.csv", [HEADER, *ROWS])
    before = sorted(tmp_path.iterdir())
    run("clean", file, "--explain", "birth_date")
    assert sorted(tmp_path.iterdir()) == before
