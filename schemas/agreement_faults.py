"""What can be wrong with an agreement: every fault, with its line, what is allowed and how to mend it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from importlib import resources
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from schemas.noise_asked import noise_faults
from schemas.pathways_asked import Fault, pathway_faults
from schemas.periods import MONTHS_A_QUARTER, Level, Unit
from schemas.tables import TABLE_LEVELS, sources_missing

DAYS = ("window_start", "window_end", "as_of")
"""The keys that are days."""


def _contract() -> dict[str, Any]:
    text = (resources.files("schemas") / "json" / "agreement.schema.json").read_text(encoding="utf-8")
    contract: dict[str, Any] = json.loads(text)
    return contract


def problems_of(document: dict[str, Any], lines: Mapping[str, int]) -> list[str]:
    """Every fault of an agreement, with its line: breaches of the contract, then keys that do not fit each other."""
    return [*_contract_problems(document, lines), *_sense_problems(document, lines)]


def _contract_problems(document: dict[str, Any], lines: Mapping[str, int]) -> Iterator[str]:
    """Every breach of `schemas/json/agreement.schema.json`, in the order of the file's lines."""
    contract = _contract()
    found = [
        problem
        for error in Draft202012Validator(contract).iter_errors(document)
        for problem in _explain(error, contract, document, lines)
    ]
    yield from (text for _, text in sorted(found))


def _explain(
    error: ValidationError, contract: Mapping[str, Any], document: Mapping[str, Any], lines: Mapping[str, int]
) -> Iterator[tuple[int, str]]:
    keys, required = contract["properties"], contract["required"]
    given = set(document)
    if error.validator == "additionalProperties" and not error.absolute_path:
        for key in sorted(given - set(keys)):
            yield _at(key, lines, f"unknown key '{key}'; allowed: {', '.join(keys)}")
    elif error.validator == "required" and not error.absolute_path:
        for key in sorted(set(required) - given):
            yield 0, f"'{key}' is missing: {_allowed(keys[key])}"
    else:
        key = str(error.absolute_path[0])
        yield _at(_place(error), lines, f"{key} has a wrong value; allowed: {_allowed(keys[key])}")


def _place(error: ValidationError) -> str:
    """Where an error is: `period`, `groups.both`, `contains_path[1].mode`."""
    key, *inside = error.absolute_path
    return str(key) + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in inside)


def _allowed(rule: Mapping[str, Any]) -> str:
    return str(rule.get("description") or ", ".join(f'"{value}"' for value in rule["enum"]))


def _at(key: str, lines: Mapping[str, int], text: str) -> tuple[int, str]:
    """The text with the line of the key or, where that has none, of what it stands in."""
    while key not in lines and ("." in key or "[" in key):
        key = key[: max(key.rfind("."), key.rfind("["))]
    line = lines.get(key, 0)
    return line, f"line {line}: {text}" if line else text


def _sense_problems(document: dict[str, Any], lines: Mapping[str, int]) -> Iterator[str]:
    """What the contract cannot say: keys that have to fit each other."""
    for key, text in _sense_faults(document):
        yield _at(key, lines, text)[1]


def _sense_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _level_faults(document)
    yield from _source_faults(document)
    yield from _window_faults(document)
    yield from pathway_faults(document)
    yield from noise_faults(document)
    yield from _voter_faults(document)


def _level_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    level, period = document.get("data_level"), document.get("period")
    if level == Level.PERIOD and period is None:
        yield "data_level", 'data_level "period" needs period; allowed: "month", "quarter"'
    if level != Level.PERIOD and period is not None:
        yield "period", 'period is allowed with data_level "period" only'
    if level not in list(Level):
        return
    for table in _strings(document.get("tables")):
        if table in TABLE_LEVELS and not Level(level).allows(TABLE_LEVELS[table]):
            needed = TABLE_LEVELS[table].value
            yield "tables", f'table "{table}" needs data_level "{needed}" or finer; this agreement has "{level}"'


def _source_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    for table, source in sources_missing(_strings(document.get("tables"))):
        yield "tables", f'table "{table}" is made of "{source}"; list that, too'


def _window_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    for key in DAYS:
        value = document.get(key)
        if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
            yield key, f"{key} has a wrong value; allowed: {_contract()['properties'][key]['description']}"
            return
        if value is not None and document.get("data_level") == Level.MEMBERSHIP:
            yield key, f'{key} needs data_level "period" or "day"'
        if value is not None and key != "as_of" and not _starts_a_period(value, document.get("period")):
            yield key, f"{key} has a wrong value; allowed: the first day of a {document['period']}"
    start, end = document.get("window_start"), document.get("window_end")
    if start is not None and end is not None and end <= start:
        yield "window_end", "window_end has a wrong value; allowed: a day after window_start"


def _starts_a_period(day: date, period: object) -> bool:
    """Whether a window can start or end there: data by month or quarter knows no other days."""
    if period not in (Unit.MONTH, Unit.QUARTER):
        return True
    return day.day == 1 and (period == Unit.MONTH or day.month % MONTHS_A_QUARTER == 1)


def _voter_faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    quorum, members = document.get("quorum"), _strings(document.get("members"))
    community = _strings(document.get("community"))
    if both := sorted(set(members) & set(community)):
        yield "community", f"community names a member: {', '.join(both)}; a community seat has no data of its own"
    voters = len(members) + len(community)
    if isinstance(quorum, int) and quorum > voters:
        yield "quorum", f"quorum has a wrong value; allowed: no more than the {voters} members and community seats"


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, Iterable) else []
