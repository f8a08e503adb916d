"""A table of text becomes encodings: columns, empty and bad values, and schemas that cannot be used."""

import base64
import random

import numpy as np
import pandas as pd
import pytest

from encoder import encode_table
from encoder.distinct import distinct
from encoder.errors import UnfitTable, UnfitValue, UnusableSchema
from encoder.hashing import clk
from encoder.hashing.clkhash_spec import read_recipe
from schemas.errors import DataFault, FileMissing

SECRET = b"s" * 32
TEXT = {"type": "string"}


def feature(name, form=None, comparison=None, **hashing):
    comparison = comparison or {"type": "ngram", "n": 2}
    return {
        "identifier": name,
        "format": form or TEXT,
        "hashing": {"comparison": comparison, "strategy": {"bitsPerFeature": 50}, **hashing},
    }


def schema(*features, bits=512, **config):
    config = {"l": bits, "kdf": {"type": "HKDF", **config.pop("kdf", {})}, **config}
    return {"version": 3, "clkConfig": config, "features": list(features)}


NAMES = schema(feature("first"), {"identifier": "note", "ignored": True}, feature("last"))
PEOPLE = pd.DataFrame({"first": ["ann", "bob"], "note": ["x", "y"], "last": ["lee", "kay"]}, dtype=str)


def bits(table, definition, **options):
    return encode_table(table, definition, SECRET, **options).bits


def test_columns_in_another_order_are_matched_by_name():
    assert (bits(PEOPLE[["last", "first", "note"]], NAMES) == bits(PEOPLE, NAMES)).all()


def test_columns_of_other_names_are_matched_by_position():
    assert (bits(PEOPLE.set_axis(["a", "b", "c"], axis=1), NAMES) == bits(PEOPLE, NAMES)).all()


def test_another_number_of_columns_is_refused():
    with pytest.raises(UnfitTable, match="2 columns"):
        bits(PEOPLE[["first", "last"]], NAMES)


def test_cells_that_are_no_text_are_refused():
    with pytest.raises(UnfitTable, match="no text"):
        bits(PEOPLE.assign(first=[1, 2]), NAMES)


def test_a_missing_cell_is_an_empty_one():
    missing, empty = PEOPLE.copy(), PEOPLE.copy()
    missing.loc[0, "first"] = None
    empty.loc[0, "first"] = ""
    assert (bits(missing, NAMES) == bits(empty, NAMES)).all()


@pytest.mark.parametrize(
    "form", [{"type": "date", "format": "%Y"}, {"type": "integer"}, {"type": "string", "minLength": 2}]
)
def test_an_empty_value_has_no_tokens_whatever_its_format(form):
    assert not bits(pd.DataFrame({"a": [""]}), schema(feature("a", form))).any()


def test_a_sentinel_that_is_no_number_has_no_tokens_in_a_numeric_comparison():
    numeric = {"type": "numeric", "thresholdDistance": 5, "resolution": 2}
    definition = schema(feature("a", {"type": "integer"}, numeric, missingValue={"sentinel": "N/A"}))
    made = bits(pd.DataFrame({"a": ["N/A", "12"]}), definition)
    assert not made[0].any()
    assert made[1].any()


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ({"type": "date", "format": "%Y-%m-%d"}, "1980-02-31"),
        ({"type": "integer", "minimum": 100}, "99"),
        ({"type": "enum", "values": ["yes"]}, "maybe"),
        ({"type": "string", "pattern": "[a-z]+"}, "Quillfeather"),
        ({"type": "string", "encoding": "ascii"}, "Ольга"),
        ({"type": "string", "case": "upper"}, "lower"),
    ],
)
def test_a_value_that_breaks_its_format_is_named_by_row_and_column_only(form, value):
    with pytest.raises(UnfitValue) as caught:
        bits(pd.DataFrame({"a": ["", "", value]}), schema(feature("a", form)))
    assert caught.value.where == "row 2 (counted from 0), column 'a'"
    assert value not in str(caught.value)
    assert isinstance(caught.value, DataFault)


def test_without_validation_a_value_is_hashed_as_it_stands():
    definition = schema(feature("a", {"type": "string", "maxLength": 2}))
    assert bits(pd.DataFrame({"a": ["long"]}), definition, validate=False).any()


def test_values_that_differ_after_a_nul_are_different():
    made = bits(pd.DataFrame({"a": ["a\0b", "a\0c"]}, dtype=object), schema(feature("a")))
    assert (made[0] != made[1]).any()


def test_a_table_without_rows_has_no_encodings():
    assert bits(pd.DataFrame({"a": []}, dtype=object), schema(feature("a"))).shape == (0, 64)


@pytest.mark.parametrize("rows", [1, 7, 50, 51])
def test_chunks_of_any_size_give_the_same_bits(rows, monkeypatch):
    definition = schema(feature("a"), feature("b"), xor_folds=1)
    rng = random.Random(1)  # noqa: S311 (invented values)
    table = pd.DataFrame([[rng.choice(["x", "yy", ""]), str(rng.random())] for _ in range(50)], columns=["a", "b"])
    whole = bits(table, definition)
    monkeypatch.setattr(clk, "_CHUNK_ROWS", rows)
    assert (bits(table, definition) == whole).all()


