"""A secret in words: back again bit for bit, and no slip of the tongue goes unseen."""

import hashlib
from importlib.resources import files

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from encoder.errors import BadSecret
from encoder.keeping.strength import looks_random
from encoder.keeping.words import WORDS, secret_of_words, words_of
from encoder.secret import Secret

VALUE = hashlib.sha256(b"a secret of the tests").digest()
LIST = (files("encoder.keeping") / "words.txt").read_text().split()

secrets_ = st.binary(min_size=32, max_size=32).filter(looks_random) | st.integers().map(
    lambda number: hashlib.sha256(str(number).encode()).digest()
)
places = st.integers(0, WORDS - 1)
others = st.integers(1, len(LIST) - 1)


def changed(words, place, by):
    """The words with the one at a place moved along the list."""
    wrong = LIST[(LIST.index(words[place]) + by) % len(LIST)]
    return [*words[:place], wrong, *words[place + 1 :]]


def test_the_list_is_that_of_bip_39():
    data = (files("encoder.keeping") / "words.txt").read_bytes()
    assert hashlib.sha256(data).hexdigest() == "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"
    assert len({word[:4] for word in LIST}) == len(LIST) == 2048


def test_the_first_24_words_are_bip_39_s():
    """A vector of https://github.com/trezor/python-mnemonic/blob/master/vectors.json."""
    value = bytes.fromhex("68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c")
    assert " ".join(words_of(Secret(value))[:24]) == (
        "hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel tennis "
        "maple dilemma loan word shrug inflict delay length"
    )


@given(secrets_)
def test_words_come_back_as_the_secret_bit_for_bit(value):
    words = words_of(Secret(value))
    assert len(words) == WORDS
    assert secret_of_words(words).reveal() == value
    assert secret_of_words([f" {word[:4].upper()}" for word in words]).reveal() == value


@given(secrets_, places, others)
def test_one_wrong_word_is_found_and_named(value, place, by):
    words = changed(words_of(Secret(value)), place, by)
    with pytest.raises(BadSecret, match=rf"word {place + 1} may be the wrong one"):
        secret_of_words(words)


@given(secrets_, places, others, places, others)
@example(VALUE, 24, 1, 25, 1)
def test_two_wrong_words_are_found_for_certain(value, place, by, place_too, by_too):
    assume(place != place_too)
    with pytest.raises(BadSecret):
        secret_of_words(changed(changed(words_of(Secret(value)), place, by), place_too, by_too))


@given(secrets_, places, places)
def test_two_words_in_each_other_s_place_are_found(value, place, place_too):
    words = words_of(Secret(value))
    assume(words[place] != words[place_too])
    words[place], words[place_too] = words[place_too], words[place]
    with pytest.raises(BadSecret, match="in each other's place"):
        secret_of_words(words)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda words: words[:-1], "are 25, not 26"),
        (lambda words: [*words, "zoo"], "are 27, not 26"),
        (lambda words: ["shelters", "waylink", *words[2:]], "not on the list: word 1, 2"),
        (lambda words: ["", *words[1:]], "not on the list: word 1"),
        (lambda _: ["abandon"] * 26, "are not those of a secret"),
    ],
    ids=["short", "long", "strange", "blank", "all alike"],
)
def test_what_is_no_secret_is_refused_without_a_word_of_it(spoil, told):
    words = words_of(Secret(VALUE))
    with pytest.raises(BadSecret, match=told) as caught:
        secret_of_words(spoil(words))
    assert not any(word in str(caught.value).split() for word in words if len(word) > 4)
    assert "shelters" not in str(caught.value)
