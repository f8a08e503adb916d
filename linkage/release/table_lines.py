"""The rows of a released table by the names of its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from schemas import Cell, ReleaseTable


@dataclass(frozen=True)
class Line:
    """One row: what it is about, and its cells."""

    keys: Mapping[str, str]
    cells: Mapping[str, Cell]


def lines_of(table: ReleaseTable) -> list[Line]:
    """The rows of a table, in its order."""
    return [
        Line(dict(zip(table.keys, keys, strict=True)), dict(zip(table.measures, cells, strict=True)))
        for keys, cells in table.rows
    ]


def by_key(lines: list[Line], *keys: str) -> dict[tuple[str, ...], list[Line]]:
    """The lines that agree in some keys, by these; in the order in which each is first there."""
    found: dict[tuple[str, ...], list[Line]] = {}
    for line in lines:
        found.setdefault(tuple(line.keys[key] for key in keys), []).append(line)
    return found
