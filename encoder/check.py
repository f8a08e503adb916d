"""Checking: which cells cannot be used, which columns are not what they should be, whose client id is no name."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from encoder import problems as rules
from encoder.cleaning.column import CleanColumn
from encoder.cleaning.steps import PARTIAL, PLACEHOLDER, UNREADABLE
from encoder.distinct import Distinct
from encoder.fields import Kind
from encoder.problems import UNREADABLE_SHARE, Problems, Rule
from encoder.reading.table import Table

_UNREADABLE: Mapping[Kind, Rule] = {
    Kind.FIRST_NAME: rules.NOT_A_NAME,
    Kind.LAST_NAME: rules.NOT_A_NAME,
    Kind.INITIAL: rules.NOT_AN_INITIAL,
    Kind.DATE: rules.NOT_A_DATE,
    Kind.SEX: rules.NOT_A_SEX,
    Kind.NUMBER: rules.NOT_A_NUMBER,
    Kind.STREET: rules.NOT_A_STREET,
    Kind.SSN: rules.NOT_AN_SSN,
    Kind.SSN_LAST_FOUR: rules.NOT_AN_SSN,
    Kind.POSTCODE: rules.NOT_A_POSTCODE,
    Kind.PHONE: rules.NOT_A_PHONE,
    Kind.MAIL: rules.NOT_A_MAIL,
    Kind.TOWN: rules.NOT_A_TOWN,
    Kind.TEXT: rules.NOT_IN_FORMAT,
}
_PARTIAL: Mapping[Kind, Rule] = {Kind.DATE: rules.PARTLY_KNOWN, Kind.SSN: rules.PART_OF_AN_SSN}
_IDENTIFYING = frozenset(
    {Kind.FIRST_NAME, Kind.LAST_NAME, Kind.DATE, Kind.SSN, Kind.SSN_LAST_FOUR, Kind.PHONE, Kind.MAIL}
)
"""Kinds of which one value for many people is a default, and not a fact."""
_ENOUGH_ROWS = 50  # in fewer, a fifth is a few people who may well have a name in common
_ROUNDED = re.compile(r"\d[.,]\d+E\+\d+", re.IGNORECASE)
_LOST = "\N{REPLACEMENT CHARACTER}"


def check_column(
    table: Table,
    header: str,
    column: Distinct,
    cleaned: CleanColumn,
    kind: Kind,
    problems: Problems,
    *,
    detail: str = "",
) -> None:
    """Note every cell that cannot be used or, where these are more than a fifth, the column itself.

    Args:
        table: what the column is of, for the rows' numbers.
        header: the column's.
        column: its cells as they stand; `cleaned` is parallel to its distinct texts.
        cleaned: what became of them.
        kind: of the field.
        problems: takes the notes.
        detail: what the column's cells were read by (a date format).
    """
    cells = column.cells()
    unreadable = cleaned.having(UNREADABLE)
    bad = int(cells[unreadable | cleaned.unfit].sum())
    telling = int(cells[cleaned.telling()].sum())
    if bad > UNREADABLE_SHARE * telling:
        note_unreadable(table, header, bad, telling, problems)
        return
    notes: list[tuple[Rule, NDArray[np.bool_]]] = [
        (_UNREADABLE[kind], unreadable),
        (rules.NOT_IN_FORMAT, cleaned.unfit),
        (rules.PLACEHOLDER, cleaned.having(PLACEHOLDER)),
        (rules.LOST_LETTERS, np.array([_LOST in text for text in column.texts], np.bool_)),
    ]
    if kind in _PARTIAL:
        notes.append((_PARTIAL[kind], cleaned.having(PARTIAL)))
    for rule, which in notes:
        if which.any():
            rows = table.rows[which[column.codes]].tolist()
            problems.add(rule, table.name, rows=rows, column=header, detail=detail)
    _check_default(table, header, column.mapped(cleaned.texts), kind, problems)


def note_unreadable(table: Table, header: str, bad: int, full: int, problems: Problems) -> None:
    """Note that a column cannot be read, with the number of its cells that cannot."""
    problems.add(rules.UNREADABLE_COLUMN, table.name, column=header, detail=f"{bad} of {full} cells")


def check_ids(table: Table, header: str, ids: Distinct, problems: Problems) -> None:
    """Note client ids that are empty, rounded, or those that an earlier row has."""
    again = np.ones(len(ids.codes), np.bool_)
    again[np.unique(ids.codes, return_index=True)[1]] = False
    empty = ids.where([not text for text in ids.texts])
    rounded = ids.where([_ROUNDED.fullmatch(text) is not None for text in ids.texts])
    for rule, which in ((rules.EMPTY_ID, empty), (rules.ROUNDED_ID, rounded), (rules.TWICE_ID, again & ~empty)):
        problems.add(rule, table.name, rows=table.rows[which].tolist(), column=header)


def _check_default(table: Table, header: str, cleaned: Distinct, kind: Kind, problems: Problems) -> None:
    """Note that one value fills the column, where that is no fact about people."""
    cells = np.where([bool(text) for text in cleaned.texts], cleaned.cells(), 0)
    most, full = int(cells.max(initial=0)), int(cells.sum())
    if kind in _IDENTIFYING and full >= _ENOUGH_ROWS and most > UNREADABLE_SHARE * full:
        problems.add(rules.ONE_VALUE, table.name, column=header, detail=f"{most:,} of {full:,} cells")
