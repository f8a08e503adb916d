"""Raw counts never leave memory."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from linkage.pathways.count_tables import count_tables
from linkage.pathways.raw_counts import RawCounts
from tests.linkage.pathways.test_properties import events_of, plan


@pytest.fixture
def raw() -> RawCounts:
    return count_tables(events_of([(1, 0, 3, 4, False), (2, 1, 3, 4, False)]), plan())


def test_raw_counts_cannot_be_pickled(raw: RawCounts) -> None:
    with pytest.raises(TypeError, match="stay in memory"):
        pickle.dumps(raw)


def test_raw_counts_cannot_be_copied(raw: RawCounts) -> None:
    with pytest.raises(TypeError, match="stay in memory"):
        copy.deepcopy(raw)


def test_raw_counts_are_no_json(raw: RawCounts) -> None:
    with pytest.raises(TypeError):
        json.dumps(raw)


def test_raw_counts_have_no_dictionary_to_dump(raw: RawCounts) -> None:
    with pytest.raises(TypeError):
        vars(raw)


def test_raw_counts_print_no_number(raw: RawCounts) -> None:
    assert {repr(raw), str(raw), f"{raw}"} == {"RawCounts(not shown)"}
