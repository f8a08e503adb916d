"""The clients' table -> client ids and the linkage schema's columns, cleaned and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoder import problems as rules
from encoder.check import check_column, check_ids
from encoder.cleaning.column import CleanColumn, clean_column
from encoder.cleaning.names import name_words, spelled_alike
from encoder.cleaning.placeholders import JOHN_AND_JANE
from encoder.cleaning.recipe import cleaner_of, writer_of
from encoder.cleaning.steps import PLACEHOLDER, Cleaner
from encoder.cleaning.whole import cleaner_of_part
from encoder.distinct import Distinct
from encoder.fields import CLIENT_ID, QUALITY, Kind, kind_of, known_field
from encoder.hashing.clkhash_spec import FieldRecipe, Recipe
from encoder.mapping.columns import match_columns, whole_columns
from encoder.mapping.conventions import settle_conventions
from encoder.mapping.mapper import Mapper
from encoder.problems import Problems
from encoder.reading.table import Table
from schemas.linkage_schema import LinkageSchema

_TELLING_ID = 4
"""Characters of a client id that is no service's code by chance: short ones (1, 2, 3) may be both."""

_DOE = "doe"

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

    def only(self, keep: NDArray[np.bool_]) -> Clients:
        """The records that are to be kept, bool (n,)."""
        ids = [client for client, kept in zip(self.ids, keep.tolist(), strict=True) if kept]
        return replace(self, ids=ids, columns=[column.only(keep) for column in self.columns])

    def texts(self) -> list[list[str]]:
        """The distinct values of each column."""
        return [column.texts for column in self.columns]

    def any_named_by(self, texts: Iterable[str]) -> bool:
        """Whether one of the texts is a client id, or somebody's first and last name in either order."""
        texts = list(texts)
        folded = {text.casefold() for text in texts}
        if any(client.casefold() in folded for client in self.ids if len(client) >= _TELLING_ID):
            return True
        first, last = (self._column_of(field) for field in ("first_name", "last_name"))
        return any(_somebody(first, last, name_words(text)) for text in texts)

    def _column_of(self, field: str) -> _Lookup:
        """A field's cleaned texts with their codes, and each row's code; nothing where the schema does not have it."""
        kinds = [known_field(name) for name in self.fields]
        if field not in kinds:
            return {}, np.empty(0, np.int32)
        column = self.columns[kinds.index(field)]
        return {text.casefold(): code for code, text in enumerate(column.texts)}, column.codes


def _somebody(first: _Lookup, last: _Lookup, words: Sequence[str]) -> bool:
    """Whether some record's names are these words, in either order. Rows are looked at for known names only."""
    cuts = [("".join(words[:cut]), "".join(words[cut:])) for cut in range(1, len(words))]
    halves = [(spelled_alike(one), spelled_alike(other)) for one, other in cuts]
    return any(
        one in first[0] and other in last[0] and bool(((first[1] == first[0][one]) & (last[1] == last[0][other])).any())
        for half in halves
        for one, other in (half, half[::-1])
    )


@dataclass(frozen=True)
class _Source:
    """Where a field's cells are.

    Attributes:
        header: the column's.
        holds: the field or, where the column holds more than the field, what it holds.
    """

    header: str
    holds: str


@dataclass(frozen=True, eq=False)
class CleanField:
    """A field's column: its cells as they stand, and what became of them.

    Attributes:
        header: the column's.
        kind: what the field holds.
        cells: as they stand.
        cleaned: what became of each distinct cell.
        cleaner: how.
        date_format: by which dates were read ("" for other kinds).
    """

    header: str
    kind: Kind
    cells: Distinct
    cleaned: CleanColumn
    cleaner: Cleaner
    date_format: str = ""

    @property
    def column(self) -> Distinct:
        """What is hashed."""
        return self.cells.mapped(self.cleaned.texts)


@dataclass(frozen=True, eq=False)
class CleanTable:
    """A clients' table, cleaned, with what became of it.

    Attributes:
        ids: client ids, by row.
        fields: the schema's fields that have a column, each with what became of its cells.
        columns: field -> what is hashed.
        headers: field -> the member's header, of every field that has one.
    """

    ids: list[str]
    fields: Mapping[str, CleanField]
    columns: Mapping[str, Distinct]
    headers: Mapping[str, str]


def read_clients(table: Table, schema: LinkageSchema, recipe: Recipe, mapper: Mapper, problems: Problems) -> Clients:
    """Clean and check the clients' table; notes every problem.

    Where problems have been noted as errors, what comes back is good for finding more of them and for nothing else.
    """
    cleaned = clean_table(table, schema, recipe, mapper, problems)
    nothing = Distinct([""], np.zeros(len(table.rows), np.int32))
    columns = [cleaned.columns.get(field, nothing) for field in schema.fields]
    stays = [header for header in table.headers if header not in cleaned.headers.values()]
    return Clients(cleaned.ids, schema.fields, columns, dict(cleaned.headers), stays)


def clean_table(table: Table, schema: LinkageSchema, recipe: Recipe, mapper: Mapper, problems: Problems) -> CleanTable:
    """Clean and check the clients' table, as `read_clients`, and keep what became of each cell."""
    sources, qualities = _find_sources(table, schema, mapper, problems)
    ids = table.column(sources[CLIENT_ID].header).stripped() if CLIENT_ID in sources else None
    if ids is not None:
        check_ids(table, sources[CLIENT_ID].header, ids, problems)
    fields = _clean_fields(table, schema, recipe, sources, qualities, mapper, problems)
    columns = {field: found.column for field, found in fields.items()}
    columns |= _without_john_doe(table, fields, sources, problems)
    _note_empty_records(table, list(columns.values()), problems)
    headers = {field: source.header for field, source in sources.items() if field in schema.hashed_fields}
    return CleanTable(list(ids.values()) if ids is not None else [], fields, columns, headers)


