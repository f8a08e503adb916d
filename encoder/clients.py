"""The clients' CSV -> client ids and the linkage schema's columns, cleaned and checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from encoder import problems as rules
from encoder.check import check_column, check_ids, clean_cells
from encoder.clean import Kind, clean_name, cleaner, kind_of
from encoder.clkhash_spec import FieldRecipe, Recipe
from encoder.columns import CLIENT_ID, GivenColumns, known_field, match_columns
from encoder.dates import FORMATS, Undecided, date_reader, decide_format
from encoder.distinct import Distinct, distinct
from encoder.problems import Problems
from encoder.read import Table, read_table
from schemas.linkage_schema import LinkageSchema

_TELLING_ID = 4
"""Characters of a client id that is no service's code by chance: short ones (1, 2, 3) may be both."""


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
        ids = {client.casefold() for client in self.ids if len(client) >= _TELLING_ID}
        pairs = zip(*(self._cells_of(field) for field in ("first_name", "last_name")), strict=False)
        both = [pair for pair in pairs if all(pair)]
        people = {clean_name(" ".join(pair)) for pair in both} | {clean_name(" ".join(pair[::-1])) for pair in both}
        return any(text.casefold() in ids or clean_name(text) in people for text in texts)

    def _cells_of(self, field: str) -> list[str]:
        """A field's cleaned cells, by row; none where the schema does not have it."""
        kinds = [known_field(name) for name in self.fields]
        if field not in kinds:
            return []
        column = self.columns[kinds.index(field)]
        return [column.texts[code] for code in column.codes.tolist()]


def read_clients(
    path: Path, schema: LinkageSchema, recipe: Recipe, given: GivenColumns, problems: Problems
) -> Clients | None:
    """Read, clean and check the clients' file; notes every problem. None where nothing of the file can be used.

    Where problems have been noted as errors, what comes back is good for finding more of them and for nothing else.
    """
    table = read_table(path, problems)
    if table is None:
        return None
    headers = match_columns(table.headers, [CLIENT_ID, *schema.hashed_fields], given.columns, problems, file=table.name)
    ids = [cell.strip() for cell in table.column(headers[CLIENT_ID])] if CLIENT_ID in headers else []
    if ids:
        check_ids(table, headers[CLIENT_ID], ids, problems)
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
    return Clients(ids, schema.fields, columns, hashed, stays)


def _note_empty_records(table: Table, columns: Sequence[Distinct], problems: Problems) -> None:
    """Note the records of which no cell is left."""
    left = np.zeros(len(table.rows), np.bool_)
    for column in columns:
        left |= np.array([bool(text) for text in column.texts], np.bool_)[column.codes]
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
    column = distinct(table.column(header))
    kind = kind_of(field)
    date_format = _date_format(table, header, column, given.dates.get(field, ""), problems) if kind is Kind.DATE else ""
    if date_format is None:
        return column
    cleaned = clean_cells(column, cleaner(kind, form, date_reader(date_format)), recipe)
    check_column(table, header, column, cleaned, kind, problems, detail=date_format)
    texts = distinct(cleaned.texts)
    return Distinct(texts.texts, texts.codes[column.codes])


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
