"""Names of every script keep their letters, and come near to how they are spelled in Latin ones."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoder.cleaning.latin import latin
from encoder.cleaning.letters import words
from encoder.cleaning.names import FIRST_NAME, LAST_NAME, MIDDLE_NAME
from encoder.cleaning.steps import PLACEHOLDER, READ, UNREADABLE
from tests.encoder.cleaning.world_names import NAMES, names

FOREIGN_LETTERS = st.characters(categories=["Lu", "Ll", "Lt", "Lo"], min_codepoint=0x100)


def test_the_corpus_has_names_in_more_than_forty_scripts():
    assert len(NAMES) > 40
    assert len({unicodedata.name(name[0]).split()[0] for name in names()}) > 40


@pytest.mark.parametrize("script", NAMES)
def test_no_name_becomes_empty(script):
    for name in NAMES[script].split("|"):
        for cleaner in (FIRST_NAME, LAST_NAME, MIDDLE_NAME):
            text, fate = cleaner(name)
            assert text, name
            assert fate is READ


@pytest.mark.parametrize("script", NAMES)
def test_names_of_one_script_stay_different_names(script):
    listed = NAMES[script].split("|")
    assert len({LAST_NAME(name)[0] for name in listed}) == len(listed)


def test_nearly_every_name_is_written_in_plain_letters():
    assert [name for name in names() if not LAST_NAME(name)[0].isascii()] == []


@given(st.text(FOREIGN_LETTERS, min_size=1, max_size=12))
@settings(max_examples=300)
def test_letters_of_no_script_vanish(text):
    cleaned, fate = LAST_NAME(text)
    assert cleaned or fate is PLACEHOLDER
    assert fate is not UNREADABLE


@pytest.mark.parametrize(
    ("own", "spelled"),
    [
        ("Ольга Щербакова", "olga shcherbakova"),
        ("Παπαδόπουλος", "papadopoulos"),
        ("Ευάγγελος", "evangelos"),
        ("Μπακάλης", "bakalis"),
        ("محمد", "mohammed"),
        ("الحسن", "alhassan"),
        ("عبد الله", "abd allah"),
        ("حمدان", "hamdan"),
        ("طارق", "tariq"),
        ("درويش", "darwish"),
        ("שרה כהן", "sarah cohen"),
        ("שירה", "shira"),
        ("אורי", "ori"),
        ("किशोर", "kishor"),
        ("शर्मा", "sharma"),
        ("राम", "ram"),
        ("कृष्ण", "krishna"),
        ("ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ", "gurapreet singh"),
        ("రాజేష్", "rajesh"),
        ("김", "kim"),
        ("영희", "younghee"),
        ("さとう", "sato"),
        ("ዳዊት", "dawit"),
        ("王芳", "wangfang"),
        ("Nguyễn Đức", "nguyen duc"),
        ("İbrahim Çağlar", "ibrahim caglar"),
    ],
)
def test_a_name_is_spelled_as_people_spell_it(own, spelled):
    plain = words(latin(unicodedata.normalize("NFKC", own)))
    assert LAST_NAME(plain) == LAST_NAME(spelled)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("José", "Jose"),
        ("JOSE\u0301", "josé"),
        ("Straße", "STRASSE"),
        ("O’Neil", "O'Neil"),  # noqa: RUF001 (the apostrophe is the point)
        ("D'Angelo", "DAngelo"),
        ("Zhi-Ming", "Zhiming"),
        ("Mc Donald", "McDonald"),
        ("De la Cruz", "Delacruz"),
        ("Garcia-Lopez", "GARCIA LOPEZ"),
        ("JosÃ©", "José"),
        ("Youssef", "Yussef"),
        ("Andrey", "Andrei"),
        ("Ан\u00adна", "Анна"),  # noqa: RUF001
        ("\uff21\uff22", "ab"),
    ],
)
def test_ways_to_write_one_name_are_one_name(one, other):
    assert LAST_NAME(one) == LAST_NAME(other)
    assert LAST_NAME(one)[1] is READ
