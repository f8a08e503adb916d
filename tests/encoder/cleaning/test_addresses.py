"""House numbers and streets, from columns of their own or out of one line."""

import pytest

from encoder.cleaning.address import HOUSE_NUMBER, STREET, is_street
from encoder.cleaning.steps import EMPTY, PLACEHOLDER, READ, UNREADABLE
from encoder.cleaning.whole import cleaner_of_part


@pytest.mark.parametrize(
    ("cell", "street"),
    [
        ("Regency Drive", "regency dr"),
        ("regency dr.", "regency dr"),
        ("W. 220 St.", "w 220 st"),
        ("West 220 Street", "w 220 st"),
        ("220 St", "220 st"),
        ("123 Main St", "main st"),
        ("Third Avenue", "3rd ave"),
        ("3rd Ave", "3rd ave"),
        ("Court Street", "court st"),
        ("Main St Apt 4B", "main st"),
        ("Main St #12", "main st"),
        ("Saint Mary's Ct", "st marys ct"),
        ("Main St, Chicago, IL 60614", "main st"),
        ("c/o Zimmermann, Main St", "main st"),
        ("Große Straße", "grosse strasse"),
        ("ул. Ленина", "ul lenina"),
        ("Broadway", "broadway"),
    ],
)
def test_a_street_is_cleaned(cell, street):
    assert STREET(cell) == (street, READ)


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1061", "1061"),
        ("1061.0", "1061"),
        ("012", "12"),
        ("12-14", "1214"),
        ("44 B", "44"),
        ("No. 7", "7"),
        ("٣", "3"),
    ],
)
def test_a_house_number_is_its_digits(cell, number):
    assert HOUSE_NUMBER(cell) == (number, READ)


@pytest.mark.parametrize("cell", ["homeless", "No Fixed Address", "N/A", "unknown", "General Delivery", "NFA", "-"])
def test_no_address_is_none(cell):
    assert STREET(cell) == ("", PLACEHOLDER)
    assert HOUSE_NUMBER(cell)[1] is PLACEHOLDER


@pytest.mark.parametrize("cell", ["0", "0000"])
def test_zero_is_no_house_number(cell):
    assert HOUSE_NUMBER(cell) == ("", PLACEHOLDER)


def test_what_is_no_address_cannot_be_read():
    assert STREET("1955") == ("", UNREADABLE)
    assert HOUSE_NUMBER("orchard") == ("", UNREADABLE)


@pytest.mark.parametrize(
    ("line", "number", "street"),
    [
        ("123 Main Street Apt 4", "123", "main st"),
        ("37-12 80th St #5", "3712", "80th st"),
        ("12B North Oak Road", "12", "n oak rd"),
        ("1234 1/2 W 5th Street", "1234", "w 5th st"),
        ("Apt 4, 12 Elm Ave", "12", "elm ave"),
        ("123 Main St, Chicago, IL 60614", "123", "main st"),
        ("Hauptstrasse 12", "12", "hauptstrasse"),
        ("PO Box 123", "123", "po box"),
    ],
)
def test_an_address_on_one_line_is_split(line, number, street):
    assert cleaner_of_part("address", "street_number")(line) == (number, READ)
    assert cleaner_of_part("address", "street_name")(line) == (street, READ)


def test_an_address_without_a_number_has_none():
    assert cleaner_of_part("address", "street_number")("W 220 St") == ("", EMPTY)
    assert cleaner_of_part("address", "street_name")("W 220 St") == ("w 220 st", READ)


@pytest.mark.parametrize(("text", "is_one"), [("Elm Ave", True), ("Oak Road", True), ("Chicago", False), ("St", False)])
def test_a_street_says_that_it_is_one(text, is_one):
    assert is_street(text) is is_one
