"""What every cleaner is: steps from a cell to a cleaned text, in order, and a judgement of what came out.

The same steps clean a cell and, one at a time, tell `waylink clean --explain` what they change: there is no second
description of the recipe that could differ from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from encoder.cleaning.lists import words_in
from encoder.cleaning.placeholders import is_placeholder


class Fate(StrEnum):
    """What became of a cell."""

    EMPTY = "empty"
    READ = "read"
    PARTIAL = "kept in part"
    SAID_MISSING = "said to be missing"
    PLACEHOLDER = "placeholder"
    UNREADABLE = "cannot be read"


EMPTY, READ, PARTIAL = Fate.EMPTY, Fate.READ, Fate.PARTIAL
SAID_MISSING, PLACEHOLDER, UNREADABLE = Fate.SAID_MISSING, Fate.PLACEHOLDER, Fate.UNREADABLE

CleanCell = tuple[str, Fate]
"""A cell's cleaned text and its fate; "" wherever nothing of it is hashed."""

NOTHING = words_in(
    "NA N/A n/a N.A. n.a. #N/A NULL null (null) NaN nan None NONE none (blank) #REF! #VALUE! #NAME? #DIV/0! #NUM! "
    "#NULL!"
)
"""What programs write for an empty cell, as they write it: "Na" and "Null" are names of people, "NA" is not."""


@dataclass(frozen=True)
class Step:
    """One change of the recipe.

    Attributes:
        what: what it does, for people.
        do: a text to the changed one.
    """

    what: str
    do: Callable[[str], str]


@dataclass(frozen=True)
class Cleaner:
    """How the cells of one column are cleaned.

    Attributes:
        steps: in order.
        judge: the text after all steps, which is no placeholder -> what is hashed of it, and why.
        phrases: what says nothing in such a column.
        finish: changes what is hashed, in a last step.
        part: where the column holds more than this field, the step that takes it out.
        plain: whether the steps make no more of a cell of ASCII letters alone than small letters, as nearly all
            names are: these go straight to the judge, in a fifth of the time.
    """

    steps: tuple[Step, ...]
    judge: Callable[[str], CleanCell]
    phrases: frozenset[str] = frozenset()
    finish: Step | None = None
    part: Step | None = None
    plain: bool = False

    def __call__(self, cell: str) -> CleanCell:
        """Clean one cell."""
        text = cell.strip()
        if text in NOTHING:
            return "", PLACEHOLDER
        if self.part:
            text = self.part.do(text).strip()
        if not text:
            return "", EMPTY
        if self.plain and text.isalpha() and text.isascii():
            return self._judged(text.lower(), text)
        whole = text
        for step in self.steps:
            text = step.do(text)
        return self._judged(text, whole)

    def _judged(self, text: str, cell: str) -> CleanCell:
        if self.phrases and is_placeholder(text, cell, self.phrases):
            return "", PLACEHOLDER
        judged = self.judge(text)
        return (self.finish.do(judged[0]), judged[1]) if self.finish else judged

    def prepared(self, cell: str) -> str:
        """A cell after all steps, before it is judged."""
        text = self.part.do(cell.strip()).strip() if self.part else cell.strip()
        for step in self.steps:
            text = step.do(text)
        return text

    def changes(self, cell: str) -> list[str]:
        """What the steps do that change this cell."""
        text, changed = cell.strip(), []
        if not text or text in NOTHING:
            return []
        for step in (self.part, *self.steps) if self.part else self.steps:
            after = step.do(text)
            if after != text:
                changed.append(step.what)
            text = after
        judged = self._judged(text, cell)[0]
        if self.finish and self.finish.do(self.judge(text)[0]) != self.judge(text)[0] and judged:
            changed.append(self.finish.what)
        return changed
