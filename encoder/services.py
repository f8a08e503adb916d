"""The services' CSV -> service records at the agreement's level of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from encoder import problems as rules
from encoder.check import note_unreadable
from encoder.cleaning.dates import DateReader, date_reader
from encoder.cleaning.steps import NOTHING
from encoder.distinct import Distinct
from encoder.fields import CLIENT_ID, END, SERVICE, START
from encoder.mapping.columns import match_columns
from encoder.mapping.conventions import settle_dates
from encoder.mapping.mapper import Mapper
from encoder.mapping.mapping_file import DATE_FORMAT
from encoder.problems import UNREADABLE_SHARE, Problems, Rule
from encoder.reading.table import Table
from schemas.periods import Unit, time_index
from schemas.services import OPEN_END

_MOST_NAMES = 256
"""More different services than any member has: a column with more is one of people, ids or notes."""

_ALWAYS_FEW = 10
"""So many different services may be in a file of any length; more are suspect where they are most of the rows."""

_NO_DAY, _STILL_OPEN = -1, 1 << 30  # beside days counted from the year 1: before the first, after the last


@dataclass(frozen=True, eq=False)
class ServiceRows:
    """Service records by the row of their client.

    Attributes:
        record: int64 (m,); row of the clients' table.
        service: uint16 (m,); index into `names`.
        names: the services' names, sorted.
        start, end: int32 (m,) in the agreement's unit; empty where it has none.
        left_out: how many rows of the file are not here because of a warning.
    """

    record: NDArray[np.int64]
    service: NDArray[np.uint16]
    names: tuple[str, ...]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    left_out: int = 0

    def of_persons(self, kept: NDArray[np.int64]) -> ServiceRows:
        """The services by the record that is encoded for each record's person, int64 (n,)."""
        return replace(_once_where_untimed(replace(self, record=kept[self.record])), left_out=self.left_out)

    def __len__(self) -> int:
        return len(self.record)


@dataclass(frozen=True, eq=False)
class _Days:
    """A date column: for each row its day (from the year 1; see _NO_DAY and _STILL_OPEN) and its time index."""

    day: NDArray[np.int64]
    index: NDArray[np.int32]
    empty: NDArray[np.bool_]


def everyone_served(records: int, member: str) -> ServiceRows:
    """What membership alone says: every record was served by the member."""
    nothing = np.empty(0, np.int32)
    return ServiceRows(np.arange(records), np.zeros(records, np.uint16), (member,), nothing, nothing)


def service_rows(
    table: Table,
    ids: Sequence[str],
    unit: Unit,
    member: str,
    mapper: Mapper,
    problems: Problems,
    *,
    all_clients: bool = True,
) -> ServiceRows | None:
    """Turn the services' table into service records; None where its columns cannot be used.

    Rows with an unknown client, an unreadable date, no name or an end before the start are noted and left out. An
    empty end is one still open. Without a column of services, the service is the member's name. Where the unit has no
    time, a client has each service once.

    Args:
        ids: the client ids, by row of the clients' table.
        unit: the agreement's.
        member: the member's name.
        all_clients: whether `ids` are all clients of the file; where some were refused, unknown ones are not noted.
    """
    dated = (START, END) if unit is not Unit.NONE else ()
    wanted = (CLIENT_ID, SERVICE, *dated)
    headers = match_columns(table, wanted, mapper, problems, of="services", optional=(SERVICE,))
    if not all(headers.get(name) for name in (CLIENT_ID, *dated)):
        return None
    table.tell_marks(headers.values(), problems)
    record = _records(table, headers[CLIENT_ID], ids, problems if all_clients else Problems())
    names, service, unnamed = _service_names(table, headers.get(SERVICE, ""), member, problems)
    start = end = np.empty(0, np.int32)
    bad = (record < 0) | unnamed
    if dated:
        days = _dates(table, headers, unit, mapper, problems)
        if days is None:
            return None
        start, end = days[0].index, days[1].index
        bad |= _badly_dated(table, headers, *days, problems)
    return _kept(ServiceRows(record, service, names, start, end), ~bad)


def _kept(rows: ServiceRows, keep: NDArray[np.bool_]) -> ServiceRows:
    timed = keep if rows.start.size else keep[:0]
    kept = ServiceRows(rows.record[keep], rows.service[keep], rows.names, rows.start[timed], rows.end[timed])
    return replace(_once_where_untimed(kept), left_out=int((~keep).sum()))


