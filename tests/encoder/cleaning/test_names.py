"""First, middle and last names, from whatever a list holds of them."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoder.cleaning.names import FIRST_NAME, LAST_NAME, MIDDLE_NAME
from encoder.cleaning.steps import EMPTY, PLACEHOLDER, READ, UNREADABLE
from encoder.cleaning.whole import cleaner_of_part, split_name

PARTS = ("first_name", "middle_initial", "last_name")


@pytest.mark.parametrize(
    ("cell", "first"),
    [
        ("  Annelise ", "annelise"),
        ("Dr. Mary Ann", "mariann"),
        ("Mr. & Mrs.", "mrs"),
        ("ROBERT J.", "robert"),
        ("William (Bill)", "william"),
        ('William "Bill"', "william"),
        ("(Bill)", "bill"),
        ("Smith, John", "john"),
        ("John, Jr.", "john"),
        ("Sr. Teresa", "teresa"),
        ("J", "j"),
        ("J R", "jr"),
        ("8yrd", "8ird"),
        ("Na", "na"),
        ("Null", "null"),
    ],
)
def test_a_first_name_is_cleaned(cell, first):
    assert FIRST_NAME(cell) == (first, READ)


@pytest.mark.parametrize(
    ("cell", "last"),
    [
        ("Smith Jr.", "smith"),
        ("Smith, Jr", "smith"),
        ("Smith III", "smith"),
        ("Smith, John", "smith"),
        ("Zimmermann-Novak", "zimmermannnovak"),
        ("Quillfeather MD", "quillfeather"),
        ("Junior", "junior"),
        ("Malcolm X", "malcolmx"),
    ],
)
def test_a_last_name_is_cleaned(cell, last):
    assert LAST_NAME(cell) == (last, READ)


@pytest.mark.parametrize(
    ("cell", "middle"), [("Jane", "j"), ("(Ö.)", "o"), ("x", "x"), ("de la Cruz", "d"), ("Щ", "s")]
)
def test_of_a_middle_name_the_first_letter_is_left(cell, middle):
    assert MIDDLE_NAME(cell) == (middle, READ)


@pytest.mark.parametrize(
    "cell",
    [
        "unknown",
        "UNK",
        "Baby Boy",
        "babygirl",
        "BABY BOY SMITH",
        "BB Jones",
        "test",
        "Test 1",
        "N/A",
        "NA",
        "NULL",
        "refused",
        "Client refused",
        "xxx",
        "XX",
        "-",
        "?",
        "---",
        "Unknown Unknown",
        "no name",
        "FNU",
        "data not collected",
        "Inconnu",
        "Неизвестно",
        "不明",
        "#N/A",
    ],
)
def test_a_placeholder_is_no_first_name(cell):
    assert FIRST_NAME(cell) == ("", PLACEHOLDER)


@pytest.mark.parametrize("cell", ["Doe", "DOE", "unknown", "LNU", "Test", "n/a", "refused", "X"])
def test_a_placeholder_is_no_last_name(cell):
    assert LAST_NAME(cell) == ("", PLACEHOLDER)


@pytest.mark.parametrize("cell", ["Testa", "Unkel", "Babyface", "Doerr", "Anonye", "Xu", "Ng", "Li", "Aa", "Christ"])
def test_a_name_that_is_like_a_placeholder_is_a_name(cell):
    for cleaner in (FIRST_NAME, LAST_NAME):
        assert cleaner(cell)[1] is READ


@pytest.mark.parametrize("cell", ["nmn", "NMI", "none", "no middle name", "unknown"])
def test_no_middle_name_is_none(cell):
    assert MIDDLE_NAME(cell) == ("", PLACEHOLDER)


@pytest.mark.parametrize("cleaner", [FIRST_NAME, LAST_NAME, MIDDLE_NAME])
def test_digits_are_no_name_and_nothing_is_nothing(cleaner):
    assert cleaner("1980-01-31") == ("", UNREADABLE)
    assert cleaner("  ") == ("", EMPTY)


@given(st.text(string.ascii_letters, min_size=1, max_size=20))
def test_the_short_cut_for_plain_words_changes_nothing(word):
    for cleaner in (FIRST_NAME, LAST_NAME, MIDDLE_NAME):
        text = cleaner.prepared(word)
        assert text == word.lower()


@given(st.text(alphabet="abcdéöß -'.", max_size=20))
def test_cleaning_a_clean_name_changes_nothing(text):
    once, fate = LAST_NAME(text)
    if fate is READ:
        assert LAST_NAME(once)[0] in {once, ""}


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        ("Smith, John Q.", ("john", "q", "smith")),
        ("Dr. John Q. Smith Jr.", ("john", "q", "smith")),
        ("O'Brien-Smith, Mary Ann", ("mari", "a", "obrinsmith")),
        ("Maria de la Cruz", ("maria", "", "delacruz")),
        ("Ludwig van Beethoven", ("ludwig", "", "vanbithoven")),
        ("Smith, Jr.", ("", "", "smith")),
        ("Madonna", ("", "", "madonna")),
        ("María García (Mari)", ("maria", "", "garcia")),
        ("王芳", ("fang", "", "wang")),
        ("歐陽娜娜", ("nana", "", "uiang")),
        ("김민수", ("minsu", "", "kim")),
        ("김 민수", ("kim", "", "minsu")),
    ],
)
def test_a_whole_name_is_split(whole, parts):
    assert tuple(cleaner_of_part("full_name", field)(whole)[0] for field in PARTS) == parts


def test_a_part_that_is_not_there_is_empty_and_no_placeholder():
    assert cleaner_of_part("full_name", "middle_initial")("Ann Lee") == ("", EMPTY)
    assert cleaner_of_part("full_name", "last_name")("N/A") == ("", PLACEHOLDER)


def test_a_suffix_after_a_comma_is_no_first_name():
    assert split_name("Smith, III") == ("", "", "Smith")


def test_what_changed_is_told_step_by_step():
    told = FIRST_NAME.changes("Dr. José (Pepe)")
    assert [what.split()[0] for what in told] == ["what", "accents", "small", "title"]
    assert FIRST_NAME.changes("annelise") == []
    assert LAST_NAME.changes("Lee")[-1].startswith("spellings of one sound")
