"""Checking: which cells cannot be used, which columns are not what they should be, whose client id is no name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from encoder import problems as rules
from encoder.cleaning.recipe import Cleaner
from encoder.distinct import Distinct
from encoder.fields import Kind
from encoder.hashing.clkhash_spec import FieldRecipe
from encoder.problems import UNREADABLE_SHARE, Problems, Rule
from encoder.reading.table import Table

_UNREADABLE: dict[Kind, Rule] = {
    Kind.NAME: rules.NOT_A_NAME,
    Kind.INITIAL: rules.NOT_AN_INITIAL,
    Kind.DATE: rules.NOT_A_DATE,
    Kind.SEX: rules.NOT_A_SEX,
    Kind.NUMBER: rules.NOT_A_NUMBER,
    Kind.STREET: rules.NOT_A_STREET,
    Kind.TEXT: rules.NOT_IN_FORMAT,
}


@dataclass(frozen=True, eq=False)
class Cleaned:
    """A column's distinct cells after cleaning.

    Attributes:
        texts: one for each distinct cell; "" for an empty one and for one that cannot be used.
        unreadable: bool (d,); the cell is none of its kind.
        unfit: bool (d,); it was read, but does not fit the linkage schema's format.
    """

    texts: list[str]
    unreadable: NDArray[np.bool_]
    unfit: NDArray[np.bool_]


def clean_cells(column: Distinct, clean: Cleaner, recipe: FieldRecipe) -> Cleaned:
    """Clean each distinct cell and hold it to the field's format."""
    texts = [clean(cell) for cell in column.texts]
    unreadable = np.array([text is None for text in texts], np.bool_)
    unfit = recipe.unfit([text or "" for text in texts])
    bad = unreadable | unfit
    return Cleaned(["" if dropped else str(text) for text, dropped in zip(texts, bad, strict=True)], unreadable, unfit)


def check_column(
    table: Table, header: str, column: Distinct, cleaned: Cleaned, kind: Kind, problems: Problems, *, detail: str = ""
) -> None:
    """Note every cell that cannot be used or, where these are more than a fifth, the column itself."""
    cells = column.cells()
    bad = int(cells[cleaned.unreadable | cleaned.unfit].sum())
    full = int(cells[[bool(cell.strip()) for cell in column.texts]].sum())
    if bad > UNREADABLE_SHARE * full:
        note_unreadable(table, header, bad, full, problems)
        return
    for rule, which in ((_UNREADABLE[kind], cleaned.unreadable), (rules.NOT_IN_FORMAT, cleaned.unfit)):
        rows = table.rows[which[column.codes]].tolist()
        problems.add(rule, table.name, rows=rows, column=header, detail=detail)


def note_unreadable(table: Table, header: str, bad: int, full: int, problems: Problems) -> None:
    """Note that a column cannot be read, with the number of its cells that cannot."""
    problems.add(rules.UNREADABLE_COLUMN, table.name, column=header, detail=f"{bad} of {full} cells")


def check_ids(table: Table, header: str, ids: Distinct, problems: Problems) -> None:
    """Note client ids that are empty, and those that an earlier row has."""
    again = np.ones(len(ids.codes), np.bool_)
    again[np.unique(ids.codes, return_index=True)[1]] = False
    empty = ids.where([not text for text in ids.texts])
    problems.add(rules.EMPTY_ID, table.name, rows=table.rows[empty].tolist(), column=header)
    problems.add(rules.TWICE_ID, table.name, rows=table.rows[again & ~empty].tolist(), column=header)
