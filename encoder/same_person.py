"""Whether two records are one person: as the steward said beforehand, or says at the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

from encoder.errors import NobodyToAsk

if TYPE_CHECKING:  # the command's help needs the three words, and no numpy
    import numpy as np
    from numpy.typing import NDArray

    from encoder.duplicates import Pairs, Same
    from schemas.console import Console


class Duplicates(StrEnum):
    """What becomes of people who are twice in the list."""

    KEEP = "keep"
    MERGE = "merge"
    ASK = "ask"


def same_by(duplicates: Duplicates, console: Console) -> Same:
    """Who says which records are one person.

    Raises:
        NobodyToAsk: they are to be asked for, and nobody is at the terminal.
    """
    if duplicates is Duplicates.ASK and not console.asks:
        fix = "run it in a terminal, or say --duplicates keep (merge)"
        raise NobodyToAsk("nobody is there to be asked about people who are twice in the list", fix=fix)

    import numpy as np

    from encoder.duplicates import keep_apart, merge_very_alike

    def ask(pairs: Pairs, ids: Sequence[str]) -> NDArray[np.bool_]:
        return np.array([_ask(console, *pair) for pair in pairs.listed(ids)], np.bool_)

    return {Duplicates.KEEP: keep_apart, Duplicates.MERGE: merge_very_alike, Duplicates.ASK: ask}[duplicates]


def _ask(console: Console, one: str, other: str, score: str, alike: str) -> bool:
    """Client ids are shown, at the steward's own terminal and nowhere else; the list has what there is to compare."""
    question = f"Clients {one} and {other} look {alike} ({score}). Are they one person?"
    return console.choose(question, ["two people: encode both", "one person: encode one"], lambda _: ()) == 1
