"""The columns of every released table: what a file of it holds, for whoever reads one.

The JSON Schemas, the data package, the workbook and the report's headings all come from here, so that they cannot
disagree. What a column means in terms of people is `docs/guides/analyst.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from schemas.tables import ReleaseTable

STATUS, LOW, HIGH = "_status", "_low", "_high"
"""What is put after a measure's name for the columns beside it."""


class Kind(StrEnum):
    """What the values of a column are."""

    TEXT = "text"
    WHOLE = "whole"  # a key that is a whole number
    COUNT = "count"  # people, records, moves or pairs: whole numbers with a low and a high
    SHARE = "share"  # 0 to 1, but for rounding and noise
    DAYS = "days"
    ESTIMATE = "estimate"  # of people, by a model


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes:
        name: in files.
        kind: what its values are.
        label: for people.
        says: one sentence for whoever reads the file.
        optional: a measure that a release may do without.
    """

    name: str
    kind: Kind
    label: str
    says: str
    optional: bool = False


@dataclass(frozen=True)
class TableColumns:
    """What a table is about (`title`: one line for people), and its columns in order."""

    title: str
    keys: tuple[Column, ...]
    measures: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in (*self.keys, *self.measures) if column.name == name)


@dataclass(frozen=True)
class FileColumn:
    """A column as it stands in a CSV or Parquet file.

    Attributes:
        name: its header.
        kind: what its values are; TEXT for a status.
        says: one sentence.
        of: the measure it belongs to; None for a key.
        part: "" for the measure's own value, else STATUS, LOW or HIGH.
        optional: see `Column`.
    """

    name: str
    kind: Kind
    says: str
    of: str | None = None
    part: str = ""
    optional: bool = False


def _key(name: str, says: str, label: str = "", kind: Kind = Kind.TEXT) -> Column:
    return Column(name, kind, label or name, says)


def _count(name: str, says: str, label: str = "") -> Column:
    return Column(name, Kind.COUNT, label or name.replace("_", " "), says)


def _share(name: str, says: str, label: str = "") -> Column:
    return Column(name, Kind.SHARE, label or name.replace("_", " "), says)


_ESTIMATES = (
    Column("estimate", Kind.ESTIMATE, "estimate", "People, corrected for linkage error by a model; not a count.", True),
    Column("estimate_low", Kind.ESTIMATE, "estimate, low", "Lower end of the estimate's 95 % interval.", True),
    Column("estimate_high", Kind.ESTIMATE, "estimate, high", "Upper end of the estimate's 95 % interval.", True),
)
_PATHWAY = "States in order; `>` is later, `+` is in the same period."
_QUARTILES = tuple(
    Column(name, Kind.DAYS, name.replace("_", " "), f"Days after which {part} of the people are done (Kaplan-Meier).")
    for name, part in (("lower_quartile", "a quarter"), ("median", "half"), ("upper_quartile", "three quarters"))
)
_STATE = _key("state", "A member or a service, as the agreement chooses.")
_BAND = _key("band", "Days from-to; `731+` is 731 or more; `all` is everybody.", "days")
_MEMBER = _key("member", "A member, or `all members`.")
_FROM, _TO = "The state that was left", "The state that was entered"
_TOUCH = _key("state", "A state; several that began (or ended) in the same period are joined with `+`.")

TABLE_COLUMNS: Mapping[str, TableColumns] = {
    "unduplicated": TableColumns(
        "Different people at each member, and over all members",
        (_MEMBER,),
        (
            _count("records", "Client records with a service in the window."),
            _count("people", "Different people of these records."),
            _share("duplicate_share", "Share of records that are a person already counted.", "entered more than once"),
            _count("sum_of_people", "The members' own numbers of people, added up."),
            _share("reduction", "By what share the sum of people is too many."),
        ),
    ),
    "set_pathway": TableColumns(
        "People who were in exactly these states",
        (_key("states", "All states that these people were in, joined with `+`, and no other.", "exactly at"),),
        (_count("people", "People who were in exactly these states."), *_ESTIMATES),
    ),
    "overlap_pairs": TableColumns(
        "People who were in both of two states",
        (_key("a", "One state.", "A"), _key("b", "Another state.", "B")),
        (
            _count("people", "People who were in both, wherever else they were.", "people at both"),
            _count("people_a", "People who were in a.", "people at A"),
            _count("people_b", "People who were in b.", "people at B"),
            _share("share_of_a", "People in both, of people in a.", "share of A"),
            _share("share_of_b", "People in both, of people in b.", "share of B"),
            _share("jaccard", "People in both, of people in either.", "share of either"),
            *_ESTIMATES,
        ),
    ),
    "grouped_pathway": TableColumns(
        "People by the agreement's groups of pathways",
        (_key("group", "A group of pathways that the agreement names, or `all other`."),),
        (_count("people", "People whose pathway is of this group."),),
    ),
    "ordered_pathway": TableColumns(
        "People by the order in which they first came to each state",
        (_key("pathway", f"{_PATHWAY} Each state once, where it first began; `other pathways` are the rare ones."),),
        (_count("people", "People who took this pathway."),),
    ),
    "sequence_pathway": TableColumns(
        "People by all their stays in order",
        (
            _key(
                "pathway", f"{_PATHWAY} Every stay, cut after five steps with `>…`; `other pathways` are the rare ones."
            ),
        ),
        (_count("people", "People who took this pathway."),),
    ),
    "contains_path": TableColumns(
        "People whose stays hold a pathway that the agreement asks for",
        (
            _key("pathway", f"{_PATHWAY} As the agreement asks for it."),
            _key(
                "within_days",
                "Days from the end of a step to the start of the next, at most; empty: however many.",
                "days",
                Kind.WHOLE,
            ),
            _key("mode", "`loose` lets other states lie between, `direct` does not."),
        ),
        (
            _count("people", "People whose stays hold this pathway."),
            _count("people_first", "People who were in its first state.", "people in its first state"),
            _share("share", "People who took it, of people in its first state."),
        ),
    ),
    "transition_matrix": TableColumns(
        "Moves from one state to the next",
        (
            _key("from", f"{_FROM}; `(start)` for the first one of a person."),
            _key("to", f"{_TO} next; `(end)`: none followed; `(several)`: several at once; `(all)`: all moves."),
        ),
        (
            _count("moves", "Moves; a person may have made several."),
            _share("row_share", "Moves to this state, of all moves from that one.", "share of moves from there"),
        ),
    ),
    "transition_within": TableColumns(
        "People by where they went first after leaving a state, and how soon",
        (
            _key("from", f"{_FROM}, with enough days known after it."),
            _key(
                "to",
                "The first state entered after it (itself: a return); `(none)`, `(several)`, or `(all)` for everybody.",
            ),
            _BAND,
        ),
        (
            _count("people", "People by where they went first and after how many days."),
            _share("share", "Of all people who left that state and were followed long enough."),
        ),
    ),
    "first_touch": TableColumns(
        "People by the state where they were first",
        (_TOUCH,),
        (_count("people", "People whose earliest stay was there."),),
    ),
    "last_touch": TableColumns(
        "People by the state where they were last",
        (_TOUCH,),
        (_count("people", "People whose latest stay was there."),),
    ),
    "dwell": TableColumns(
        "People by the length of their first stay in a state",
        (_STATE, _BAND),
        (
            _count("people", "People by the days of their first stay in the state."),
            _count("still_open", "People whose first stay had not ended."),
            *_QUARTILES,
        ),
    ),
    "lag": TableColumns(
        "People by the days from leaving one state to entering another",
        (_key("from", f"{_FROM}."), _key("to", f"{_TO} after it."), _BAND),
        (
            _count("people", "People by the days from first leaving the one to first entering the other after it."),
            _count("never_arrived", "People who left the one and were not seen to enter the other."),
            *_QUARTILES,
        ),
    ),
    "flow_by_period": TableColumns(
        "People who are new, return, stay on or leave, by state and period",
        (_STATE, _key("period", "A month (`2024-03`) or a quarter (`2024Q1`).")),
        (
            _count("new", "People in the state for the first time."),
            _count("returning", "People back in the state after a period without it."),
            _count("continuing", "People who were in the state in the period before, too."),
            _count("leaving", "People who are in the state, and not in the period after."),
        ),
    ),
    "coverage_estimate": TableColumns(
        "People in need altogether, seen or not: an estimate by a model",
        (_key("a", "One state.", "A"), _key("b", "Another state.", "B")),
        tuple(
            Column(column.name, column.kind, column.label, says)
            for column, says in zip(
                _ESTIMATES,
                (
                    "People in all, on a list or on none: Chapman's estimate, corrected for linkage error.",
                    "Lower end of its 95 % interval, if the lists are independent.",
                    "Upper end of its 95 % interval, if the lists are independent.",
                ),
                strict=True,
            )
        ),
    ),
    "link_quality": TableColumns(
        "How well records could be linked",
        (
            _key("topic", "`linked`, `complete`, `group_size` or `score`."),
            _MEMBER,
            _key(
                "category",
                "Of the topic: at another member, too (`yes`, `no`); how full the member's records of a person are, by "
                "their share of the usual number of bits; the number of members a person is at; a band of scores.",
            ),
        ),
        (
            _count("count", "People (linked, complete, group_size) or candidate pairs of records (score).", "number"),
            _share("share", "Of the member's people, of all people; none of pairs."),
        ),
    ),
}
"""Every table's columns, in order."""


