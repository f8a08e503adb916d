"""Small tables, and somebody who answers, for the tests of mapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from encoder.distinct import distinct
from encoder.mapping.questions import Question
from encoder.reading.table import Table

FIRST = [
    "Annelise",
    "Bartholomew",
    "Chiamaka",
    "Dragoslav",
    "Euphemia",
    "Fitzgerald",
    "Gwendolyn",
    "Hieronymus",
    "Ignatius",
    "Jocasta",
]
LAST = [
    "Quillfeather",
    "Osterhagen",
    "Vandersloot",
    "Wyndham",
    "Shaughnessy",
    "Zimmermann",
    "Novak",
    "Abernathy",
    "Brightwater",
    "Castellan",
]
BORN = [f"{1941 + 5 * row}-0{row % 9 + 1}-1{row % 9}" for row in range(10)]
VALUES: Mapping[str, Sequence[str]] = {
    "id": [f"C-{row:04}" for row in range(10)],
    "first": FIRST,
    "last": LAST,
    "born": BORN,
    "seen": [f"2024-0{row % 9 + 1}-1{row % 9}" for row in range(10)],
    "sex": ["M", "F"] * 5,
    "number": [str(10 + 7 * row) for row in range(10)],
    "street": [f"{name} Street" for name in LAST],
    "address": [f"{10 + row} {name} Street" for row, name in enumerate(LAST)],
    "whole": [f"{last}, {first}" for first, last in zip(FIRST, LAST, strict=True)],
    "ssn": [f"212-34-{1000 + row}" for row in range(10)],
    "note": ["came twice, called once", "", "ok"] * 3 + [""],
    "program": ["beds", "meals"] * 5,
}


def table(columns: Mapping[str, str] | Sequence[str]) -> Table:
    """A table of ten rows: header -> which of VALUES it has (headers alone: notes)."""
    held = columns if isinstance(columns, Mapping) else dict.fromkeys(columns, "note")
    return Table("a.csv", {header: distinct(VALUES[kind]) for header, kind in held.items()}, np.arange(2, 12))


class Steward:
    """Answers questions by a part of the wanted choice's text, and keeps what was asked."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.asked: list[Question] = []

    def __call__(self, question: Question) -> int | None:
        self.asked.append(question)
        wanted = self._answers.pop(0)
        return next(place for place, choice in enumerate(question.choices) if wanted in choice.text)
