"""The member's column names -> the linkage schema's fields, the client id and the columns of services."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from encoder import problems as rules
from encoder.fields import known_field, letters_of
from encoder.problems import Problems


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


def _candidates(headers: Sequence[str], name: str, given: Mapping[str, str]) -> list[str]:
    if name in given:
        return [header for header in headers if header == given[name].strip()]
    same = [header for header in headers if letters_of(header) == letters_of(name)]
    if same:
        return same
    kind, others = known_field(name), set(given.values())
    return [header for header in headers if kind and known_field(header) == kind and header not in others]


def _told(headers: Sequence[str], wanted: Sequence[str]) -> str:
    """The headers there are. If none is known, the first row may be a person, and is not repeated."""
    names = {letters_of(name) for name in wanted}
    if any(known_field(header) or letters_of(header) in names for header in headers):
        return f"the headers are {_listed(headers)}"
    return f"none of the {len(headers)} headers is a known one"


def _listed(headers: Sequence[str]) -> str:
    return ", ".join(f"'{header}'" for header in headers)
