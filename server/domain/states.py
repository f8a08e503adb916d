"""One rule for all states: a table says which move leads from which state to which; there is no other way."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from server.domain.errors import Refused

S = TypeVar("S", bound=StrEnum)
M = TypeVar("M", bound=StrEnum)

RULE = "state"


def moved(table: Mapping[tuple[S, M], S], state: S, move: M, *, what: str) -> S:
    """The state that a move leads to.

    Raises:
        Refused: the table has no such move from this state.
    """
    try:
        return table[state, move]
    except KeyError:
        ways = ", ".join(str(step) for (start, step) in table if start == state) or "nothing"
        raise Refused(
            f"a {what} that is {state} cannot {move}", rule=RULE, where=what, fix=f"possible now: {ways}"
        ) from None
