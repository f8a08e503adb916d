"""Sexes, social security numbers, postcodes, telephone numbers, e-mail addresses, towns."""

import pytest

from encoder.cleaning.contact import MAIL, PHONE, POSTCODE, TOWN
from encoder.cleaning.sex import EITHER, HMIS, ISO, decide_codes, sex_cleaner
from encoder.cleaning.ssn import SSN, SSN_LAST_FOUR
from encoder.cleaning.steps import PARTIAL, PLACEHOLDER, READ, SAID_MISSING, UNREADABLE


@pytest.mark.parametrize(
    ("cell", "sex"),
    [("Female", "f"), ("MALE ", "m"), ("Non-binary", "x"), ("W", "f"), ("mujer", "f"), ("Trans Man", "m"), ("1", "m")],
)
def test_a_sex_is_a_letter(cell, sex):
    assert sex_cleaner(EITHER)(cell) == (sex, READ)


@pytest.mark.parametrize(
    "cell", ["unknown", "8", "9", "99", "99.0", "Client refused", "Data not collected", "Transgender"]
)
def test_a_sex_that_is_not_known_is_missing_without_a_warning(cell):
    assert sex_cleaner(HMIS)(cell) == ("", SAID_MISSING)


def test_what_is_no_sex_cannot_be_read():
    assert sex_cleaner(EITHER)("Annelise") == ("", UNREADABLE)
    assert sex_cleaner(EITHER)("0") == ("", UNREADABLE)


def test_codes_are_of_the_list_that_the_column_shows():
    assert decide_codes(["0", "1", "8", "99"]) is HMIS
    assert decide_codes(["1", "2", "9"]) is ISO
    assert decide_codes(["1.0", "2.0"]) is ISO
    assert decide_codes(["1", "f"]) is EITHER
    assert decide_codes(["0", "1", "2"]) is None


def test_one_code_means_another_sex_in_another_list():
    assert [sex_cleaner(codes)("0")[0] for codes in (HMIS, ISO)] == ["f", ""]
    assert sex_cleaner(ISO)("2") == ("f", READ)


def test_a_member_s_own_codes_come_first():
    assert sex_cleaner({"1": "f", "2": "m", "Divers*": "x"})("1") == ("f", READ)
    assert sex_cleaner({"Divers*": "x"})("divers") == ("x", READ)


@pytest.mark.parametrize("cell", ["212-34-5671", "212345671", "212 34 5671", "212.34.5671", "212345671.0"])
def test_a_whole_ssn_is_nine_digits(cell):
    assert SSN(cell) == ("212345671", READ)
    assert SSN_LAST_FOUR(cell) == ("5671", READ)


@pytest.mark.parametrize("cell", ["xxx-xx-5671", "***-**-5671", "5671", "XXXXX5671", "12345671", "x2345671"])
def test_of_a_masked_or_short_ssn_only_the_last_four_are_used(cell):
    assert SSN(cell) == ("", PARTIAL)
    assert SSN_LAST_FOUR(cell) == ("5671", READ)


@pytest.mark.parametrize("cell", ["000-00-0000", "123-45-6789", "111111111", "999-99-9999", "xxx-xx-xxxx", "N/A", "0"])
def test_a_placeholder_is_no_ssn(cell):
    assert SSN(cell) == ("", PLACEHOLDER)
    assert SSN_LAST_FOUR(cell) == ("", PLACEHOLDER)


@pytest.mark.parametrize(
    "cell",
    ["000-12-3456", "666-12-3456", "912-34-5678", "212-00-5671", "212-34-0000", "078-05-1120", "Annelise", "123"],
)
def test_a_number_that_was_never_issued_is_none(cell):
    assert SSN(cell) == ("", UNREADABLE)


@pytest.mark.parametrize("cell", ["0000", "xxx-xx-0000"])
def test_four_zeros_are_no_last_four(cell):
    assert SSN_LAST_FOUR(cell)[0] == ""


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("60614", "60614"),
        ("60614-1234", "60614"),
        ("606141234", "60614"),
        ("2139", "02139"),
        ("2139.0", "02139"),
        ("SW1A 1AA", "sw1a1aa"),
    ],
)
def test_a_postcode_is_in_one_form(cell, code):
    assert POSTCODE(cell) == (code, READ)


def test_a_postcode_that_is_none():
    assert POSTCODE("00000") == ("", PLACEHOLDER)
    assert POSTCODE("unknown") == ("", PLACEHOLDER)
    assert POSTCODE("Chicago") == ("", UNREADABLE)


@pytest.mark.parametrize(
    "cell", ["(312) 855-0142", "312.855.0142", "+1 312 855 0142", "13128550142", "3128550142.0", "312-855-0142 x12"]
)
def test_a_telephone_number_is_its_digits(cell):
    assert PHONE(cell) == ("3128550142", READ)


def test_a_telephone_number_that_is_none():
    assert PHONE("000-000-0000") == ("", PLACEHOLDER)
    assert PHONE("none") == ("", PLACEHOLDER)
    assert PHONE("12") == ("", UNREADABLE)


def test_an_e_mail_address_is_small():
    assert MAIL("Ann.Lee@Example.org") == ("ann.lee@example.org", READ)
    assert MAIL("noemail@noemail.com") == ("", PLACEHOLDER)
    assert MAIL("ann lee") == ("", UNREADABLE)


def test_a_town_is_cleaned_like_a_name():
    assert TOWN("St. Paul") == ("stpaul", READ)
    assert TOWN("unknown") == ("", PLACEHOLDER)
