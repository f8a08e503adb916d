"""The list of those who opted out: by client id or, where it has none, by first name, last name and birth date."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from encoder import problems as rules
from encoder.clients import Clients, read_clients
from encoder.distinct import Distinct
from encoder.fields import CLIENT_ID, known_field
from encoder.hashing.clkhash_spec import Recipe
from encoder.mapping.mapper import Mapper
from encoder.problems import Problems
from encoder.read import read_table
from encoder.reading.header import Choice
from encoder.reading.table import Table
from schemas.linkage_schema import LinkageSchema

_PERSON = ("first_name", "last_name", "birth_date")
"""Fields that together say who somebody is; all have to be there, and equal once they are cleaned."""


def opted_out(
    path: Path, people: Clients, schema: LinkageSchema, recipe: Recipe, mapper: Mapper, problems: Problems
) -> NDArray[np.bool_]:
    """The records of those who are on the list, bool (n,).

    Args:
        path: the list, a CSV file or a workbook with headers like the clients'.
        people: the clients, cleaned.
        schema, recipe: by which the list's cells are cleaned like the clients'.
        mapper: what is known of the clients' columns holds for the list's, too.
        problems: takes the notes; a row that does not say who is meant is an error, for somebody would be encoded
            who must not be.

    Raises:
        InputMissing: the list cannot be read.
    """
    nobody = np.zeros(len(people.ids), np.bool_)
    told = mapper.given.columns
    choice = Choice(headers=frozenset(told.values()), fields=frozenset((CLIENT_ID, *_PERSON)))
    table = read_table(path, problems, choice=choice)
    if table is None:
        return nobody
    header = _header_of(table, CLIENT_ID, mapper)
    if header:
        return _by_id(table, header, people, problems)
    fields = {known_field(field): field for field in people.fields}
    headers = {field: _header_of(table, fields.get(field, field), mapper) for field in _PERSON}
    if not all(field in fields and headers[field] for field in _PERSON):
        problems.add(rules.WHO_OPTED_OUT, table.name, rows=[table.header_row])
        return nobody
    return _by_person(table, people, schema, recipe, mapper, problems)


def _header_of(table: Table, field: str, mapper: Mapper) -> str:
    """The list's header for a field: the clients' own, or a known name ("" for none)."""
    own = mapper.given.columns.get(field, "")
    if own in table.headers:
        return own
    return next((header for header in table.headers if known_field(header) == known_field(field)), "")


def _by_id(table: Table, header: str, people: Clients, problems: Problems) -> NDArray[np.bool_]:
    column = table.column(header).stripped()
    empty = column.where([not text for text in column.texts])
    problems.add(rules.NOBODY_MEANT, table.name, rows=table.rows[empty].tolist(), column=header)
    listed = set(filter(None, column.texts))
    _note_strangers(table, len(listed - set(people.ids)), problems)
    return np.fromiter((client in listed for client in people.ids), np.bool_, len(people.ids))


def _by_person(
    table: Table, people: Clients, schema: LinkageSchema, recipe: Recipe, mapper: Mapper, problems: Problems
) -> NDArray[np.bool_]:
    known = Mapper(mapper.given)  # nothing is asked or learned of the list
    numbered = Distinct([str(row) for row in table.rows.tolist()], np.arange(len(table.rows), dtype=np.int32))
    lacking = {field: Distinct([""], np.zeros(len(table.rows), np.int32)) for field in schema.hashed_fields}
    there = {field: _header_of(table, field, mapper) for field in schema.hashed_fields}
    columns = {field: table.column(there[field]) if there[field] else lacking[field] for field in lacking}
    listed = read_clients(
        Table(table.name, {CLIENT_ID: numbered, **columns}, table.rows, table.header_row),
        schema,
        recipe,
        Mapper(known.given.by_field_names()),
        Problems(),
    )
    wanted, held = _keys(listed), _keys(people)
    unclear = np.array([not all(key) for key in wanted], np.bool_)
    problems.add(rules.NOBODY_MEANT, table.name, rows=table.rows[unclear].tolist())
    meant = {key for key in wanted if all(key)}
    _note_strangers(table, len(meant - set(held)), problems)
    return np.fromiter((key in meant for key in held), np.bool_, len(held))


def _keys(people: Clients) -> list[tuple[str, ...]]:
    """Each record's names and birth date, as they are hashed."""
    kinds = [known_field(field) for field in people.fields]
    columns = [people.columns[kinds.index(field)] for field in _PERSON]
    folded = [column.mapped([text.casefold() for text in column.texts]) for column in columns]
    return list(zip(*(column.values() for column in folded), strict=True))


def _note_strangers(table: Table, strangers: int, problems: Problems) -> None:
    if strangers:
        problems.add(rules.STRANGERS_OPTED_OUT, table.name, detail=f"{strangers:,}")
