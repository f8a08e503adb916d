"""Made-up people: the same from the same seed, shaped like people, encoded as a member would encode them."""

from __future__ import annotations

import sys
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.datasets import SCHEMA, SECRET, encode_people, likeness, make_people_lists, people_lists
from benchmarks.people import DIGITS, FIELDS, People, draw_people, misdate, misspell, read_names, take, write_down
from encoder.table import encode_table
from schemas.linkage_schema import load_linkage_schema

pytest.importorskip("names", reason="the benchmarks' people need names==0.3.0")
RECORDS = 300


def rng(seed: int = 5) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def people() -> People:
    return draw_people(rng(), read_names(), RECORDS)


@pytest.fixture(scope="module")
def records(people: People) -> People:
    return write_down(rng(), read_names(), people)


def cells(people: People, field: str) -> list[str]:
    return [people[field].texts[code] for code in people[field].codes]


@pytest.mark.parametrize("folds", [0, 2])
def test_people_are_encoded_as_the_encoder_encodes_the_same_table(records, folds):
    definition = load_linkage_schema(SCHEMA).definition
    definition = definition | {"clkConfig": definition["clkConfig"] | {"xor_folds": folds}}
    table = pd.DataFrame({field: cells(records, field) for field in FIELDS})
    assert np.array_equal(encode_people(records, folds=folds), encode_table(table, definition, SECRET).bits)


def test_the_fields_are_those_of_the_preset():
    assert list(FIELDS) == load_linkage_schema(SCHEMA).fields


def test_the_same_seed_gives_the_same_lists():
    one, other = (make_people_lists(rng(), RECORDS, folds=0) for _ in range(2))
    assert all(np.array_equal(vars(one)[name], vars(other)[name]) for name in vars(one))


def test_another_seed_gives_other_lists():
    assert not np.array_equal(make_people_lists(rng(1), 50, folds=0).left, make_people_lists(rng(2), 50, folds=0).left)


def test_folds_change_the_filters_and_not_the_people():
    plain, folded = (make_people_lists(rng(), RECORDS, folds=folds) for folds in (0, 2))
    assert np.array_equal(plain.left_person, folded.left_person)
    assert not np.array_equal(plain.left, folded.left)


def test_a_third_of_each_list_is_in_the_other():
    lists = make_people_lists(rng(), RECORDS, folds=0)
    assert len(np.intersect1d(lists.left_person, lists.right_person)) == RECORDS // 3


def test_kept_lists_are_read_and_not_made_again(tmp_path: Path, monkeypatch):
    made = people_lists(7, 30, cache=tmp_path)
    monkeypatch.setattr("benchmarks.datasets.make_people_lists", None)
    assert np.array_equal(people_lists(7, 30, cache=tmp_path).right, made.right)


def test_the_lists_are_as_full_as_people_s_filters_are():
    assert likeness(make_people_lists(rng(), RECORDS, folds=0), rng()).fill == pytest.approx(0.45, abs=0.02)


def test_two_records_of_one_person_are_far_more_alike_than_two_strangers():
    like = likeness(make_people_lists(rng(), RECORDS, folds=0), rng())
    assert like.same_person_median > like.strangers_most > like.strangers_mean


def test_families_share_a_last_name_and_an_address(people):
    last, street = cells(people, "last_name"), cells(people, "street_name")
    assert sum(a == b for a, b in pairwise(last)) > RECORDS / 5
    assert sum(a == b for a, b in pairwise(street)) > RECORDS / 3


def test_every_cell_is_there_before_anybody_writes_it_down(people):
    assert all("" not in cells(people, field) for field in FIELDS)


def test_some_cells_are_empty_in_a_record(records):
    assert RECORDS / 4 < cells(records, "middle_initial").count("") < RECORDS / 1.5


def test_whoever_has_no_street_has_no_house_number(records):
    without = [street == "" for street in cells(records, "street_name")]
    assert any(without)
    assert without == [number == "" for number in cells(records, "street_number")]


def test_most_cells_are_written_as_they_are(people, records):
    same = sum(a == b for a, b in zip(cells(people, "last_name"), cells(records, "last_name"), strict=True))
    assert RECORDS * 0.9 < same < RECORDS


def test_taken_rows_are_those_people(people):
    assert cells(take(people, np.array([4, 2])), "last_name") == [cells(people, "last_name")[row] for row in (4, 2)]


def test_a_slip_of_the_keyboard_changes_a_letter_or_two_and_never_empties_a_cell():
    source = rng()
    slips = {misspell(source, "ng") for _ in range(200)}
    assert "" not in slips
    assert {"n", "g", "gn"} <= slips
    assert max(map(len, slips)) == 3


def test_a_slip_in_a_single_letter_leaves_something():
    source = rng()
    assert all(misspell(source, "7", letters=DIGITS) for _ in range(100))


@pytest.mark.parametrize("day", ["19960229", "20011231", "19500101"])
def test_a_slip_in_a_date_leaves_a_date(day):
    source = rng()
    slips = {misdate(source, day) for _ in range(200)}
    assert len(slips) > 10
    assert all(datetime.strptime(slip, "%Y%m%d") for slip in slips)


def test_without_the_package_of_names_the_fix_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "names", None)
    with pytest.raises(ModuleNotFoundError, match="install names"):
        read_names()
