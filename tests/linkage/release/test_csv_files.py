"""CSV of a released table: what goes out comes back, no spreadsheet runs it, and what is hidden is nowhere."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.release.csv_files import csv_bytes, read_csv
from schemas import Cell, ReleaseTable, Status
from schemas.errors import BrokenFile
from schemas.table_columns import TABLE_COLUMNS, Kind
from schemas.tables import HIDDEN, WITH_VALUE
from tests.linkage.release.examples import every_table, table

COUNTS = st.builds(Cell, st.integers(0, 10**9), st.sampled_from(sorted(WITH_VALUE)), st.none() | st.just(0), st.none())
NUMBERS = st.builds(Cell, st.floats(0, 1e6), st.sampled_from(sorted(WITH_VALUE)))
NOTHING = st.builds(Cell, st.none(), st.sampled_from(sorted(set(Status) - WITH_VALUE)))
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1)


@st.composite
def tables(draw: st.DrawFn) -> ReleaseTable:
    name = draw(st.sampled_from(sorted(TABLE_COLUMNS)))
    contract = TABLE_COLUMNS[name]
    keys = [st.integers(0, 999).map(str) if key.kind is Kind.WHOLE else TEXTS for key in contract.keys]
    cells = [(COUNTS if one.kind is Kind.COUNT else NUMBERS) | NOTHING for one in contract.measures]
    return table(name, draw(st.lists(st.tuples(st.tuples(*keys), st.tuples(*cells)), max_size=4)))


@given(tables(), st.booleans())
@settings(max_examples=200, deadline=None)
def test_what_was_written_is_read_back(given_table: ReleaseTable, excel: bool) -> None:
    assert read_csv(given_table.name, csv_bytes(given_table, excel=excel), "here") == given_table


@pytest.mark.parametrize("name", TABLE_COLUMNS)
def test_every_table_of_a_co_op_is_read_back(name: str) -> None:
    given_table = every_table()[name]
    assert read_csv(name, csv_bytes(given_table), "here") == given_table


def one(text: str) -> bytes:
    return csv_bytes(table("first_touch", [((text,), (HIDDEN,))]))


def test_a_hidden_count_is_empty_and_its_status_says_so() -> None:
    assert one("x").decode() == "state,people,people_status,people_low,people_high\r\nx,,suppressed,,\r\n"


def test_a_count_has_its_low_and_high_and_a_share_its_status() -> None:
    row = (("a", "90", "loose"), (Cell(214, Status.OK, 200, 220), Cell(1000), Cell(0.5, Status.ROUNDED)))
    written = csv_bytes(table("contains_path", [row])).decode().splitlines()[1]
    assert written == "a,90,loose,214,ok,200,220,1000,ok,,,0.5,rounded"


def test_no_limit_of_days_is_an_empty_key() -> None:
    row = (("a>b", "", "loose"), (Cell(214), Cell(1000), Cell(1)))
    assert csv_bytes(table("contains_path", [row])).decode().splitlines()[1].startswith("a>b,,loose,")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "'=", "''+"])
def test_a_text_that_a_spreadsheet_would_run_is_defused(start: str) -> None:
    rows = list(csv.reader(io.StringIO(one(f"{start}1+1").decode(), newline="")))
    assert rows[1][0] == f"'{start}1+1"


def test_a_comma_or_a_quote_in_a_name_stays_in_its_cell() -> None:
    rows = list(csv.reader(io.StringIO(one('a,"b"\nc').decode(), newline="")))
    assert rows[1][0] == 'a,"b"\nc'


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (("people_low,", ""), "columns"),
        (("suppressed", "hidden"), "line 2"),
        (("x,,suppressed", "x,4,suppressed"), "line 2"),
        (("x,,suppressed", "x,four,ok"), "line 2"),
        (("x,,suppressed,,", "x,,suppressed"), "line 2"),
    ],
)
def test_a_file_that_was_changed_is_refused_without_its_value(change: tuple[str, str], where: str) -> None:
    data = one("x").decode().replace(*change).encode()
    with pytest.raises(BrokenFile, match=where) as error:
        read_csv("first_touch", data, "here")
    assert "four" not in str(error.value)


def test_a_table_of_another_name_is_refused() -> None:
    with pytest.raises(BrokenFile):
        read_csv("last_words", one("x"), "here")
