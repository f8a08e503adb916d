"""A column as its distinct values: the same rows whichever way they came in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import encoder.distinct
from encoder.distinct import DistinctBuilder, distinct

COLUMNS = st.lists(st.sampled_from(["", " ", "Ann", "ann", "a\0b", "a\0c", "é", "é"]))


@given(COLUMNS, st.integers(0, 50))
def test_a_column_in_parts_is_the_column_at_once(cells, cut):
    builder = DistinctBuilder()
    builder.add(cells[:cut])
    builder.add(cells[cut:])
    column = builder.column()
    assert list(column.values()) == cells
    assert column.texts == list(dict.fromkeys(cells))
    assert column.codes.dtype == np.int32


@given(COLUMNS, st.integers(0, 8), st.integers(0, 8), st.sampled_from([0, 16]))
def test_some_rows_have_their_values_and_no_other(cells, start, length, many):
    column = distinct([*cells, "", "Ann"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoder.distinct, "_MANY", many)  # either way of finding them
        part = column.part(slice(start, start + length))
    assert list(part.values()) == [*cells, "", "Ann"][start : start + length]
    assert part.codes.dtype == np.int32
    assert sorted(part.texts) == sorted(set(part.values()))


@given(COLUMNS)
def test_other_texts_for_the_values_are_those_texts_in_every_row(cells):
    column = distinct(cells)
    folded = column.mapped([text.casefold() for text in column.texts])
    assert list(folded.values()) == [cell.casefold() for cell in cells]
    assert len(set(folded.texts)) == len(folded.texts)
    assert list(column.stripped().values()) == [cell.strip() for cell in cells]


@given(COLUMNS)
def test_the_rows_where_something_holds_are_those_whose_value_it_holds_for(cells):
    column = distinct(cells)
    assert column.where([not text for text in column.texts]).tolist() == [not cell for cell in cells]
