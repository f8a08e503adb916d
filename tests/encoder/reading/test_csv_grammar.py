"""The native CSV reader against Python's csv module: the same records from any text, cut anywhere."""

import csv
import io
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoder.reading._native import Csv

SIGNS = st.lists(
    st.sampled_from(["a", "bc", '"', '""', ",", ";", "\n", "\r", "\r\n", " ", "é", "\u00a0", "\u2003", "名"]),
    max_size=60,
).map("".join)
WIDTH = 12


def by_python(text, delimiter=","):
    """The records with any text as (row, cells), and the row where quotes are broken (0: none)."""
    records = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        records.extend(reader)
    except csv.Error:
        broken = len(records) + 1
    else:
        broken = 0
    return [(row, cells) for row, cells in enumerate(records, start=1) if any(map(str.strip, cells))], broken


def natively(parts, delimiter=",", width=WIDTH, least=0, skip=0):
    file = Csv(delimiter.encode(), width, least, skip)
    fed = [file.feed(part, last=False) for part in parts] + [file.feed(b"", last=True)]
    rows = np.concatenate([part[0] for part in fed]).tolist()
    codes = [np.concatenate([part[1][column] for part in fed]) for column in range(width)]
    texts = [file.texts(column) for column in range(width)]
    cells = [[texts[column][codes[column][place]] for column in range(width)] for place in range(len(rows))]
    return list(zip(rows, cells, strict=True)), [row for part in fed for row in part[2]], file.broken_row


def cut(content, places):
    ends = sorted({min(place, len(content)) for place in places} | {0, len(content)})
    return [content[start:end] for start, end in pairwise(ends)]


def padded(cells, width=WIDTH):
    return (cells + [""] * width)[:width]


@given(SIGNS, st.lists(st.integers(0, 60), max_size=6), st.sampled_from(",;"))
def test_any_text_cut_anywhere_has_the_records_that_python_reads(text, places, delimiter):
    expected, broken = by_python(text, delimiter)
    wide = [row for row, cells in expected if any(map(str.strip, cells[WIDTH:]))]
    found, ragged, broken_row = natively(cut(text.encode(), places), delimiter)
    assert found == [(row, padded(cells)) for row, cells in expected if row not in wide]
    assert [row for row, _, _ in ragged] == wide
    assert broken_row == broken


def test_a_row_is_ragged_by_its_named_columns_and_by_text_past_the_last():
    rows = b"1,2,3\n1,2\n1\n1,2,3,,\n1,2,3,4\n"
    found, ragged, _ = natively([rows], width=3, least=2)
    assert [row for row, _ in found] == [1, 2, 4]
    assert found[1][1] == ["1", "2", ""]
    assert ragged == [(3, 1, "1"), (5, 4, "1")]


def test_rows_of_the_header_are_passed_over_and_counted():
    found, _, _ = natively([b"a,b\n\n1,2\n"], width=2, skip=2)
    assert found == [(3, ["1", "2"])]


def test_a_value_that_comes_often_is_one_value():
    file = Csv(b",", 2, 2, 0)
    file.feed("".join(f"{row % 100},{row}\n" for row in range(10_000)).encode(), True)
    assert file.texts(0) == [str(value) for value in range(100)]
    assert file.texts(1) == [str(value) for value in range(10_000)]


def test_a_cell_of_ten_million_signs_is_read():
    note = b'x,"' + b"ab\n" * 3_333_334 + b'"\n'
    found, _, _ = natively(cut(note, range(0, len(note), 1 << 20)), width=2)
    assert len(found[0][1][1]) == 10_000_002


@pytest.mark.parametrize("column", [2, 1 << 40])
def test_a_column_that_is_not_there_has_no_texts(column):
    with pytest.raises(IndexError):
        Csv(b",", 2, 2, 0).texts(column)


@pytest.mark.parametrize(("delimiter", "width", "least"), [(b"", 1, 1), (b";;", 1, 1), (b",", 1, 2)])
def test_what_cannot_be_a_file_is_refused(delimiter, width, least):
    with pytest.raises(ValueError, match=r"delimiter|cells"):
        Csv(delimiter, width, least, 0)
