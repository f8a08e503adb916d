"""Each kind of value is cleaned to the form that all members hash."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoder.cleaning.dates import FORMATS, Undecided, date_reader, decide_format, is_date_format
from encoder.cleaning.recipe import clean_name, cleaner
from encoder.fields import Kind, kind_of

STRING = {"type": "string"}


def clean(kind, text, form=STRING, date_format="%Y-%m-%d"):
    return cleaner(kind, form, date_reader(date_format))(text)


def decide(*cells):
    values = list(dict.fromkeys(cells))
    return decide_format(values, np.array([cells.count(value) for value in values]))


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  Mc  Donald ", "mc donald"),
        ("O'Neil", "oneil"),
        ("O\u2019Neil", "oneil"),
        ("Pena-Villareal", "pena villareal"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("e\u0301", "é"),
        ("\uff21\uff22", "ab"),
        ("Ольга", "ольга"),
        ("محمد", "محمد"),
        ("王芳", "王芳"),
        ("किम", "किम"),
        ("a_b", "a b"),
        ("a\u00adb\u200db", "abb"),
        ("8yrd", "8yrd"),
    ],
)
def test_a_name_is_cleaned_in_any_script(text, cleaned):
    assert clean(Kind.NAME, text) == cleaned


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "Zs"]), max_size=20))
def test_a_clean_name_has_no_signs_capitals_or_double_spaces(text):
    name = clean_name(text)
    assert all(sign == " " or sign.isalnum() or not sign.isascii() for sign in name)
    assert "  " not in name
    assert name == name.strip()


@given(st.text(alphabet="abcdéöß -'.", max_size=20))
def test_cleaning_a_clean_name_changes_nothing(text):
    assert clean_name(clean_name(text)) == clean_name(text)


@pytest.mark.parametrize(
    ("kind", "text", "cleaned"),
    [
        (Kind.INITIAL, "jane", "j"),
        (Kind.INITIAL, "(Ö.)", "ö"),
        (Kind.SEX, "Female", "f"),
        (Kind.SEX, "MALE ", "m"),
        (Kind.SEX, "Non-binary", "x"),
        (Kind.SEX, "2", "f"),
        (Kind.SEX, "unknown", ""),
        (Kind.NUMBER, "12-14 B", "12 14 b"),
        (Kind.STREET, "W. 220 St.", "w 220 st"),
        (Kind.DATE, "1666-06-02", "16660602"),
        (Kind.TEXT, "  As Is ", "As Is"),
    ],
)
def test_each_kind_has_its_clean_form(kind, text, cleaned):
    assert clean(kind, text) == cleaned


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.NAME, "1980-01-31"),
        (Kind.NAME, "?"),
        (Kind.INITIAL, "7"),
        (Kind.SEX, "Annelise"),
        (Kind.NUMBER, "main st"),
        (Kind.STREET, "01/31/1980"),
        (Kind.DATE, "1980-02-30"),
        (Kind.DATE, "31.01.1980"),
    ],
)
def test_a_value_of_another_kind_cannot_be_read(kind, text):
    assert clean(kind, text) is None


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("text", ["", "   ", "\u00a0"])
def test_an_empty_cell_stays_empty(kind, text):
    assert clean(kind, text) == ""


@pytest.mark.parametrize(
    ("kind", "text", "form", "written"),
    [
        (Kind.DATE, "1980-01-31", {"type": "date", "format": "%d/%m/%Y"}, "31/01/1980"),
        (Kind.SEX, "Female", {"type": "enum", "values": ["MALE", "FEMALE"]}, "FEMALE"),
        (Kind.NAME, "Ann", {"type": "string", "case": "upper"}, "ANN"),
        (Kind.NAME, "Ann", {"type": "string", "case": "lower"}, "ann"),
    ],
)
def test_a_value_is_written_in_the_form_its_feature_asks_for(kind, text, form, written):
    assert clean(kind, text, form) == written


@pytest.mark.parametrize(("field", "kind"), [("DOB", Kind.DATE), ("given name", Kind.NAME), ("postcode", Kind.TEXT)])
def test_a_schema_s_field_is_known_by_its_synonyms(field, kind):
    assert kind_of(field) is kind


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