def _find_sources(
    table: Table, schema: LinkageSchema, mapper: Mapper, problems: Problems
) -> tuple[dict[str, _Source], dict[str, Distinct]]:
    """Where each field's cells are, and the columns of data quality that there are."""
    parts = whole_columns(table.headers, schema.hashed_fields, mapper.given.columns)
    own = [field for field in schema.hashed_fields if field not in parts]
    qualities = {QUALITY[known_field(field)] for field in schema.hashed_fields if known_field(field) in QUALITY}
    wanted = dict.fromkeys([CLIENT_ID, *own, *parts.values(), *sorted(qualities)])
    headers = match_columns(table, list(wanted), mapper, problems, optional=sorted(qualities))
    holds = {field: parts.get(field, field) for field in (CLIENT_ID, *schema.hashed_fields)}
    sources = {field: _Source(headers[held], held) for field, held in holds.items() if headers.get(held)}
    return sources, {name: table.column(headers[name]) for name in qualities if headers.get(name)}


def _clean_fields(
    table: Table,
    schema: LinkageSchema,
    recipe: Recipe,
    sources: Mapping[str, _Source],
    qualities: Mapping[str, Distinct],
    mapper: Mapper,
    problems: Problems,
) -> dict[str, CleanField]:
    """Each field's column, cleaned; a field without one, or that could not be decided on, is left out."""
    table.tell_marks([source.header for source in sources.values()], problems)
    cleaned: dict[str, CleanField] = {}
    for feature, field_recipe in zip(schema.definition["features"], recipe.fields, strict=True):
        field = str(feature["identifier"])
        if field_recipe is not None and field in sources:
            quality = qualities.get(QUALITY.get(known_field(field), ""))
            found = _clean_field(table, sources[field], field, feature, field_recipe, quality, mapper, problems)
            cleaned |= {field: found} if found else {}
    return cleaned


def _clean_field(
    table: Table,
    source: _Source,
    field: str,
    feature: Mapping[str, Any],
    recipe: FieldRecipe,
    quality: Distinct | None,
    mapper: Mapper,
    problems: Problems,
) -> CleanField | None:
    """One field's column, cleaned; its problems are noted. None where what holds for the column cannot be decided."""
    kind, column = kind_of(field), table.column(source.header)
    conventions = settle_conventions(table.name, source.header, field, kind, column, mapper, problems)
    if conventions is None:
        return None
    whole = source.holds != field and source.holds != known_field(field)
    clean = cleaner_of_part(source.holds, known_field(field)) if whole else cleaner_of(kind, conventions)
    cells, said = _by_quality(column, quality) if quality is not None else (column, None)
    write = writer_of(kind, dict(feature.get("format", {})), clean)
    cleaned = clean_column(cells.texts, clean, write, recipe, kind, said)
    detail = conventions.date_format if kind is Kind.DATE else ""
    check_column(table, source.header, cells, cleaned, kind, problems, detail=detail)
    return CleanField(source.header, kind, cells, cleaned, clean, detail)


def _by_quality(column: Distinct, quality: Distinct) -> tuple[Distinct, list[str]]:
    """A column's cells by their data quality codes: its distinct values once for each code, and these codes."""
    pairs, codes = np.unique(column.codes.astype(np.int64) * len(quality.texts) + quality.codes, return_inverse=True)
    value, said = np.divmod(pairs, len(quality.texts))
    texts = [column.texts[place] for place in value.tolist()]
    return Distinct(texts, codes.astype(np.int32)), [quality.texts[place].strip() for place in said.tolist()]


def _without_john_doe(
    table: Table, cleaned: Mapping[str, CleanField], sources: Mapping[str, _Source], problems: Problems
) -> dict[str, Distinct]:
    """The first names without those that go with the last name Doe, which is none."""
    names = {known_field(field): field for field in cleaned}
    if not {"first_name", "last_name"} <= names.keys():
        return {}
    last, first = cleaned[names["last_name"]], cleaned[names["first_name"]]
    doubtful = last.cleaned.having(PLACEHOLDER).tolist()
    does = [no and last.cleaner.prepared(text) == _DOE for no, text in zip(doubtful, last.cells.texts, strict=True)]
    johns = first.column.where([text.casefold() in JOHN_AND_JANE for text in first.column.texts])
    which = last.cells.where(does) & johns
    if not which.any():
        return {}
    header = sources[names["first_name"]].header
    problems.add(rules.PLACEHOLDER, table.name, rows=table.rows[which].tolist(), column=header)
    texts = [*first.column.texts, ""]
    return {names["first_name"]: Distinct(texts, np.where(which, len(texts) - 1, first.column.codes).astype(np.int32))}


def _note_empty_records(table: Table, columns: Sequence[Distinct], problems: Problems) -> None:
    """Note the records of which no cell is left; of no column that was found, there is nothing to say."""
    if not columns:
        return
    left = np.zeros(len(table.rows), np.bool_)
    for column in columns:
        left |= column.where([bool(text) for text in column.texts])
    problems.add(rules.NOTHING_LEFT, table.name, rows=table.rows[~left].tolist())
