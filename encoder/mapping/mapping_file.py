"""The mapping file: what the member says of its own columns, read, and written where the steward was asked."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from encoder.cleaning.dates import is_date_format
from encoder.errors import BadMapping, InputMissing
from encoder.fields import CLIENT_ID, END, QUALITY, SERVICE, SOURCES, START, known_field
from schemas.toml_lines import parse_toml
from schemas.whole import write_whole

FILE_NAME = "mapping.toml"
"""Beside the clients' file, it is read without being named."""

DATE_FORMAT = "date_format"

SEEN = "seen"

CONSENT, GIVEN, UNTIL, OPT_OUT = "consent", "given", "until", "opt_out"

_TABLES = ("columns", "dates", "services", "sex", CONSENT, SEEN)
_SERVICE_KEYS = (CLIENT_ID, SERVICE, START, END, DATE_FORMAT)
_CONSENT_KEYS = (GIVEN, UNTIL, DATE_FORMAT, OPT_OUT)
_SEXES = ("m", "f", "x", "")
_HEAD = """\
# Which of your columns is which field. `waylink encode` asked, and wrote down what you answered: it will not ask again.
# Change a line and encode again, or delete the file to be asked anew. Nothing in it is about a person.
"""
_MEANING = {
    "columns": '# field = "the header of your column"; "" where you do not hold the field',
    "dates": '# field = "the format of its dates": %d day, %m month, %Y year',
    "services": "# the same for the file of services; date_format is of both its dates",
    "sex": '# your code = "m", "f", "x", or "" where it means not known',
    CONSENT: "# who is not encoded: given, until = headers of your columns; opt_out = a file",
    SEEN: "# the headers that your files had: a new one may be a field that you did not hold",
}

Answers = Mapping[tuple[str, str], str | Sequence[str]]
"""(table, key) -> value."""


@dataclass(frozen=True)
class GivenColumns:
    """What a mapping file says.

    Attributes:
        columns: field -> the member's header ("": the member does not hold the field).
        dates: field -> strptime format.
        services: client_id, service, start, end -> the header in the services' file.
        service_dates: strptime format of both dates of services ("": decided).
        sex: the member's code -> m, f, x or "" (not known).
        consent: given, until -> the header of the clients' column; date_format of `until`; opt_out -> a file's path.
        seen: columns, services -> the headers that the file had when last asked about.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    services: Mapping[str, str] = field(default_factory=dict)
    service_dates: str = ""
    sex: Mapping[str, str] = field(default_factory=dict)
    seen: Mapping[str, Sequence[str]] = field(default_factory=dict)
    consent: Mapping[str, str] = field(default_factory=dict)

    def by_field_names(self) -> GivenColumns:
        """The same for a table whose headers are the fields' own names."""
        return replace(self, columns={})

    def require_known(self, fields: Sequence[str]) -> None:
        """Raise BadMapping where [columns] or [dates] names a field that the linkage schema does not hash."""
        kinds = [known_field(name) for name in fields]
        sources = [source for kind in kinds for source in SOURCES.get(kind, ())]
        known = [CLIENT_ID, *fields, *sources, *(QUALITY[kind] for kind in kinds if kind in QUALITY)]
        faults = [
            f"[{table}] {name}: the linkage schema has no such field"
            for table, names in (("columns", self.columns), ("dates", self.dates))
            for name in names
            if name not in known
        ]
        if faults:
            listed = ", ".join(dict.fromkeys(known))
            raise BadMapping("\n  ".join(faults), where="mapping file", fix=f"the fields are {listed}")


NOTHING_GIVEN = GivenColumns()
"""No mapping file: columns are found by their names and values."""


