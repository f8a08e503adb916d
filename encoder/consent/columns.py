"""What the member's columns of consent say of each record: given or not, until when."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from encoder import problems as rules
from encoder.check import note_unreadable
from encoder.cleaning.dates import date_reader
from encoder.cleaning.steps import NOTHING
from encoder.distinct import Distinct
from encoder.fields import letters_of
from encoder.mapping.conventions import settle_dates
from encoder.mapping.mapper import Mapper
from encoder.mapping.mapping_file import CONSENT, DATE_FORMAT, GIVEN, UNTIL
from encoder.problems import UNREADABLE_SHARE, Problems, Rule
from encoder.reading.table import Table

_YES = frozenset(("yes", "y", "true", "t", "1", "x", "given", "granted", "signed", "agreed", "si", "sí", "oui", "ja"))
_NO = frozenset(("no", "n", "false", "f", "0", "refused", "declined", "withdrawn", "revoked", "none", "8", "9", "99"))
"""8, 9 and 99 are HMIS's for not known, refused and not collected."""

_LOOKS_LIKE = ("consent", "releaseofinformation", "optout", "optedout", "roi")
"""Parts of headers by which a column of consent that no mapping file names is noticed; "roi" only as a whole."""


def without_consent(table: Table, mapper: Mapper, problems: Problems) -> NDArray[np.bool_]:
    """The records whose client has not consented, bool (n,): all whose cell is no plain yes.

    False everywhere where the mapping file names no such column; one that looks like it is noted.
    """
    given = mapper.given.consent
    nobody = np.zeros(len(table.rows), np.bool_)
    if not given:
        for header in filter(_may_be_consent, table.headers):
            problems.add(rules.UNUSED_CONSENT, table.name, column=header)
        return nobody
    column = _column(table, given.get(GIVEN, ""), problems)
    if column is None:
        return nobody
    words = [letters_of(text) for text in column.texts]
    unknown = column.where([bool(word) and word not in _YES | _NO for word in words])
    _note(
        rules.NEITHER_YES_NOR_NO, table, given[GIVEN], unknown, column.where([bool(word) for word in words]), problems
    )
    return column.where([word not in _YES for word in words])


def expired(table: Table, day: date, mapper: Mapper, problems: Problems) -> NDArray[np.bool_]:
    """The records whose consent ended before a day, or whose end of consent cannot be read; bool (n,).

    An empty cell means no end where another column says that consent was given; alone, it means that there is none.
    """
    given = mapper.given.consent
    column = _column(table, given.get(UNTIL, ""), problems)
    if column is None:
        return np.zeros(len(table.rows), np.bool_)
    asked = (CONSENT, DATE_FORMAT)
    format_ = given.get(DATE_FORMAT) or settle_dates(table.name, given[UNTIL], column, mapper, problems, asked)
    if format_ is None:
        return np.zeros(len(table.rows), np.bool_)
    read = date_reader(format_)
    days = [read(text) for text in column.texts]
    empty = [not text.strip() or text.strip() in NOTHING for text in column.texts]
    bad = [found is None and not nothing for found, nothing in zip(days, empty, strict=True)]
    full = column.where([not nothing for nothing in empty])
    _note(rules.NO_END_OF_CONSENT, table, given[UNTIL], column.where(bad), full, problems)
    over = [
        found < day if found else not (nothing and GIVEN in given) for found, nothing in zip(days, empty, strict=True)
    ]
    return column.where(over)


def _column(table: Table, header: str, problems: Problems) -> Distinct | None:
    """The column of that header; None where none is named or, with a problem noted, where there is none."""
    if not header:
        return None
    if header not in table.headers:
        problems.add(rules.NO_CONSENT_COLUMN, table.name, rows=[table.header_row], detail=f"'{header}'")
        return None
    return table.column(header)


def _note(
    rule: Rule, table: Table, header: str, which: NDArray[np.bool_], full: NDArray[np.bool_], problems: Problems
) -> None:
    """Note the cells that cannot be used or, where these are more than a fifth of the full ones, the column."""
    bad, of = int(which.sum()), int(full.sum())
    if bad > UNREADABLE_SHARE * of:
        note_unreadable(table, header, bad, of, problems)
        return
    problems.add(rule, table.name, rows=table.rows[which].tolist(), column=header)


def _may_be_consent(header: str) -> bool:
    letters = letters_of(header)
    return letters == _LOOKS_LIKE[-1] or any(part in letters for part in _LOOKS_LIKE[:-1])
