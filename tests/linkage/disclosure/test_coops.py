"""Tables of small co-ops: what is shown, hidden and rolled up."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from linkage.disclosure.protect import Protected, protect
from linkage.errors import WrongAgreement
from schemas import Agreement, Status
from tests.linkage.disclosure.made import counted, table_agreement

FOUR = ("unduplicated", "set_pathway", "overlap_pairs", "ordered_pathway")


def agreement(tables: tuple[str, ...] = FOUR) -> Agreement:
    return replace(table_agreement(), tables=tables)


def released(people: dict[str, int], tables: tuple[str, ...] = FOUR, **more: int) -> Protected:
    return protect(counted(people, tables, **more), agreement(tables))


def cells(made: Protected, table: str) -> dict[str, list[object]]:
    return {" ".join(keys): [cell.value for cell in row] for keys, row in made.tables[table].rows}


def test_where_nothing_is_small_everything_is_shown() -> None:
    made = released({"a": 50, "b": 60, "a>b": 20, "b>a": 25}, members=2, doubled=12)
    assert (made.primary, made.secondary) == (0, 0)
    assert cells(made, "set_pathway") == {"a": [50], "b": [60], "a+b": [45]}
    assert cells(made, "ordered_pathway") == {"a": [50], "b": [60], "a>b": [20], "b>a": [25]}
    assert cells(made, "overlap_pairs") == {"a b": [45, 95, 105, 0.4737, 0.4286, 0.2903]}


def test_numbers_made_of_a_hidden_count_are_hidden_with_it() -> None:
    made = released({"a": 50, "b": 60, "a>b": 5}, members=2)
    both, _, _, share_a, share_b, jaccard = made.tables["overlap_pairs"].rows[0][1]
    assert {both.status, share_a.status, share_b.status, jaccard.status} == {Status.SUPPRESSED}


def test_a_small_number_of_doubled_records_is_not_given_away() -> None:
    records, people, *_ = cells(released({"a": 50, "b": 60}, ("unduplicated",), members=2, doubled=5), "unduplicated")[
        "a"
    ]
    assert records is None or people is None


def test_rare_pathways_are_one_row_without_their_names() -> None:
    made = released({"a": 50, "a>b>c": 8, "b>a>c": 7, "c>a>b": 6}, ("ordered_pathway",))
    assert cells(made, "ordered_pathway") == {"a": [50], "other pathways": [21]}


def test_the_rare_orders_of_a_set_are_not_given_away_by_the_set() -> None:
    people = {"a": 500, "b": 500, "a>b": 200, "b>a": 300, "a+b": 4, "a>c": 8, "c>a": 9, "c": 90}
    assert not {"a>b", "b>a"} <= set(cells(released(people), "ordered_pathway"))


def test_the_order_of_rows_does_not_depend_on_hidden_counts() -> None:
    def listed(few: int, fewer: int) -> list[tuple[str, ...]]:
        made = released({"a": few, "b": 70, "c": fewer, "a>b": 80}, ("set_pathway",))
        return [keys for keys, _ in made.tables["set_pathway"].rows]

    assert listed(2, 9) == listed(9, 2)


def test_raw_counts_cannot_be_serialised() -> None:
    with pytest.raises(TypeError, match="raw counts stay in memory"):
        pickle.dumps(counted({"a": 20}, FOUR))


def test_a_table_that_was_not_counted_is_not_released() -> None:
    with pytest.raises(WrongAgreement, match="ordered_pathway"):
        protect(counted({"a": 20}, ("set_pathway",)), agreement())


def test_a_policy_that_rounds_needs_a_key() -> None:
    with pytest.raises(WrongAgreement, match="key"):
        protect(counted({"a": 20}, ("set_pathway",)), replace(agreement(("set_pathway",)), policy="nz-rr3"))
