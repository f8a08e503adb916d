"""Questions to the steward: what is asked, and who answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from schemas.console import Console


@dataclass(frozen=True)
class Choice:
    """One answer.

    Attributes:
        text: for people: a column's header and the shapes of its values, never a value.
        values: some of its values, for the steward who asks to see them.
    """

    text: str
    values: Callable[[], Sequence[str]] = tuple


@dataclass(frozen=True)
class Question:
    """What only the steward can know.

    Attributes:
        text: the question.
        choices: the answers, the likeliest first.
        clear: whether the first may be taken without asking, where the steward has said so (`--yes`).
    """

    text: str
    choices: Sequence[Choice]
    clear: bool = False


Ask = Callable[[Question], int | None]
"""Gives back the place of the chosen answer; None where nobody can say."""


def nobody(question: Question) -> int | None:  # noqa: ARG001 (the signature of an Ask)
    """Nobody is there to be asked."""
    return None


def clear_guess(question: Question) -> int | None:
    """Take the best guess, if it is clear: what `--yes` means."""
    return 0 if question.clear else None


def at_terminal(console: Console) -> Ask:
    """Ask the steward at the terminal."""

    def ask(question: Question) -> int | None:
        texts = [choice.text for choice in question.choices]
        return console.choose(question.text, texts, lambda place: question.choices[place].values())

    return ask
