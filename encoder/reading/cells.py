"""A workbook's cell -> the text that Excel would show or write into a CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta

Cell = str | int | float | bool | date | datetime | time | timedelta

_MOST_DIGITS = 15
"""Digits of a number that Excel keeps (IEEE 754 double; ECMA-376 and Excel's specifications and limits)."""

_EXACT = 10**_MOST_DIGITS
_EPOCHS = {False: date(1899, 12, 30), True: date(1904, 1, 1)}
"""Day 0 of the two date systems (ECMA-376 18.17.4.1); of the first, right from 1 March 1900 on."""

FIRST_SERIAL, LAST_SERIAL = 3_653, 73_050
"""1910 to 2099 as day numbers. What is lower may be a year (1980), and nobody who is served was born before."""


def text_of(cell: Cell) -> str:
    """One cell as text. A number that has lost digits is written as Excel shows it, 1.23456789012346E+15."""
    return _WRITERS[type(cell)](cell)


def serial_day(text: str, *, from_1904: bool) -> date | None:
    """The day that a day number stands for; None where the text is none of 1910 to 2099."""
    if not (text.isascii() and text.isdigit() and FIRST_SERIAL <= int(text) <= LAST_SERIAL):
        return None
    return _EPOCHS[from_1904] + timedelta(days=int(text))


def _number(number: float) -> str:
    if not abs(number) < _EXACT:  # too large, or no number
        return f"{number:.{_MOST_DIGITS - 1}E}"
    return str(int(number)) if number == int(number) else f"{number:.{_MOST_DIGITS}g}"


def _moment(moment: datetime) -> str:
    if moment.time() == time.min:
        return moment.date().isoformat()
    return moment.replace(microsecond=0).isoformat(sep=" ")


def _duration(span: timedelta) -> str:
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"


_WRITERS: Mapping[type, Callable[..., str]] = {
    str: str,
    float: _number,
    int: _number,
    bool: lambda cell: "TRUE" if cell else "FALSE",
    datetime: _moment,
    date: date.isoformat,
    time: lambda cell: cell.replace(microsecond=0).isoformat(),
    timedelta: _duration,
}
