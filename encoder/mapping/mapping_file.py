"""The mapping file: what the member says of its own columns."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from encoder.cleaning.dates import is_date_format
from encoder.errors import BadMapping, InputMissing
from encoder.fields import CLIENT_ID, END, SERVICE, START
from schemas.toml_lines import parse_toml

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
