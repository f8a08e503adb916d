"""The member's column names -> the linkage schema's fields, the client id and the columns of services."""

from __future__ import annotations

import tomllib
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from encoder import problems as rules
from encoder.dates import is_date_format
from encoder.errors import BadMapping, InputMissing
from encoder.problems import Problems
from schemas.toml_lines import parse_toml

CLIENT_ID = "client_id"
SERVICE, START, END = "service", "start", "end"

SYNONYMS: Mapping[str, str] = {
    "client_id": "clientid clientno clientnumber clientkey id personid personalid participantid patientid studentid",
    "first_name": "firstname first given givenname forename fname namefirst studentfirst clientfirst patientfirst",
    "middle_initial": "middleinitial mi middle middlename mname namemiddle studentmi studentmiddle initial",
    "last_name": "lastname last family familyname surname lname namelast studentlast clientlast patientlast",
    "birth_date": "birthdate dob dateofbirth birthday born birthdt studentdob",
    "sex": "sex gender studentsex studentgender",
    "street_number": "streetnumber streetno number no addressnumber addrno addrnumber houseno housenumber house",
    "street_name": "streetname street addressstreet addrstreet road",
    "service": "service servicename servicetype program programme programname project projectname",
    "start": "start entry startdate entrydate begin begindate from admitted admissiondate enrolldate opened",
    "end": "end exit enddate exitdate until to discharged dischargedate closed",
}
"""Headers (letters and digits only, lower case) that members use for each field."""

_FIELD_OF = {word: name for name, words in SYNONYMS.items() for word in words.split()}
_SERVICE_KEYS = (CLIENT_ID, SERVICE, START, END, "date_format")


@dataclass(frozen=True)
class GivenColumns:
    """What a mapping file says.

    Attributes:
        columns: field -> the member's header.
        dates: field -> strptime format.
        services: client_id, service, start, end -> the header in the services' file.
        service_dates: strptime format of both dates of services ("": decided).
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    services: Mapping[str, str] = field(default_factory=dict)
    service_dates: str = ""

    def require_known(self, fields: Sequence[str]) -> None:
        """Raise BadMapping where [columns] or [dates] names a field that the linkage schema does not hash."""
        known = [CLIENT_ID, *fields]
        faults = [
            f"[{table}] {name}: the linkage schema has no such field"
            for table, names in (("columns", self.columns), ("dates", self.dates))
            for name in names
            if name not in known
        ]
        if faults:
            raise BadMapping("\n  ".join(faults), where="mapping file", fix=f"the fields are {', '.join(known)}")


NOTHING_GIVEN = GivenColumns()
"""No mapping file: columns are found by their names."""


def known_field(name: str) -> str:
    """The field that a header or a schema's identifier is a known name of ("" for none)."""
    return _FIELD_OF.get(_letters(name), "")


def match_columns(
    headers: Sequence[str],
    wanted: Sequence[str],
    given: Mapping[str, str],
    problems: Problems,
    *,
    file: str,
    optional: Sequence[str] = (),
) -> dict[str, str]:
    """Find each wanted field's header: as given, else of the same name, else by a known name.

    Names are compared without case, spaces and signs. Notes a problem for a field that has no header, and for one
    that more than one header may be, or whose header another field has; such fields are left out of the answer.

    Returns:
        field -> header.
    """
    candidates = {name: _candidates(headers, name, given) for name in wanted}
    taken = Counter(found[0] for found in candidates.values() if len(found) == 1)
    matched: dict[str, str] = {}
    for name, found in candidates.items():
        if len(found) > 1 or (found and taken[found[0]] > 1):
            detail = f"'{name}': {_listed(found)}"
            problems.add(rules.UNCLEAR_COLUMN, file, rows=[1], detail=detail)
        elif found:
            matched[name] = found[0]
        elif name not in optional or name in given:
            problems.add(rules.MISSING_COLUMN, file, rows=[1], detail=f"'{name}'; {_told(headers, wanted)}")
    return matched


def load_columns(path: Path) -> GivenColumns:
    """Read a mapping file (TOML): [columns] and [dates] by field, [services] with headers and `date_format`.

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
    service_dates = services.pop("date_format", "")
    return GivenColumns(document.get("columns", {}), document.get("dates", {}), services, service_dates)


def _candidates(headers: Sequence[str], name: str, given: Mapping[str, str]) -> list[str]:
    if name in given:
        return [header for header in headers if header == given[name].strip()]
    same = [header for header in headers if _letters(header) == _letters(name)]
    if same:
        return same
    kind, others = known_field(name), set(given.values())
    return [header for header in headers if kind and known_field(header) == kind and header not in others]


def _faults(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    faults = [(name, f"unknown table '{name}'") for name in document if name not in ("columns", "dates", "services")]
    for table in ("columns", "dates", "services"):
        entries = document.get(table, {})
        if not isinstance(entries, dict):
            faults.append((table, f"'{table}' is not a table"))
            continue
        faults += [(f"{table}.{key}", f"{key} is not text") for key in entries if not isinstance(entries[key], str)]
        dates = {key: text for key, text in entries.items() if table == "dates" or key == "date_format"}
        faults += [
            (f"{table}.{key}", f"{key}: no date format that holds year, month and day")
            for key, text in dates.items()
            if isinstance(text, str) and not is_date_format(text)
        ]
        faults += [
            (f"{table}.{key}", f"{key}: a year of two digits does not say its century; export years of four (%Y)")
            for key, text in dates.items()
            if table == "dates" and isinstance(text, str) and "%y" in text
        ]
        if table == "services":
            faults += [(f"{table}.{key}", f"unknown key '{key}'") for key in entries if key not in _SERVICE_KEYS]
    return faults


def _letters(name: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", name).casefold() if sign.isalnum())


def _told(headers: Sequence[str], wanted: Sequence[str]) -> str:
    """The headers there are. If none is known, the first row may be a person, and is not repeated."""
    names = {_letters(name) for name in wanted}
    if any(known_field(header) or _letters(header) in names for header in headers):
        return f"the headers are {_listed(headers)}"
    return f"none of the {len(headers)} headers is a known one"


def _listed(headers: Sequence[str]) -> str:
    return ", ".join(f"'{header}'" for header in headers)