def load_columns(path: Path) -> GivenColumns:
    """Read a mapping file (TOML): [columns] and [dates] by field, [services] with headers and `date_format`, [sex].

    Raises:
        InputMissing: the file cannot be read.
        BadMapping: not TOML, unknown tables or keys, or a date format that holds no whole day.
    """
    try:
        document, lines = parse_toml(path.read_bytes().decode("utf-8-sig"))
    except OSError:
        raise InputMissing("no such mapping file", where=str(path)) from None
    except UnicodeDecodeError:
        raise BadMapping("is not UTF-8 text", where=str(path)) from None
    except tomllib.TOMLDecodeError as error:
        raise BadMapping(f"is not TOML: {error}", where=str(path)) from None
    faults = [f"line {lines.get(key, 1)}: {text}" for key, text in _faults(document)]
    if faults:
        raise BadMapping("\n  ".join(faults), where=str(path), fix="docs/guides/steward.md shows a mapping file")
    services = dict(document.get("services", {}))
    service_dates = services.pop(DATE_FORMAT, "")
    columns, dates, sex, seen, consent = (
        document.get(table, {}) for table in ("columns", "dates", "sex", SEEN, CONSENT)
    )
    return GivenColumns(columns, dates, services, service_dates, sex, seen, consent)


def save_answers(path: Path, answers: Answers) -> None:
    """Write answers into a mapping file, new or there already; what else is in it stays, comments included."""
    lines = path.read_text(encoding="utf-8-sig").splitlines() if path.exists() else _HEAD.splitlines()
    for table in _TABLES:
        entries = {key: value for (its_table, key), value in answers.items() if its_table == table}
        lines = _with_entries(lines, table, entries)
    write_whole(path, ("\n".join(lines) + "\n").encode("utf-8"))


def _with_entries(lines: list[str], table: str, entries: Mapping[str, str | Sequence[str]]) -> list[str]:
    """The file's lines with entries at the start of a table, or with a new table at the end."""
    if not entries:
        return lines
    lines = _without_entries(lines, table, entries)
    written = [f"{_quoted_key(key)} = {_quoted(value)}" for key, value in entries.items()]
    head = re.compile(rf"\s*\[\s*{table}\s*\]")
    place = next((number for number, line in enumerate(lines) if head.match(line)), None)
    if place is None:
        return [*lines, "", f"[{table}]  {_MEANING[table]}", *written]
    return [*lines[: place + 1], *written, *lines[place + 1 :]]


def _without_entries(lines: Sequence[str], table: str, keys: Collection[str]) -> list[str]:
    """The file's lines without those of a table that give one of the keys; each is on a line of its own."""
    kept, here = [], False
    for line in lines:
        if line.lstrip().startswith("["):
            here = re.match(rf"\s*\[\s*{table}\s*\]", line) is not None
        if not (here and _key_of(line) in keys):
            kept.append(line)
    return kept


def _key_of(line: str) -> str | None:
    """The key that a line of TOML gives; None where it gives none, or only begins to."""
    try:
        return next(iter(tomllib.loads(line)), None) if "=" in line else None
    except tomllib.TOMLDecodeError:
        return None


def _quoted_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _quoted(key)


def _quoted(text: str | Sequence[str]) -> str:
    """A string of TOML, or a list of them: JSON's rules, and the one control character more that TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _faults(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    faults = [(name, f"unknown table '{name}'") for name in document if name not in _TABLES]
    for table in _TABLES:
        entries = document.get(table, {})
        if not isinstance(entries, dict):
            faults.append((table, f"'{table}' is not a table"))
            continue
        if table == SEEN:
            faults += [
                (f"{table}.{key}", f"{key} is no list of headers") for key in entries if not _is_list(entries[key])
            ]
            continue
        texts = {key: text for key, text in entries.items() if isinstance(text, str)}
        faults += [(f"{table}.{key}", f"{key} is not text") for key in entries if key not in texts]
        faults += [
            (f"{table}.{key}", f"{key}: {fault}") for key, text in texts.items() if (fault := _fault(table, key, text))
        ]
        known = {"services": _SERVICE_KEYS, CONSENT: _CONSENT_KEYS}.get(table, entries)
        faults += [(f"{table}.{key}", f"unknown key '{key}'") for key in entries if key not in known]
    return faults


def _is_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(header, str) for header in value)


def _fault(table: str, key: str, text: str) -> str:
    """What is wrong with one entry ("" for nothing)."""
    if table == "sex" and text not in _SEXES:
        return 'a sex is "m", "f", "x", or "" for not known'
    if (table, key) == ("columns", CLIENT_ID) and not text.strip():
        return "every record needs a client id"
    if table != "dates" and key != DATE_FORMAT:
        return ""
    if not is_date_format(text):
        return "no date format that holds year, month and day"
    if table == "dates" and "%y" in text:
        return "a year of two digits does not say its century; export years of four (%Y)"
    return ""
