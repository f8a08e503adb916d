"""What holds for a whole column: the format of its dates, the list its sex codes are of."""

from __future__ import annotations

import numpy as np

from encoder import problems as rules
from encoder.cleaning.dates import FORMATS, Undecided, decide_format
from encoder.cleaning.recipe import Conventions
from encoder.cleaning.sex import HMIS, ISO, Codes, decide_codes
from encoder.cleaning.steps import NOTHING
from encoder.distinct import Distinct
from encoder.fields import Kind
from encoder.mapping.mapper import Mapper
from encoder.mapping.questions import Choice, Question
from encoder.problems import Problems

_WHY = {
    Undecided.DAY_OR_MONTH: rules.UNCLEAR_DATES,
    Undecided.SHORT_YEARS: rules.SHORT_YEARS,
    Undecided.SERIAL_DAYS: rules.SERIAL_DAYS,
    Undecided.NOTHING_READS: rules.UNREADABLE_COLUMN,
}
_EITHER_WAY = {"/": ("%d/%m/%Y", "%m/%d/%Y"), ".": ("%d.%m.%Y", "%m.%d.%Y"), "-": ("%d-%m-%Y", "%m-%d-%Y")}
"""By the sign between: day first, month first."""
_LISTS = (("0 is female, 1 is male (HMIS)", HMIS), ("1 is male, 2 is female (ISO 5218)", ISO))


def settle_conventions(
    file: str, header: str, field: str, kind: Kind, column: Distinct, mapper: Mapper, problems: Problems
) -> Conventions | None:
    """Decide what holds for a column, by the mapping file, else by its values, else by asking.

    Args:
        file: the file's name, for problems.
        header, field, kind: the column's.
        column: its cells as they stand.
        mapper: what is given; who is asked.
        problems: takes a note where nothing can be decided.

    Returns:
        None, with a problem noted, where it stays undecided.
    """
    if kind is Kind.DATE:
        asked = ("dates", field)
        format_ = mapper.given.dates.get(field) or settle_dates(file, header, column, mapper, problems, asked)
        return Conventions(date_format=format_) if format_ else None
    if kind is Kind.SEX:
        codes = mapper.given.sex or decide_codes(column.texts) or _ask_codes(file, header, mapper, problems)
        return Conventions(codes=codes) if codes else None
    return Conventions()


def settle_dates(
    file: str, header: str, column: Distinct, mapper: Mapper, problems: Problems, asked: tuple[str, str]
) -> str | None:
    """The one format of a column of dates, decided or asked for; None, with a problem noted, where there is none.

    Args:
        file, header, column: whose dates these are.
        mapper: who is asked whether the day or the month comes first, where the column does not tell.
        problems: takes the note.
        asked: table and key of the answer in the mapping file.
    """
    full = np.array([bool(cell.strip()) and cell.strip() not in NOTHING for cell in column.texts], np.bool_)
    if not full.any():
        return FORMATS[0]
    values = [cell for cell, there in zip(column.texts, full, strict=True) if there]
    decided = decide_format(values, column.cells()[full])
    if isinstance(decided, str):
        return decided
    if decided is Undecided.DAY_OR_MONTH and (format_ := _ask_order(header, values, mapper)):
        mapper.learn(*asked, format_)
        return format_
    problems.add(_WHY[decided], file, column=header, detail=decided.value)
    return None


def _ask_order(header: str, values: list[str], mapper: Mapper) -> str | None:
    sign = next((sign for sign in _EITHER_WAY if sign in values[0]), "/")
    texts = (f"the day (31{sign}12{sign}1980)", f"the month (12{sign}31{sign}1980)")
    choices = [Choice(text, lambda: values) for text in texts]
    place = mapper.ask(Question(f"In the dates of '{header}', which comes first?", choices))
    return None if place is None else _EITHER_WAY[sign][place]


def _ask_codes(file: str, header: str, mapper: Mapper, problems: Problems) -> Codes | None:
    place = mapper.ask(Question(f"In '{header}', what do the numbers mean?", [Choice(text) for text, _ in _LISTS]))
    if place is None:
        problems.add(rules.UNCLEAR_CODES, file, column=header)
        return None
    for code, meaning in _LISTS[place][1].items():
        mapper.learn("sex", code, meaning)
    return _LISTS[place][1]
