"""The native tokeniser and bit-setter equal clkhash's n-grams and the reference, on a corpus with the ugly cases."""

import random

import numpy as np
import pytest
from clkhash.comparators import NgramComparison

from encoder.hashing import _native, reference
from encoder.hashing.clkhash_spec import Ngrams
from encoder.hashing.ranges import starts
from encoder.hashing.tokens import CutTexts, FieldTokens, bits_per_value, cut_ngrams, number_tokens

# fmt: off
UGLY = [
    "", " ", "a", "aa", "aaa", "ab", "ba", "a b", "  a  ", "\0", "a\0b", "a\0c", "é", "é", "Ольга", "王芳", "محمد",
    "\U0001d49cnn", "🙂🙂", "a🙂", "\U0010ffff", "\ud800", "ﬁ", "x" * 5000, "ab" * 600, "1 a", "2 b", "\n\r\t", "ÿĀ",
]
# fmt: on
"""Texts of one, two and four bytes a sign, short ones, long ones, and ones that look like positional tokens."""


def corpus():
    source = random.Random(7)  # noqa: S311 (the same in every run is the point)
    letters = "abcdefgh éß王🙂"
    return UGLY + ["".join(source.choices(letters, k=source.randrange(14))) for _ in range(3000)]


@pytest.mark.parametrize("positional", [False, True])
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_native_n_grams_are_clkhash_s_numbered_by_first_appearance(n, positional):
    texts = corpus()
    ours = cut_ngrams(texts, Ngrams(n, positional))
    theirs = number_tokens(list(NgramComparison(n, positional).tokenize(text)) for text in texts)
    assert ours.tokens == theirs.tokens
    np.testing.assert_array_equal(ours.first, theirs.first)
    np.testing.assert_array_equal(ours.token, theirs.token)


def test_no_texts_have_no_n_grams():
    cut = cut_ngrams([], Ngrams(2, positional=False))
    assert (cut.tokens, cut.first.tolist(), len(cut.token)) == ([], [0], 0)


def test_what_is_no_text_and_room_that_is_not_theirs_are_refused():
    with pytest.raises(TypeError, match="no text"):
        _native.cut(["a", 1], 1, False, np.empty(2, np.int32))
    for room in (1, 3):
        with pytest.raises(ValueError, match="room"):
            _native.cut(["ab"], 1, False, np.empty(room, np.int32))
    with pytest.raises(ValueError, match="no letters"):
        _native.cut(["ab"], 0, False, np.empty(0, np.int32))


def field(rng, rows, values, filter_bits):
    """A field of random tokens; some values have none, some tokens set no bit."""
    lengths = rng.integers(0, 9, values) if values > 1 else np.array([5])
    distinct = 40
    cut = CutTexts(starts(lengths), rng.integers(distinct, size=lengths.sum(), dtype=np.int32), ["t"] * distinct)
    budget = int(rng.integers(1, 60))
    least, extra = bits_per_value(
        np.diff(cut.first), lambda n: (budget // n + 1,) * (budget % n) + (budget // n,) * (n - budget % n)
    )
    most = reference.most_bits(cut, least, extra)
    place = starts(most)
    positions = rng.integers(filter_bits, size=place[-1], dtype=np.uint32)
    return FieldTokens(rng.integers(values, size=rows, dtype=np.int32), cut, least, extra, place, positions)


def arrays(one):
    return (one.codes, one.cut.first, one.cut.token, one.least, one.extra, one.place, one.positions)


@pytest.mark.parametrize(("filter_bits", "folds"), [(8, 0), (64, 3), (1024, 0), (1008, 1), (4096, 2), (520, 0)])
@pytest.mark.parametrize(("rows", "values"), [(0, 1), (1, 1), (3, 50), (200, 3), (200, 99), (200, 101), (257, 4000)])
def test_native_filters_are_the_reference_s(rows, values, filter_bits, folds):
    rng = np.random.default_rng(rows + values)
    fields = [
        field(rng, rows, values, filter_bits),
        field(rng, rows, 5, filter_bits),
        field(rng, rows, 300, filter_bits),
    ]
    filters = _native.Filters(filter_bits, folds)
    for one in fields:
        filters.add(*arrays(one))
    to = rng.permutation(rows)
    made = np.full((rows, filter_bits // 8 >> folds), 0xAA, np.uint8)
    filters.write(to, made)
    np.testing.assert_array_equal(made[to], reference.set_bits(fields, filter_bits, folds))


def test_native_counts_are_the_reference_s():
    one = field(np.random.default_rng(3), 10, 500, 64)
    most = np.empty(len(one.cut.tokens), np.int32)
    _native.most_bits(one.cut.first, one.cut.token, one.least, one.extra, most)
    np.testing.assert_array_equal(most, reference.most_bits(one.cut, one.least, one.extra))


GOOD = {
    "codes": np.array([0, 1], np.int32),
    "first": np.array([0, 1, 3]),
    "token": np.array([0, 1, 0], np.int32),
    "least": np.array([2, 1], np.int32),
    "extra": np.array([0, 1], np.int32),
    "place": np.array([0, 2, 4]),
    "positions": np.array([0, 1, 2, 63], np.uint32),
}


@pytest.mark.parametrize(
    ("name", "broken", "reason"),
    [
        ("codes", [0, 2], "no such value"),
        ("codes", [-1, 0], "no such value"),
        ("first", [0, 1, 4], "do not follow"),
        ("first", [1, 1, 3], "do not follow"),
        ("first", [0, 4, 3], "do not follow"),
        ("first", [], "do not follow"),
        ("token", [0, 2, 0], "no such token"),
        ("token", [0, -1, 0], "no such token"),
        ("least", [2], "number of bits"),
        ("extra", [0], "number of bits"),
        ("least", [3, 1], "too few positions"),
        ("extra", [1, 1], "too few positions"),
        ("place", [0, 1, 4], "too few positions"),
        ("place", [0, 2, 5], "do not follow"),
        ("place", [], "do not follow"),
        ("positions", [0, 1, 2, 64], "no such bit"),
    ],
)
def test_a_field_that_does_not_hang_together_is_refused(name, broken, reason):
    _native.Filters(64, 0).add(**GOOD)
    with pytest.raises(ValueError, match=reason):
        _native.Filters(64, 0).add(**GOOD | {name: np.array(broken, GOOD[name].dtype)})


def test_rows_that_do_not_fit_are_refused():
    filters = _native.Filters(64, 0)
    filters.add(**GOOD)
    with pytest.raises(ValueError, match="numbers of records"):
        filters.add(**GOOD | {"codes": np.zeros(3, np.int32)})
    for to, shape, reason in (
        ([0], (2, 8), "each record"),
        ([0, 1], (2, 9), "length"),
        ([0, 2], (2, 8), "no such row"),
    ):
        with pytest.raises(ValueError, match=reason):
            filters.write(np.array(to), np.zeros(shape, np.uint8))
    for bits, folds in ((0, 0), (12, 0), (64, 4), (64, 40)):
        with pytest.raises(ValueError, match="folded"):
            _native.Filters(bits, folds)


def test_bits_spread_in_an_unknown_way_are_no_silent_difference():
    with pytest.raises(AssertionError, match="not known"):
        bits_per_value(np.array([3]), lambda _: (1, 2, 1))
