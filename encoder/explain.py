"""What cleaning does to a clients' file, told without showing anybody: `waylink clean`."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from encoder.cleaning.steps import EMPTY, PARTIAL, PLACEHOLDER, READ, SAID_MISSING, UNREADABLE, Fate
from encoder.clients import CleanField, CleanTable, clean_table
from encoder.errors import NoSuchColumn
from encoder.hashing.clkhash_spec import read_recipe
from encoder.inputs import Inputs
from encoder.mapping.mapper import Mapper
from encoder.mapping.shapes import shape_of
from encoder.problems import Problems
from encoder.reading.header import NOTHING_CHOSEN, Choice
from schemas.console import SILENT, Progress
from schemas.linkage_schema import LinkageSchema

_SHAPES = 8
"""Shapes that are shown: nearly all cells of a column have one of a few, and the rest is counted."""
_KEY_BYTES = 32

WHOLE, IN_PART = "hashed", "hashed in part"
_MISSING: Mapping[Fate, str] = {
    EMPTY: "empty",
    PLACEHOLDER: "a placeholder (unknown, test, 1900-01-01, ...)",
    SAID_MISSING: "said to be missing, by a code or the data quality column",
    PARTIAL: "known in part, and no part of it is hashed here",
    UNREADABLE: "cannot be read",
    READ: "nothing is left of it",
}
_UNFIT = "does not fit the linkage schema's format"
_DOE = "John, Jane or Baby whose last name is Doe"


@dataclass(frozen=True)
class Explanation:
    """What was done to one column, in numbers of cells.

    Attributes:
        field, header, kind: the column's.
        date_format: by which dates were read ("" for other kinds).
        cells: how many it has.
        became: outcome -> cells; all of them together are `cells`.
        steps: what a step does -> cells that it changed.
        shapes: (before, after, cells), the most frequent first; a shape has A and a for letters and 9 for a digit.
        other_shapes: cells of other shapes.
    """

    field: str
    header: str
    kind: str
    date_format: str
    cells: int
    became: Mapping[str, int]
    steps: Mapping[str, int]
    shapes: Sequence[tuple[str, str, int]]
    other_shapes: int

    @property
    def hashed(self) -> int:
        """Cells of which something is hashed."""
        return self.became.get(WHOLE, 0) + self.became.get(IN_PART, 0)

    def as_dict(self) -> dict[str, Any]:
        """The explanation as data."""
        return asdict(self)


def clean_clients(
    clients: Path,
    schema: LinkageSchema,
    problems: Problems,
    *,
    mapper: Mapper | None = None,
    choice: Choice = NOTHING_CHOSEN,
    progress: Progress = SILENT,
) -> CleanTable | None:
    """Read, map, clean and check a clients' file, and hash nothing: no secret is needed.

    Args:
        clients: a CSV file, a workbook or an HMIS export.
        schema: whose fields are looked for.
        problems: takes the notes.
        mapper: what a mapping file says of the columns, and who is asked.
        choice: the file's sheet and header row.
        progress: told of bytes read.

    Returns:
        None, with a problem noted, where nothing of the file can be used.
    """
    mapper = mapper or Mapper()
    mapper.given.require_known(schema.hashed_fields)
    table, _ = Inputs(clients, of_clients=choice.told_of(mapper.given.columns)).read(
        schema.hashed_fields, problems, progress
    )
    if table is None:
        return None
    recipe = read_recipe(schema.definition, secrets.token_bytes(_KEY_BYTES))  # for the fields' formats alone
    cleaned = clean_table(table, schema, recipe, mapper, problems)
    mapper.save()
    return cleaned


def explain(cleaned: CleanTable, column: str) -> Explanation:
    """What was done to a column.

    Args:
        cleaned: the clients' table.
        column: the member's header or the linkage schema's field.

    Raises:
        NoSuchColumn: no field is read from such a column.
    """
    for field, found in cleaned.fields.items():
        if column.strip() in (field, found.header):
            return _explanation(field, found, cleaned)
    named = ", ".join(f"'{found.header}' ({field})" for field, found in cleaned.fields.items())
    raise NoSuchColumn("no field is read from a column of that name", where="--explain", fix=f"there are {named}")


def overview(cleaned: CleanTable) -> list[Explanation]:
    """What became of every column, without steps and shapes."""
    return [_explanation(field, found, cleaned, briefly=True) for field, found in cleaned.fields.items()]


def _explanation(field: str, found: CleanField, cleaned: CleanTable, *, briefly: bool = False) -> Explanation:
    cells = found.cells.cells().tolist()
    shapes: Counter[tuple[str, str]] = Counter()
    steps: Counter[str] = Counter()
    for text, after, count in zip(found.cells.texts, found.cleaned.texts, cells, strict=True) if not briefly else ():
        steps.update(dict.fromkeys(found.cleaner.changes(text), count))
        if text.strip():
            shapes[shape_of(text), shape_of(after)] += count
    shown = [(before, after, count) for (before, after), count in shapes.most_common(_SHAPES)]
    return Explanation(
        field,
        found.header,
        found.kind.value,
        found.date_format,
        len(found.cells.codes),
        _became(found, cleaned.columns[field].cells().tolist(), cleaned.columns[field].texts),
        dict(steps.most_common()),
        shown,
        shapes.total() - sum(count for _, _, count in shown),
    )


def _became(found: CleanField, hashed_cells: Sequence[int], hashed_texts: Sequence[str]) -> dict[str, int]:
    """Outcome -> cells; first names that go with Doe are taken from those that were read."""
    became: Counter[str] = Counter()
    judged = zip(found.cleaned.texts, found.cleaned.fates, found.cleaned.unfit.tolist(), strict=True)
    for (text, fate, unfit), count in zip(judged, found.cells.cells().tolist(), strict=True):
        became[_outcome(text, fate, unfit=unfit)] += count
    still = sum(count for count, text in zip(hashed_cells, hashed_texts, strict=True) if text)
    does = became[WHOLE] + became[IN_PART] - still
    became[WHOLE] -= does
    became[_DOE] += does
    return {outcome: count for outcome, count in became.most_common() if count}


def _outcome(text: str, fate: Fate, *, unfit: bool) -> str:
    if unfit:
        return _UNFIT
    if text:
        return WHOLE if fate is READ else IN_PART
    return _MISSING[fate]


def told(explanation: Explanation) -> str:
    """An explanation for people."""
    by = f", dates read as {explanation.date_format}" if explanation.date_format else ""
    lines = [
        f"'{explanation.header}' is the field {explanation.field} ({explanation.kind}{by}): {explanation.cells:,} cells"
    ]
    lines += ["what became of them", *_counted(explanation.became.items())]
    if explanation.steps:
        lines += ["what was changed", *_counted(explanation.steps.items())]
    width = max((len(before) for before, _, _ in explanation.shapes), default=0)
    shapes = [(f"{before:{width}}  ->  {after or '(nothing)'}", cells) for before, after, cells in explanation.shapes]
    if explanation.other_shapes:
        shapes.append(("other shapes", explanation.other_shapes))
    if shapes:
        lines += ["what cells look like, before and after (A, a: letters; 9: a digit)", *_counted(shapes)]
    return "\n".join(lines)


def told_briefly(explanations: Sequence[Explanation]) -> str:
    """What became of every column, a line each."""
    rows = [
        (each.field, f"'{each.header}'", f"{each.hashed:,} of {each.cells:,} hashed", _why_missing(each))
        for each in explanations
    ]
    widths = np.max([[len(cell) for cell in row] for row in rows], axis=0).tolist() if rows else []
    return "\n".join(
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _why_missing(explanation: Explanation) -> str:
    missing = {what: cells for what, cells in explanation.became.items() if what not in (WHOLE, IN_PART)}
    parts = [f"{cells:,} {what.partition(' (')[0]}" for what, cells in missing.items()]
    return "; ".join(([f"dates {explanation.date_format}"] if explanation.date_format else []) + parts)


def _counted(lines: Iterable[tuple[str, int]]) -> list[str]:
    return [f"{cells:>11,}  {what}" for what, cells in lines]
