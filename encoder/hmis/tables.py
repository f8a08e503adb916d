"""An HMIS export -> a table of clients and one of services, with what may not be encoded refused first."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from encoder import problems as rules
from encoder.distinct import Distinct
from encoder.hmis.codes import GENDERS, NOT_HASHED, PROJECT_TYPES, SEXES, YES
from encoder.hmis.export import CLIENT, ENROLLMENT, EXIT, EXPORT, ORGANIZATION, PROJECT, Export
from encoder.problems import Problems
from encoder.reading.csv_file import read_csv
from encoder.reading.header import NOTHING_CHOSEN
from encoder.reading.table import Table
from schemas.console import Progress

_DELETED = "DateDeleted"
_NEEDED: Mapping[str, tuple[str, ...]] = {
    EXPORT: ("HashStatus",),
    ORGANIZATION: ("OrganizationID", "VictimServiceProvider"),
    CLIENT: ("PersonalID", "FirstName", "LastName", "DOB"),
    ENROLLMENT: ("EnrollmentID", "PersonalID", "ProjectID", "EntryDate"),
    EXIT: ("EnrollmentID", "ExitDate"),
    PROJECT: ("ProjectID", "ProjectType"),
}


def read_export(export: Export, problems: Problems, progress: Progress) -> tuple[Table, Table] | None:
    """Read an export's clients and services; None, with a problem noted, where it may not or cannot be encoded.

    The clients' table is Client.csv, with a column of sex where it has gender's columns only. The services' table has
    a row an enrollment: PersonalID, service (the name of the project's type), EntryDate, ExitDate (empty while open),
    ProjectName. Deleted rows are left out and counted.

    Raises:
        OSError: a file cannot be read.
    """
    try:
        # (1) what must not be encoded ends it before anybody's name is read
        if not _may_be_encoded(export, problems, progress):
            return None
        # (2) the people, and what they were enrolled in
        tables = [_part(export, name, problems, progress) for name in (CLIENT, ENROLLMENT, EXIT, PROJECT)]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError):
        problems.add(rules.DAMAGED, export.name)
        return None
    clients, enrollments, exits, projects = tables
    if clients is None or enrollments is None or exits is None or projects is None:
        return None
    return _people(clients), _services(enrollments, exits, projects)


def _may_be_encoded(export: Export, problems: Problems, progress: Progress) -> bool:
    before = problems.errors
    said = _part(export, EXPORT, problems, progress)
    for status in said.column("HashStatus").texts if said is not None else ():
        if status.strip() != NOT_HASHED:
            problems.add(rules.HASHED_EXPORT, said.name if said else "", column="HashStatus")
    organizations = _part(export, ORGANIZATION, problems, progress)
    if organizations is not None:
        column = organizations.column("VictimServiceProvider")
        victims = organizations.rows[column.where([text.strip() == YES for text in column.texts])]
        problems.add(rules.VICTIM_SERVICES, organizations.name, rows=victims.tolist(), column="VictimServiceProvider")
    return problems.errors == before


def _part(export: Export, name: str, problems: Problems, progress: Progress) -> Table | None:
    """One file's rows that are not deleted; None, with a problem noted, where it has none or lacks a column."""
    choice = replace(NOTHING_CHOSEN, may_be_empty=True, headers=frozenset(_NEEDED[name]))
    source = replace(export.files[name], name=f"{export.name}/{name.capitalize()}")
    table = read_csv(source, choice, problems, progress)
    if table is None:
        return None
    missing = [column for column in _NEEDED[name] if column not in table.columns]
    for column in missing:
        problems.add(rules.NO_SUCH_COLUMN, table.name, rows=[table.header_row], column=column)
    return None if missing else _undeleted(table, problems)


def _undeleted(table: Table, problems: Problems) -> Table:
    deleted = _full(table, _DELETED)
    if deleted.any():
        problems.add(rules.DELETED_ROWS, table.name, column=_DELETED, detail=f"{int(deleted.sum()):,}")
    return table.only(~deleted) if deleted.any() else table


def _full(table: Table, header: str) -> NDArray[np.bool_]:
    """The rows in which a column has text; none where there is no such column."""
    if header not in table.columns:
        return np.zeros(len(table.rows), np.bool_)
    column = table.column(header)
    return column.where([bool(text.strip()) for text in column.texts])


def _people(clients: Table) -> Table:
    """The clients with their sex in words: by its code, or by the columns of gender that are 1."""
    columns = dict(clients.columns)
    if "Sex" in columns:
        column = columns["Sex"]
        columns["Sex"] = column.mapped([SEXES.get(text.strip(), text) for text in column.texts])
    elif any(header in columns for header in GENDERS):
        columns["Sex"] = _sex_of_genders(clients)
    return replace(clients, columns=columns)


def _sex_of_genders(clients: Table) -> Distinct:
    """Female or male where nothing else is 1, other where more is, nothing where nothing is."""
    found = {word: np.zeros(len(clients.rows), np.bool_) for word in ("female", "male", "other")}
    for header, word in GENDERS.items():
        if header in clients.columns:
            column = clients.column(header)
            found[word] |= column.where([text.strip() == YES for text in column.texts])
    number = found["female"] + 2 * found["male"] + 4 * found["other"].astype(np.int32)
    texts = ["", "female", "male", *["other"] * 5]
    return Distinct(texts, number.astype(np.int32)).mapped(texts)


def _services(enrollments: Table, exits: Table, projects: Table) -> Table:
    """The enrollments with the name of their project's type and with their exit's date."""
    project, enrollment = (enrollments.column(name).stripped() for name in ("ProjectID", "EnrollmentID"))
    types = _look_up(projects, "ProjectID", "ProjectType")
    names = _look_up(projects, "ProjectID", "ProjectName") if "ProjectName" in projects.columns else {}
    left = _look_up(exits, "EnrollmentID", "ExitDate")
    columns = {
        "PersonalID": enrollments.column("PersonalID"),
        "service": project.mapped([_service(types.get(text, "")) for text in project.texts]),
        "EntryDate": enrollments.column("EntryDate"),
        "ExitDate": enrollment.mapped([left.get(text, "") for text in enrollment.texts]),
        "ProjectName": project.mapped([names.get(text, "") for text in project.texts]),
    }
    return replace(enrollments, columns=columns)


def _service(project_type: str) -> str:
    """The name of a project's type; a code that is not known keeps its number, and none has no name."""
    return PROJECT_TYPES.get(project_type, f"project type {project_type}" if project_type else "")


def _look_up(table: Table, key: str, value: str) -> dict[str, str]:
    """Key -> value, both without white space around; the last row counts."""
    keys, values = table.column(key).stripped(), table.column(value).stripped()
    return dict(zip(keys.values(), values.values(), strict=True))
