"""What is known of a member's columns, what the steward answers, and where the answers are kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from encoder.mapping.mapping_file import DATE_FORMAT, NOTHING_GIVEN, GivenColumns, save_answers
from encoder.mapping.questions import Ask, Question, nobody


class Mapper:
    """Holds what a mapping file says, asks what it does not say, and writes the answers down.

    Args:
        given: what the mapping file says.
        ask: who is asked.
        file: where answers are saved; None: nowhere.
    """

    def __init__(self, given: GivenColumns = NOTHING_GIVEN, *, ask: Ask = nobody, file: Path | None = None) -> None:
        self.given = given
        self.answers: dict[tuple[str, str], str] = {}
        self._ask = ask
        self._file = file

    def ask(self, question: Question) -> int | None:
        """The place of the chosen answer; None where nobody can say."""
        return self._ask(question)

    def learn(self, table: str, key: str, value: str) -> None:
        """Take an answer: from now on it is given."""
        self.answers[table, key] = value
        if (table, key) == ("services", DATE_FORMAT):
            self.given = replace(self.given, service_dates=value)
        else:
            changed: dict[str, Any] = {table: {**getattr(self.given, table), key: value}}
            self.given = replace(self.given, **changed)

    def save(self) -> Path | None:
        """Write the answers that were learned; gives back where, None where there were none."""
        if not self.answers or self._file is None:
            return None
        save_answers(self._file, self.answers)
        self.answers = {}
        return self._file
