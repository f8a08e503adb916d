"""Released tables at the terminal, for people: bands across, `[c]` where a number is hidden."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.table import Table

from linkage.errors import BadInput
from linkage.release.grids import Grid, grid_of
from linkage.release.read_release import read_tables
from schemas import ReleaseTable
from schemas.table_columns import TABLE_COLUMNS

_WIDTH = 100  # letters of a terminal that everybody has


def show_tables(release: Path, names: Sequence[str] = (), *, ranges: bool = False, width: int = _WIDTH) -> str:
    """Tables of a release as text, after the release was found whole.

    Args:
        release: its folder.
        names: of the tables; none: all of them.
        ranges: whether a count has its low and high beside it.
        width: letters of the terminal.

    Raises:
        BadInput: the release has no such table.
        FileMissing, BrokenFile: it is no release, or not as its manifest says.
    """
    _, tables = read_tables(release)
    if missing := [name for name in names if name not in tables]:
        raise BadInput(f"has no table {', '.join(missing)}", where=str(release), fix=f"it has {', '.join(tables)}")
    return "\n".join(_text(tables[name], ranges=ranges, width=width) for name in names or tables)


def _text(table: ReleaseTable, *, ranges: bool, width: int) -> str:
    grid = grid_of(table)
    title = f"{table.name}: {TABLE_COLUMNS[table.name].title}"
    drawn = Table(title=title, title_justify="left", caption=_note(grid, ranges=ranges), caption_justify="left")
    for spot in grid.head:
        drawn.add_column(spot.text, justify="right" if spot.is_number else "left", overflow="fold")
    for row in grid.rows:
        drawn.add_row(*(f"{spot.text} ({spot.beside})" if ranges and spot.beside else spot.text for spot in row))
    text = StringIO()
    Console(file=text, width=width, markup=False).print(drawn)
    return text.getvalue()


def _note(grid: Grid, *, ranges: bool) -> str | None:
    """A word about numbers that a model made."""
    modelled = any(spot.is_model for spot in grid.head)
    interval = "in brackets their 95 % interval; " if ranges else ""
    return f"estimates are a model's, not counts; {interval}see docs/guides/analyst.md" if modelled else None
