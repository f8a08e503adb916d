"""Results as text: tables and lists of facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import StringIO

_WIDTH = 140  # an id has 32 digits, and an id that is broken in two cannot be copied


def table_text(columns: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str) -> str:
    """A table for the terminal; `empty` where there are no rows. The first column, which holds ids, is never broken."""
    if not rows:
        return empty
    from rich.console import Console
    from rich.table import Table

    table = Table()
    for number, column in enumerate(columns):
        table.add_column(column, no_wrap=number == 0)
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    text = StringIO()
    Console(file=text, width=_WIDTH, markup=False, emoji=False, highlight=False).print(table)
    return text.getvalue().rstrip("\n")


def facts_text(facts: Mapping[str, object]) -> str:
    """Facts under one another, those without a value left out."""
    shown = {name.replace("_", " "): value for name, value in facts.items() if value not in (None, "", [])}
    width = max(map(len, shown), default=0)
    return "\n".join(f"{name:<{width}}  {_words(value)}" for name, value in shown.items())


def _words(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_words, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{str(name).replace('_', ' ')} {_words(one)}" for name, one in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return f"{value:,}" if isinstance(value, int) else str(value)
