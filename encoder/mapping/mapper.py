"""What is known of a member's columns, what the steward answers, and where the answers are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from encoder.mapping.mapping_file import (
    DATE_FORMAT,
    FILE_NAME,
    NOTHING_GIVEN,
    OPT_OUT,
    SEEN,
    GivenColumns,
    load_columns,
    save_answers,
)
from encoder.mapping.questions import Ask, Question, at_terminal, clear_guess, nobody
from schemas.errors import CannotWrite

if TYPE_CHECKING:
    from schemas.console import Console


def _unheard(text: str) -> None:
    """Nobody is told."""


class Mapper:
    """Holds what a mapping file says, asks what it does not say, and writes the answers down.

    Args:
        given: what the mapping file says.
        ask: who is asked.
        file: where answers are saved; None: nowhere.
        tell: told what was written, and where.
    """

    def __init__(
        self,
        given: GivenColumns = NOTHING_GIVEN,
        *,
        ask: Ask = nobody,
        file: Path | None = None,
        tell: Callable[[str], None] = _unheard,
    ) -> None:
        self.given = given
        self.answers: dict[tuple[str, str], str] = {}
        self._seen: dict[str, Sequence[str]] = {}
        self._ask = ask
        self._file = file
        self._tell = tell

    @property
    def opt_out(self) -> Path | None:
        """The list of those who opted out that the mapping file names, from where that file is; None for none."""
        named = self.given.consent.get(OPT_OUT)
        return (self._file.parent if self._file else Path()) / named if named else None

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

    def see(self, table: str, headers: Sequence[str]) -> None:
        """Take the headers that the file of this table has: those that a later file has besides are new."""
        self._seen[table] = list(headers)

    def new_of(self, table: str, headers: Sequence[str]) -> list[str]:
        """The headers that the file did not have when the steward was last asked; none where that is not known."""
        seen = self.given.seen.get(table)
        return [header for header in headers if header not in seen] if seen is not None else []

    def save(self) -> Path | None:
        """Write the answers that were learned; gives back where, None where there were none, or it cannot be.

        Where they cannot be written (a folder that one may only read), that is told, and the work goes on with them.
        """
        if not self.answers or self._file is None:
            return None
        try:
            save_answers(self._file, {**self.answers, **{(SEEN, table): seen for table, seen in self._seen.items()}})
        except CannotWrite as error:
            self._tell(
                f"Your answers could not be kept: {error.where}: {error.what}. Name another place: --mapping FILE"
            )
            return None
        learned = ", ".join(f"{key} = '{value}'" for (_, key), value in self.answers.items())
        self._tell(f"Kept in {self._file}: {learned}. Next time this is not asked again.")
        self.answers = {}
        return self._file


def mapper_of(clients: Path, mapping: Path | None, console: Console, *, yes: bool) -> Mapper:
    """The mapper of one command.

    What it is to know stands in the mapping file that was named or, where none was, in `mapping.toml` beside the
    clients' file; answers go there. A person at a terminal is asked; with `yes`, nobody is, and clear guesses hold.

    Raises:
        InputMissing: the file that was named is not there, and nobody can answer instead.
        BadMapping: the file cannot be used.
    """
    file = mapping or clients.parent / FILE_NAME
    ask = clear_guess if yes else at_terminal(console) if console.asks else nobody
    is_to_be_read = file.exists() or (mapping is not None and ask is nobody)
    return Mapper(load_columns(file) if is_to_be_read else NOTHING_GIVEN, ask=ask, file=file, tell=console.remark)
