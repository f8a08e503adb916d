"""CSV files in the forms that members have them, and every structural fault."""

import pytest

from encoder.distinct import Distinct
from encoder.errors import InputMissing
from encoder.problems import Problems
from encoder.read import read_table

LINES = ["client_id,name,note", 'c1,Ann,"two\nlines, and a comma"', "c2,Bob,"]


def read(path):
    problems = Problems()
    return read_table(path, problems), problems


def cells(path):
    table, problems = read(path)
    assert problems.listed == []
    return table.headers, [list(row) for row in zip(*map(Distinct.values, table.columns.values()), strict=True)]


PLAIN = (["client_id", "name"], [["c1", "Zoë"], ["c2", "Bob"]])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_any_delimiter_gives_the_same_table(write, delimiter):
    lines = ["client_id,name", "c1,Zoë", "c2,Bob"]
    assert cells(write("a.csv", [line.replace(",", delimiter) for line in lines])) == PLAIN


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfclient_id,name\nc1,Zo\xc3\xab\nc2,Bob\n",
        b"client_id,name\r\nc1,Zo\xc3\xab\r\nc2,Bob\r\n",
        b'"client_id", name \n"c1","Zo\xc3\xab"\nc2,Bob',
        b"client_id,name\n\nc1,Zo\xc3\xab\n,\nc2,Bob\n\n\n",
    ],
    ids=["byte order mark", "CRLF", "quotes", "blank rows"],
)
def test_any_dress_of_a_csv_gives_the_same_table(write, content):
    assert cells(write("a.csv", content)) == PLAIN


def test_a_delimiter_inside_a_quoted_header_is_not_the_delimiter(write):
    assert cells(write("a.csv", ['"a;b;c;d",e', "1,2"])) == (["a;b;c;d", "e"], [["1", "2"]])


def test_quoted_newlines_stay_in_their_cell_and_count_as_one_row(write):
    table, _ = read(write("a.csv", LINES))
    assert next(table.column("note").values()) == "two\nlines, and a comma"
    assert table.rows.tolist() == [2, 3]


def test_blank_rows_are_passed_over_but_counted(write):
    table, _ = read(write("a.csv", ["a,b", "", "1,2", ",", "3,4"]))
    assert table.rows.tolist() == [3, 5]


def test_every_ragged_row_is_found_and_the_rest_is_read(write):
    table, problems = read(write("a.csv", ["a,b", "1,2", "1,2,3", "1", "3,4"]))
    assert [(problem.code, problem.row) for problem in problems.listed] == [("E1107", 3), ("E1107", 4)]
    assert len(table.rows) == 2


@pytest.mark.parametrize(
    ("content", "code", "row"),
    [
        (b"", "E1101", 0),
        (b" \r\n", "E1101", 0),
        (b"a,b\n\xce\xeb\xfc\xe3\xe0,1\n", "E1102", 0),  # Cyrillic in cp1251
        (b"a,b\n1\0,2\n", "E1103", 0),
        (b"PK\x03\x04\x00", "E1112", 0),
        (b"a,b\n", "E1104", 0),
        (b"a,,c\n1,2,3\n", "E1105", 1),
        (b"a,b,a\n1,2,3\n", "E1106", 1),
        (b'a,b\n1,2\n3,"4\n5,6\n', "E1108", 3),
        (b"c1,Ann,1980-01-31\nc2,Bob,1981-01-31\n", "E1109", 1),
    ],
)
def test_each_structural_fault_has_its_code_and_row(write, content, code, row):
    _, problems = read(write("a.csv", content))
    assert [(problem.code, problem.row) for problem in problems.listed] == [(code, row)]


def test_a_first_row_that_is_a_record_is_not_repeated(write):
    _, problems = read(write("a.csv", ["Annelise,1980-01-31", "Bob,1981-01-31"]))
    assert "Annelise" not in problems.listed[0].line()


def test_a_file_longer_than_a_part_keeps_its_order_rows_and_faults(write):
    lines = ["a,b", *(f"{row % 7},{row}" for row in range(2, 20_002))]
    lines[9_999], lines[14_999] = "", "1,2,3"
    table, problems = read(write("a.csv", lines))
    assert [(problem.code, problem.row) for problem in problems.listed] == [("E1107", 15_000)]
    assert list(table.column("b").values()) == [str(row) for row in table.rows]
    assert table.rows.tolist() == [row for row in range(2, 20_002) if row not in (10_000, 15_000)]
    assert table.column("a").texts == ["2", "3", "4", "5", "6", "0", "1"]


def test_two_faults_of_a_header_are_found_at_once(write):
    _, problems = read(write("a.csv", ["a,,a", "1,2,3"]))
    assert {problem.code for problem in problems.listed} == {"E1105", "E1106"}


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputMissing, match="nowhere"):
        read(tmp_path / "nowhere.csv")
