"""What a member gives -> the tables of clients and services: two files, or an HMIS export that holds both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from encoder import problems as rules
from encoder.distinct import Distinct
from encoder.errors import InputMissing
from encoder.fields import END, SERVICE, SOURCES, START, known_field
from encoder.hmis.export import find_export, is_export
from encoder.hmis.tables import read_export
from encoder.problems import Problems
from encoder.read import read_table
from encoder.reading.header import NOTHING_CHOSEN, Choice
from encoder.reading.table import Table
from schemas.console import SILENT, Progress

_OF_SERVICES = frozenset((SERVICE, START, END))


@dataclass(frozen=True)
class Inputs:
    """The files that a member names.

    Attributes:
        clients: a CSV file or workbook; or an HMIS export, as a folder or a zip archive.
        services: a CSV file or workbook, also instead of an export's; None where there is none, or the export has them.
        of_clients, of_services: sheet and header row, where they were chosen.
    """

    clients: Path
    services: Path | None = None
    of_clients: Choice = NOTHING_CHOSEN
    of_services: Choice = NOTHING_CHOSEN

    @property
    def have_services(self) -> bool:
        """Whether services are among them."""
        return self.services is not None or self._is_export()

    def read(
        self, fields: Sequence[str], problems: Problems, progress: Progress = SILENT
    ) -> tuple[Table | None, Table | None]:
        """The tables of clients and services; None, with a problem noted, where nothing of a file can be used.

        Args:
            fields: the linkage schema's, by which a workbook's sheet of clients is known.
            problems: takes the notes.
            progress: told of bytes read.

        Raises:
            InputMissing: a file cannot be read.
        """
        if self._is_export():
            return self._read_export(fields, problems, progress)
        kinds = frozenset(filter(None, map(known_field, fields)))
        clients = read_table(self.clients, problems, choice=replace(self.of_clients, fields=kinds), progress=progress)
        if self.services is None:
            return clients, None
        choice = replace(self.of_services, fields=_OF_SERVICES)
        return clients, read_table(self.services, problems, choice=choice, progress=progress)

    def _is_export(self) -> bool:
        try:
            return is_export(self.clients)
        except OSError as error:
            raise InputMissing(f"cannot be read ({error.strerror})", where=str(self.clients)) from None

    def _read_export(
        self, fields: Sequence[str], problems: Problems, progress: Progress
    ) -> tuple[Table | None, Table | None]:
        services: Table | None
        try:
            export = find_export(self.clients, problems)
            found = read_export(export, problems, progress) if export is not None else None
        except OSError as error:
            raise InputMissing(f"cannot be read ({error.strerror})", where=str(self.clients)) from None
        if found is None:
            return None, None
        clients, services = found
        if self.services is not None:
            services = read_table(self.services, problems, choice=self.of_services, progress=progress)
        return _with_empty_columns(clients, fields, problems), services


def _with_empty_columns(clients: Table, fields: Sequence[str], problems: Problems) -> Table:
    """The clients with an empty column for each field that an export never has: an address is in none of its files."""
    held = {known_field(header) for header in clients.headers}
    lacking = [name for name in fields if held.isdisjoint((known_field(name), *SOURCES.get(known_field(name), ())))]
    if not lacking:
        return clients
    problems.add(rules.FIELDS_NOT_HELD, clients.name, detail=", ".join(lacking))
    nothing = Distinct([""], np.zeros(len(clients.rows), np.int32))
    return replace(clients, columns={**clients.columns, **dict.fromkeys(lacking, nothing)})