def _once_where_untimed(rows: ServiceRows) -> ServiceRows:
    """Each client and service once, where there is no time: more often would tell of it."""
    if rows.start.size:
        return rows
    pairs = np.unique(np.stack([rows.record, rows.service.astype(np.int64)]), axis=1)
    return replace(rows, record=pairs[0], service=pairs[1].astype(np.uint16))


def _records(table: Table, header: str, ids: Sequence[str], problems: Problems) -> NDArray[np.int64]:
    place = {client: row for row, client in enumerate(ids)}
    column = table.column(header)
    record = np.array([place.get(text.strip(), -1) for text in column.texts], np.int64)[column.codes]
    unknown = int((record < 0).sum())
    if unknown > UNREADABLE_SHARE * len(record):
        problems.add(rules.MOSTLY_UNKNOWN, table.name, column=header, detail=f"{unknown:,} of {len(record):,}")
    else:
        _note(rules.UNKNOWN_CLIENT, table, header, record < 0, problems)
    return record


def _service_names(
    table: Table, header: str, member: str, problems: Problems
) -> tuple[tuple[str, ...], NDArray[np.uint16], NDArray[np.bool_]]:
    """The names, each row's index into them, and which rows have none."""
    if not header:
        return (member,), np.zeros(len(table.rows), np.uint16), np.zeros(len(table.rows), np.bool_)
    column = table.column(header).stripped()
    names = tuple(sorted(filter(None, column.texts)))
    if len(names) > _MOST_NAMES or len(names) > max(_ALWAYS_FEW, len(table.rows) // 2):
        problems.add(rules.TOO_MANY_NAMES, table.name, column=header, detail=f"{len(names)}")
        names = names[:_MOST_NAMES]
    place = {name: index for index, name in enumerate(names)}
    service = np.array([place.get(value, 0) for value in column.texts], np.uint16)[column.codes]
    unnamed = column.where([not value for value in column.texts])
    _note(rules.NO_SERVICE_NAME, table, header, unnamed, problems)
    return names, service, unnamed


def _dates(
    table: Table, headers: dict[str, str], unit: Unit, mapper: Mapper, problems: Problems
) -> tuple[_Days, _Days] | None:
    """The start and end columns; None where their one format is not known or does not read them."""
    columns = [table.column(headers[name]) for name in (START, END)]
    declared, asked = mapper.given.service_dates, ("services", DATE_FORMAT)
    format_ = declared or settle_dates(table.name, headers[START], _both(*columns), mapper, problems, asked)
    if format_ is None:
        return None
    read = date_reader(format_)
    start, end = (_days(column, read, unit) for column in columns)
    usable = [_mostly_read(table, headers[name], days, problems) for name, days in ((START, start), (END, end))]
    return (start, end) if all(usable) else None


def _both(start: Distinct, end: Distinct) -> Distinct:
    """The cells of two columns as one."""
    return Distinct([*start.texts, *end.texts], np.concatenate([start.codes, end.codes + len(start.texts)]))


def _days(column: Distinct, read: DateReader, unit: Unit) -> _Days:
    empty = np.array([not cell.strip() or cell.strip() in NOTHING for cell in column.texts], np.bool_)
    found: list[date | None] = [read(cell) for cell in column.texts]
    day = np.array([there.toordinal() if there else _NO_DAY for there in found], np.int64)
    index = np.array([time_index(there, unit) if there else OPEN_END for there in found], np.int32)
    return _Days(day[column.codes], index[column.codes], empty[column.codes])


def _mostly_read(table: Table, header: str, days: _Days, problems: Problems) -> bool:
    full = int((~days.empty).sum())
    bad = int(((days.day == _NO_DAY) & ~days.empty).sum())
    if bad > UNREADABLE_SHARE * full:
        note_unreadable(table, header, bad, full, problems)
        return False
    return True


def _badly_dated(
    table: Table, headers: dict[str, str], start: _Days, end: _Days, problems: Problems
) -> NDArray[np.bool_]:
    no_start = start.day == _NO_DAY
    bad_end = (end.day == _NO_DAY) & ~end.empty
    before = ~no_start & ~bad_end & (np.where(end.empty, _STILL_OPEN, end.day) < start.day)
    _note(rules.NO_START, table, headers[START], no_start, problems)
    _note(rules.BAD_END, table, headers[END], bad_end, problems)
    _note(rules.ENDS_BEFORE, table, headers[END], before, problems)
    bad: NDArray[np.bool_] = no_start | bad_end | before
    return bad


def _note(rule: Rule, table: Table, header: str, which: NDArray[np.bool_], problems: Problems) -> None:
    problems.add(rule, table.name, rows=table.rows[which].tolist(), column=header)
