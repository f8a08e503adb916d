"""Pathway tables by brute force: plain loops over people and days, written from the definitions alone.

`pathways.py` and `events.py` must say the same. Nothing here is fast, nothing is shared with them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class History:
    """A service record as a person would tell it; `end` None: still open. Times are units (months here)."""

    person: int
    member: str
    record: int
    service: str
    start: int
    end: int | None


def month(day: date) -> int:
    return (day.year - 1970) * 12 + day.month - 1


def known(history: History, window_start: date | None, window_end: date | None, as_of: date | None) -> bool:
    """Whether any month of the record is in the window, and the record had begun by the as-of day."""
    if as_of is not None and history.start > month(as_of):
        return False
    last = history.end if history.end is not None else 10_000
    if as_of is not None and last > month(as_of):
        last = month(as_of)
    for at in range(history.start, min(last, history.start + 2_000) + 1):
        before = window_start is not None and at < month(window_start)
        after = window_end is not None and date(1970 + at // 12, at % 12 + 1, 1) >= window_end
        if not before and not after:
            return True
    return False


def by_person(histories: list[History]) -> dict[int, list[History]]:
    people: dict[int, list[History]] = {}
    for history in histories:
        people.setdefault(history.person, []).append(history)
    return people


def state_of(history: History, state: str) -> str:
    return history.member if state == "member" else history.service


def set_pathway(histories: list[History], state: str) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for theirs in by_person(histories).values():
        counts["+".join(sorted({state_of(history, state) for history in theirs}))] += 1
    return dict(counts)


def ordered_pathway(histories: list[History], state: str) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for theirs in by_person(histories).values():
        first: dict[str, int] = {}
        for history in theirs:
            name = state_of(history, state)
            first[name] = min(first.get(name, history.start), history.start)
        steps = ["+".join(sorted(n for n in first if first[n] == at)) for at in sorted(set(first.values()))]
        counts[">".join(steps)] += 1
    return dict(counts)


def people_in(histories: list[History], state: str, *names: str) -> int:
    """How many people were in every one of these states."""
    return sum(
        all(any(state_of(history, state) == name for history in theirs) for name in names)
        for theirs in by_person(histories).values()
    )


def records_of(histories: list[History], member: str) -> int:
    return len({history.record for history in histories if history.member == member})