def file_columns(name: str, measures: frozenset[str] | None = None) -> Iterator[FileColumn]:
    """The columns of a table's files, in order.

    Args:
        name: of the table.
        measures: those that are there; None: all that the table may have.
    """
    contract = TABLE_COLUMNS[name]
    for key in contract.keys:
        yield FileColumn(key.name, key.kind, key.says)
    for one in contract.measures:
        if measures is None or one.name in measures:
            yield from _measure_columns(one)


def _measure_columns(one: Column) -> Iterator[FileColumn]:
    status = f"What {one.name} is, or why it is empty."
    yield FileColumn(one.name, one.kind, one.says, one.name, "", one.optional)
    yield FileColumn(one.name + STATUS, Kind.TEXT, status, one.name, STATUS, one.optional)
    if one.kind is Kind.COUNT:
        low = f"{one.name}, at least, when records are linked a little more or a little less strictly; rounded down."
        high = f"{one.name}, at most, when records are linked a little more or a little less strictly; rounded up."
        yield FileColumn(one.name + LOW, Kind.COUNT, low, one.name, LOW)
        yield FileColumn(one.name + HIGH, Kind.COUNT, high, one.name, HIGH)


def shape_faults(table: ReleaseTable) -> list[str]:
    """How a released table differs from its contract; empty where it does not."""
    contract = TABLE_COLUMNS.get(table.name)
    if contract is None:
        return [f"no table is called {table.name}"]
    faults = []
    if tuple(table.keys) != (keys := tuple(key.name for key in contract.keys)):
        faults.append(f"{table.name} has the keys {', '.join(table.keys)} and needs {', '.join(keys)}")
    there = [one.name for one in contract.measures if one.name in table.measures or not one.optional]
    if list(table.measures) != there:
        faults.append(f"{table.name} has the measures {', '.join(table.measures)} and needs {', '.join(there)}")
    if strange := sorted(table.counts - {one.name for one in contract.measures if one.kind is Kind.COUNT}):
        faults.append(f"{', '.join(strange)} of {table.name} is no count")
    return faults
