"""The main findings: true sentences, from shown numbers alone."""

from __future__ import annotations

from dataclasses import replace

from linkage.release.findings import MOST, main_findings
from schemas import Cell, ReleaseTable, Status
from schemas.tables import HIDDEN
from tests.linkage.release.examples import every_table, table

NONE = Cell(None, Status.NOT_APPLICABLE)


def said(*tables: ReleaseTable) -> list[str]:
    return main_findings({one.name: one for one in tables})


def sets(**people: int | None) -> ReleaseTable:
    cells = {name.replace("_", "+"): HIDDEN if n is None else Cell(n) for name, n in people.items()}
    whole = table("set_pathway", [((name,), (cell,) * 4) for name, cell in cells.items()])
    return replace(whole, measures=("people",), rows=[(keys, cells[:1]) for keys, cells in whole.rows])


def test_the_examples_have_three() -> None:
    assert said(*every_table().values()) == [
        (
            "3,000 people were served, each counted once. Adding up the members' own numbers would give 4,935; 39.2% "
            "of these are people counted again."
        ),
        (
            "At least 1,332 people were at more than one place. Among the numbers that are shown, the most frequent "
            "combination is clinic and pantry (174 people)."
        ),
        "Of the 1,185 people at shelter, 214 (18.1%) went on to training within 90 days.",
    ]


def test_there_are_never_more_than_three() -> None:
    assert len(said(*every_table().values())) == MOST


def test_without_hidden_sets_nothing_is_at_least() -> None:
    assert said(sets(a=50, a_b=30, b_c=20)) == [
        "50 people were at more than one place. The most frequent combination is a and b (30 people)."
    ]


def test_a_hidden_set_of_one_place_takes_nothing_from_those_of_several() -> None:
    assert said(sets(a=None, a_b=30))[0].startswith("30 people were at more than one place. The most")


def test_a_hidden_number_may_be_the_largest() -> None:
    sentence = said(sets(a_b=30, b_c=None))[0]
    assert sentence.startswith("At least 30 people")
    assert "Among the numbers that are shown, the most frequent" in sentence


def test_a_release_that_hides_everything_says_nothing() -> None:
    hidden = [replace(one, rows=[(k, (HIDDEN,) * len(c)) for k, c in one.rows]) for one in every_table().values()]
    assert said(*hidden) == []


def test_a_release_without_tables_says_nothing() -> None:
    assert said() == []


def test_what_is_hidden_changes_no_sentence() -> None:
    """Whatever stood in the hidden cells: sentences come from the released tables, which do not have it."""
    tables = every_table()
    kept = [replace(one, rows=[row for row in one.rows if HIDDEN not in row[1]]) for one in tables.values()]
    numbers = [[word for word in sentence.split() if word[0].isdigit()] for sentence in said(*tables.values())]
    assert numbers == [[word for word in sentence.split() if word[0].isdigit()] for sentence in said(*kept)]


def test_a_rounded_number_is_told_as_one() -> None:
    row = (("all members",), (NONE, Cell(300, Status.ROUNDED), NONE, HIDDEN, HIDDEN))
    assert said(table("unduplicated", [row])) == ["About 300 people were served, each counted once."]


def test_other_tables_are_told_where_the_first_are_not_there() -> None:
    tables = every_table()
    names = ("ordered_pathway", "transition_matrix", "overlap_pairs")
    first, second, third = said(*(tables[name] for name in names))
    assert first == "The way through several places that most people took is pantry, then clinic (85 people)."
    assert second.startswith("The most frequent moves are from clinic to pantry (")
    assert third == "Of the 875 people at training, 42.9% were at clinic too."


def test_how_long_half_stayed_is_told_of_the_largest_place() -> None:
    rows = [((state, "all"), (Cell(people), Cell(0), Cell(1), days, HIDDEN)) for state, people, days in PLACES]
    assert said(table("dwell", rows)) == ["Half of the people at b had left after 42 days."]


PLACES = (("a", 90, Cell(7)), ("b", 100, Cell(42)), ("c", 200, HIDDEN))
