"""The clients' CSV -> client ids and the linkage schema's columns, cleaned and checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoder import problems as rules
from encoder.check import check_column, check_ids, clean_cells
from encoder.cleaning.dates import FORMATS, Undecided, date_reader, decide_format
from encoder.cleaning.recipe import clean_name, cleaner
from encoder.distinct import Distinct
from encoder.fields import CLIENT_ID, Kind, kind_of, known_field
from encoder.hashing.clkhash_spec import FieldRecipe, Recipe
from encoder.mapping.columns import match_columns
from encoder.mapping.mapping_file import GivenColumns
from encoder.problems import Problems
from encoder.reading.table import Table
from schemas.linkage_schema import LinkageSchema

_TELLING_ID = 4
"""Characters of a client id that is no service's code by chance: short ones (1, 2, 3) may be both."""


_Lookup = tuple[dict[str, int], NDArray[np.int32]]


@dataclass(frozen=True, eq=False)
class Clients:
    """A clients' file, cleaned.

    Attributes:
        ids: client ids, by row.
        fields: the names of the schema's columns.
        columns: the schema's columns, ignored ones (empty) included.
        hashed: field -> the member's header.
        stays: the headers that are not hashed.
    """

    ids: list[str]
    fields: list[str]
    columns: list[Distinct]
    hashed: dict[str, str]
    stays: list[str]

    def any_named_by(self, texts: Iterable[str]) -> bool:
        """Whether one of the texts is a client id, or somebody's first and last name in either order."""
        texts = list(texts)
        folded = {text.casefold() for text in texts}
        if any(client.casefold() in folded for client in self.ids if len(client) >= _TELLING_ID):
            return True
        first, last = (self._column_of(field) for field in ("first_name", "last_name"))
        return any(_somebody(first, last, clean_name(text).split()) for text in texts)

    def _column_of(self, field: str) -> _Lookup:
        """A field's cleaned texts with their codes, and each row's code; nothing where the schema does not have it."""
        kinds = [known_field(name) for name in self.fields]
        if field not in kinds:
            return {}, np.empty(0, np.int32)
        column = self.columns[kinds.index(field)]
        return {clean_name(text): code for code, text in enumerate(column.texts)}, column.codes


def _somebody(first: _Lookup, last: _Lookup, words: Sequence[str]) -> bool:
    """Whether some record's names are these words, in either order. Rows are looked at for known names only."""
    halves = [(" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words))]
    return any(
        one in first[0] and other in last[0] and bool(((first[1] == first[0][one]) & (last[1] == last[0][other])).any())
        for half in halves
        for one, other in (half, half[::-1])
    )


def read_clients(
    table: Table, schema: LinkageSchema, recipe: Recipe, given: GivenColumns, problems: Problems
) -> Clients:
    """Clean and check the clients' table; notes every problem.

    Where problems have been noted as errors, what comes back is good for finding more of them and for nothing else.
    """
    headers = match_columns(table.headers, [CLIENT_ID, *schema.hashed_fields], given.columns, problems, file=table.name)
    ids = table.column(headers[CLIENT_ID]).stripped() if CLIENT_ID in headers else None
    if ids is not None:
        check_ids(table, headers[CLIENT_ID], ids, problems)
    table.tell_marks(headers.values(), problems)
    nothing = Distinct([""], np.zeros(len(table.rows), np.int32))
    forms = [dict(feature.get("format", {})) for feature in schema.definition["features"]]
    columns = [
        _cleaned_column(table, headers[field], field, form, field_recipe, given, problems)
        if field_recipe is not None and field in headers
        else nothing
        for field, form, field_recipe in zip(schema.fields, forms, recipe.fields, strict=True)
    ]
    _note_empty_records(table, columns, problems)
    hashed = {field: header for field, header in headers.items() if field != CLIENT_ID}
    stays = [header for header in table.headers if header not in hashed.values()]
    return Clients(list(ids.values()) if ids is not None else [], schema.fields, columns, hashed, stays)


def _note_empty_records(table: Table, columns: Sequence[Distinct], problems: Problems) -> None:
    """Note the records of which no cell is left."""
    left = np.zeros(len(table.rows), np.bool_)
    for column in columns:
        left |= column.where([bool(text) for text in column.texts])
    problems.add(rules.NOTHING_LEFT, table.name, rows=table.rows[~left].tolist())


def _cleaned_column(
    table: Table,
    header: str,
    field: str,
    form: dict[str, Any],
    recipe: FieldRecipe,
    given: GivenColumns,
    problems: Problems,
) -> Distinct:
    """One column, cleaned; its problems are noted, and cells that cannot be used are empty."""
    column = table.column(header)
    kind = kind_of(field)
    date_format = _date_format(table, header, column, given.dates.get(field, ""), problems) if kind is Kind.DATE else ""
    if date_format is None:
        return column
    cleaned = clean_cells(column, cleaner(kind, form, date_reader(date_format)), recipe)
    check_column(table, header, column, cleaned, kind, problems, detail=date_format)
    return column.mapped(cleaned.texts)


def _date_format(table: Table, header: str, column: Distinct, declared: str, problems: Problems) -> str | None:
    """The column's one format, declared or decided; None, with a problem noted, where there is none."""
    full = np.array([bool(cell.strip()) for cell in column.texts], np.bool_)
    if declared or not full.any():
        return declared or FORMATS[0]
    values = [cell for cell, there in zip(column.texts, full, strict=True) if there]
    cells = column.cells()[full]
    decided = decide_format(values, cells)
    if isinstance(decided, str):
        return decided
    if decided is Undecided.DAY_OR_MONTH:
        problems.add(rules.UNCLEAR_DATES, table.name, column=header)
    else:
        problems.add(rules.UNREADABLE_COLUMN, table.name, column=header, detail=decided.value)
    return None
