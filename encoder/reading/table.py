"""A table of text: what every kind of file is read into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from encoder.distinct import Distinct
from encoder.problems import Problems, Rule


@dataclass(frozen=True)
class Mark:
    """What was seen of some cells of a column; it is told only where the column is used."""

    rule: Rule
    rows: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Table:
    """A file as text.

    Attributes:
        name: the file's name, without its folder; with the sheet's where a workbook has several.
        columns: each column's distinct cells and each record's, under its own header (stripped), in the file's order.
            No data frame: a command that encodes has no other use for pandas, and importing it takes as long as
            encoding.
        rows: int64 (n,); the number of each record as Excel shows it (of the first row 1), counted by record.
        header_row: the header's, counted alike.
        marks: header -> what was seen of its cells.
    """

    name: str
    columns: Mapping[str, Distinct]
    rows: NDArray[np.int64]
    header_row: int = 1
    marks: Mapping[str, tuple[Mark, ...]] = field(default_factory=dict)

    @property
    def headers(self) -> list[str]:
        """The columns' names, in the file's order."""
        return list(self.columns)

    def column(self, header: str) -> Distinct:
        """One column's cells."""
        return self.columns[header]

    def only(self, keep: NDArray[np.bool_]) -> Table:
        """The records that are to be kept, bool (n,). Marks of the others are still told."""
        columns = {header: column.only(keep) for header, column in self.columns.items()}
        return replace(self, columns=columns, rows=self.rows[keep])

    def tell_marks(self, headers: Iterable[str], problems: Problems) -> None:
        """Note what was seen of the cells of these columns: those that are used."""
        for header in headers:
            for mark in self.marks.get(header, ()):
                problems.add(mark.rule, self.name, rows=mark.rows, column=header)