def test_the_bits_do_not_depend_on_the_number_of_threads(monkeypatch):
    monkeypatch.setattr(clk, "_CHUNK_ROWS", 3)
    recipe = read_recipe(schema(feature("a")), SECRET)
    column = distinct([f"name {row % 7}" for row in range(40)])
    one = clk.encode_columns([column], recipe, threads=1)
    assert (clk.encode_columns([column], recipe, threads=4) == one).all()
    assert (clk.encode_columns([column], recipe) == one).all()


def test_bits_are_written_to_the_rows_that_are_asked_for(monkeypatch):
    monkeypatch.setattr(clk, "_CHUNK_ROWS", 4)
    recipe = read_recipe(schema(feature("a")), SECRET)
    column = distinct([f"name {row}" for row in range(10)])
    to = np.array([3, 9, 0, 1, 8, 2, 7, 4, 6, 5])
    assert (clk.encode_columns([column], recipe, to=to)[to] == clk.encode_columns([column], recipe)).all()


def test_an_unfit_value_is_named_by_its_row_whichever_thread_meets_it(monkeypatch):
    monkeypatch.setattr(clk, "_CHUNK_ROWS", 5)
    recipe = read_recipe(schema(feature("a", {"type": "integer"})), SECRET)
    column = distinct([str(row) if row not in (13, 33) else "many" for row in range(40)])
    with pytest.raises(UnfitValue, match=r"row 13 \(counted from 0\), column 'a'"):
        clk.encode_columns([column], recipe, threads=3)


def test_what_is_encoded_is_told_chunk_by_chunk(monkeypatch):
    monkeypatch.setattr(clk, "_CHUNK_ROWS", 4)
    told = []
    clk.encode_columns([distinct(["x"] * 10)], read_recipe(schema(feature("a")), SECRET), advance=told.append)
    assert told == [4, 4, 2]


def test_a_text_that_its_encoding_cannot_write_is_named_by_row(monkeypatch):
    monkeypatch.setattr(clk, "_CHUNK_ROWS", 2)
    table = pd.DataFrame({"a": ["ann", "bob", "ann", "zo\ud800e"]}, dtype=object)
    with pytest.raises(UnfitValue, match="row 3 "):
        bits(table, schema(feature("a")))
    with pytest.raises(UnfitValue, match="row 0 "):
        bits(pd.DataFrame({"a": ["zoë"]}), schema(feature("a", {"type": "string", "encoding": "ascii"})))


def test_a_schema_that_ignores_every_column_gives_empty_filters():
    made = bits(pd.DataFrame({"a": ["x", "y"]}), schema({"identifier": "a", "ignored": True}))
    assert made.shape == (2, 64)
    assert not made.any()


def test_tokens_are_the_source_s_bytes():
    made = encode_table(PEOPLE, NAMES, SECRET, token_source=lambda size: bytes(range(size)))
    assert made.tokens.tobytes() == bytes(range(32))


def test_a_preset_is_a_schema_too():
    table = pd.DataFrame([["ann", "k", "lee", "19800101", "f", "7", "main st"]])
    assert bits(table, "person-v1").shape == (1, 128)


def test_a_schema_that_is_not_there_is_named():
    with pytest.raises(FileMissing, match="no-such"):
        bits(PEOPLE, "no-such")


def test_documented_but_unread_xorfolds_changes_nothing_as_in_clkhash():
    assert (bits(PEOPLE, {**NAMES, "clkConfig": {**NAMES["clkConfig"], "xorFolds": 1}}) == bits(PEOPLE, NAMES)).all()


@pytest.mark.parametrize(
    ("definition", "reason"),
    [
        (schema(*(feature(f"f{i}") for i in range(64))), "63 at most"),
        (schema(feature("a"), bits=520), "power of two"),
        (schema(feature("a"), kdf={"keySize": 65}), "64 bytes"),
        (schema(feature("a"), xor_folds="2"), "xor_folds"),
        (schema(feature("a"), xor_folds=-1), "xor_folds"),
        (schema(feature("a", {"type": "string", "pattern": "("})), "feature 0"),
        (schema(feature("a", {"type": "colour"})), "features.0"),
        (schema(feature("a"), kdf={"salt": "abc"}), "clkhash"),
        (schema(feature("a"), xor_folds=20), "2..24 bits"),
    ],
)
def test_a_schema_clkhash_cannot_use_is_refused_with_the_reason(definition, reason):
    table = pd.DataFrame([["x"] * len(definition["features"])])
    with pytest.raises(UnusableSchema, match=reason):
        bits(table, definition)


def test_sixty_three_columns_are_encoded():
    definition = schema(*(feature(f"f{i}") for i in range(63)))
    assert bits(pd.DataFrame([["x"] * 63]), definition).any()


def test_the_same_values_in_two_columns_set_other_bits():
    made = bits(pd.DataFrame([["ann", ""], ["", "ann"]]), schema(feature("a"), feature("b")))
    assert (made[0] != made[1]).any()


def test_salt_and_info_change_the_bits():
    salted = base64.b64encode(b"salt").decode()
    assert (
        bits(PEOPLE, NAMES) != bits(PEOPLE, {**NAMES, "clkConfig": schema(kdf={"salt": salted})["clkConfig"]})
    ).any()
