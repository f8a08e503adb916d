"""Dates: one format for a column, decided by its cells; whole, in part, or not at all."""

from datetime import date

import numpy as np
import pytest

from encoder.cleaning.dates import FORMATS, Undecided, date_cleaner, date_reader, decide_format, is_date_format
from encoder.cleaning.steps import PARTIAL, PLACEHOLDER, READ, UNREADABLE


def decide(*cells):
    values = list(dict.fromkeys(cells))
    return decide_format(values, np.array([cells.count(value) for value in values]))


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_is_decided_by_its_own_dates(format_):
    days = [date(1980, 1, 31), date(1990, 12, 13), date(2001, 7, 28), date(1955, 3, 3)]
    assert decide(*(day.strftime(format_) for day in days)) == format_


def test_one_typing_error_in_six_does_not_change_the_format():
    cells = ["31.01.1980", "28.02.1981", "13.12.1990", "01.02.2003", "14.07.1999", "07/14/1999"]
    assert decide(*cells) == "%d.%m.%Y"


def test_day_and_month_cannot_be_told_apart_by_ambiguous_dates():
    assert decide("01/02/1980", "03/04/1981") is Undecided.DAY_OR_MONTH


def test_day_and_month_cannot_be_told_apart_where_rows_contradict():
    assert decide("13/01/1980", "01/13/1980", "02/03/1980", "03/04/1981", "05/06/1999") is Undecided.DAY_OR_MONTH


def test_an_ambiguous_date_follows_the_column():
    assert decide("01/02/1980", "13/01/1980") == "%d/%m/%Y"


def test_cells_count_and_not_distinct_values():
    assert decide(*["31.01.1980"] * 8, "x", "y") == "%d.%m.%Y"


def test_no_format_is_decided_where_fewer_than_four_fifths_are_read():
    assert decide("31.01.1980", "28.01.1980", "Ann") is Undecided.NOTHING_READS


@pytest.mark.parametrize(
    ("format_", "cell", "day"),
    [
        ("%m/%d/%Y", "1/31/1980", date(1980, 1, 31)),
        ("%Y%m%d", "1980131", None),
        ("%d %b %Y", "31 Jan 1980", date(1980, 1, 31)),
        ("%d.%m.%y", "31.01.80", date(1980, 1, 31)),
        ("%Y-%m-%d", " 1980-01-31 ", date(1980, 1, 31)),
        ("%Y-%m-%d", "1980-01-31x", None),
        ("%Y-%m-%d", "0000-01-31", None),
    ],
)
def test_a_reader_reads_its_format_and_nothing_else(format_, cell, day):
    assert date_reader(format_)(cell) == day


@pytest.mark.parametrize(("format_", "is_one"), [("%d %b %y", True), ("%Y-%m", False), ("%d/%m", False), ("%Q", False)])
def test_a_date_format_holds_a_whole_day(format_, is_one):
    assert is_date_format(format_) is is_one


@pytest.mark.parametrize("format_", FORMATS)
def test_a_time_of_day_is_no_matter(format_):
    day = date(1980, 1, 31).strftime(format_)
    for time in (" 00:00", " 00:00:00", "T00:00:00.000Z", " 12:00:00 AM"):
        assert date_reader(format_)(day + time) == date(1980, 1, 31)


@pytest.mark.parametrize("cell", ["31-Jan-1980", "31 January, 1980", "31/jan/1980", "31. Jan 1980"])
def test_a_month_s_name_may_be_written_in_many_ways(cell):
    assert date_cleaner("%d %b %Y")(cell) == ("19800131", READ)


@pytest.mark.parametrize("cell", ["31 Foo 1980", "31 Janner 1980", "31 1980"])
def test_a_word_that_is_no_month_is_none(cell):
    assert date_reader("%d %b %Y")(cell) is None


@pytest.mark.parametrize(
    ("cell", "kept", "fate"),
    [
        ("1/31/1980", "19800131", READ),
        ("1980", "1980", PARTIAL),
        ("05/1980", "198005", PARTIAL),
        ("1980-05", "198005", PARTIAL),
        ("00/00/1980", "1980", PARTIAL),
        ("05/00/1980", "198005", PARTIAL),
        ("xx/xx/1980", "1980", PARTIAL),
        ("5/??/1980", "198005", PARTIAL),
        ("02/30/1980", "198002", UNREADABLE),
        ("13/01/1980", "1980", UNREADABLE),
        ("1980-01-31", "", UNREADABLE),
        ("Annelise", "", UNREADABLE),
        ("00/00/0000", "", PLACEHOLDER),
        ("xx/xx/xxxx", "", PLACEHOLDER),
        ("01/01/1900", "", PLACEHOLDER),
        ("unknown", "", PLACEHOLDER),
        ("0", "", PLACEHOLDER),
        ("--", "", PLACEHOLDER),
        ("N/A", "", PLACEHOLDER),
    ],
)
def test_a_date_keeps_what_it_has(cell, kept, fate):
    assert date_cleaner("%m/%d/%Y")(cell) == (kept, fate)


def test_years_alone_and_placeholders_do_not_decide():
    assert decide("31.01.1980", *["1980"] * 9, *["unknown"] * 9, *["00.00.0000"] * 9) == "%d.%m.%Y"


def test_a_column_of_years_needs_no_format():
    assert decide("1980", "1990") in FORMATS


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (["1/31/80", "2/13/79", "12/1/03"], Undecided.SHORT_YEARS),
        (["31-Jan-80", "13-Feb-79"], Undecided.SHORT_YEARS),
        (["29251", "31002", "29251.0"], Undecided.SERIAL_DAYS),
        (["Ann", "Lee"], Undecided.NOTHING_READS),
    ],
)
def test_a_column_without_a_format_is_told_why(cells, why):
    assert decide(*cells) is why
