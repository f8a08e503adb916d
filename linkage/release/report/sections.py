"""A table's section of the report: a heading, plain words, the picture, the table."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from linkage.release.charts.picture import Picture
from linkage.release.grids import Grid, Spot, grid_of
from linkage.release.report.elements import add
from linkage.release.report.words import WORDS
from schemas import ReleaseTable
from schemas.table_columns import TABLE_COLUMNS

SHORT = 15
"""Tables of so many rows stand open on the page; longer ones are folded."""
PRINTED = 60
"""Folded tables of so many rows are printed in full; longer ones are left to the CSV file."""
_SMALLEST = 0.8  # of a picture's own size: smaller, its text could not be read; then it scrolls in its box


def add_section(main: Element, table: ReleaseTable, picture: Picture | None) -> None:
    """Put a table's section into the page."""
    section = add(main, "section", id=table.name)
    add(section, "h2", WORDS[table.name].heading)
    add(section, "p", WORDS[table.name].explained)
    if picture is not None:
        _figure(section, picture)
    grid = grid_of(table)
    rows = len(grid.rows)
    if rows > SHORT:
        fold = add(section, "details", look="fold long" if rows > PRINTED else "fold")
        add(fold, "summary", f"Show the table: {rows:,} rows")
    _grid(section, grid, table)
    if rows > PRINTED:
        add(section, "p", f"The table has {rows:,} rows: they are in tables/{table.name}.csv.", "on-paper faint")


def _figure(section: Element, picture: Picture) -> None:
    figure = add(section, "figure")
    if len(picture.panels) == 1:
        only = picture.panels[0]
        box = _scrolling(figure, picture.title)
        width = int(only.get("width", "0"))
        only.set(
            "style", f"max-width: max(100%, {round(width * _SMALLEST)}px); min-width: {round(width * _SMALLEST)}px"
        )
        box.append(only)
    else:
        add(figure, "div", look="panels").extend(picture.panels)
    add(figure, "figcaption", picture.caption)


def _scrolling(parent: Element, name: str) -> Element:
    """A box that scrolls sideways by itself, by keyboard too, so that the page never does."""
    return add(parent, "div", look="scroll", tabindex="0", role="region", **{"aria-label": name})


def _grid(section: Element, grid: Grid, table: ReleaseTable) -> None:
    title = TABLE_COLUMNS[table.name].title
    whole = add(_scrolling(section, f"Table: {title}"), "table")
    add(whole, "caption", title)
    head = add(add(whole, "thead"), "tr")
    for spot in grid.head:
        cell = add(head, "th", spot.text, "number" if spot.is_number else "", scope="col")
        if spot.is_model:
            add(cell, "span", "model", "tag")
    body = add(whole, "tbody")
    for line in grid.rows:
        row = add(body, "tr")
        for spot in line[: grid.names]:
            add(row, "th", spot.text, scope="row")
        for spot in line[grid.names :]:
            _number(row, spot)


def _number(row: Element, spot: Spot) -> None:
    look = " ".join(["number", *(["none"] if spot.is_mark else []), *(["model"] if spot.is_model else [])])
    cell = add(row, "td", spot.text, look)
    if spot.beside:
        add(cell, "span", spot.beside, "beside")
