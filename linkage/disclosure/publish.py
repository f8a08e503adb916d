"""From a safe pattern to tables: what stands in each cell, and nothing that the pattern does not show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from linkage.disclosure.pattern import Pattern
from linkage.disclosure.relations import Numbers, Pool, counts_in
from linkage.pathways.raw_counts import CountKey, Derived, Entry, RawCounts, RawTable, Rule, Statistic
from schemas import Cell, ReleaseTable, Status
from schemas.tables import HIDDEN

NOT_APPLICABLE = Cell(None, Status.NOT_APPLICABLE)

SHARE_DIGITS = 4  # of shares: 0.01 %


@dataclass(frozen=True, eq=False)
class Numbered:
    """Which number a release shows for each of its counts.

    Attributes:
        shown: int64 (counts,) in the order of the pattern's relations.
        pattern: which of them it shows at all.
    """

    shown: Numbers
    pattern: Pattern


def publish(raw: RawCounts, table: RawTable, numbered: Numbered) -> ReleaseTable:
    """The table as it may be published."""
    pattern = numbered.pattern
    pool = next((one for one in pattern.relations.pools if one.table == table.name), None)
    cells = _Cells(raw, numbered)
    rows = [
        (keys, tuple(cells.cell(entry) for entry in entries))
        for keys, entries in table.rows
        if not table.pooled or _is_named(keys, entries[0], table, pattern)
    ]
    if pool is not None and pattern.rest(pool):
        rows.append(((table.pooled,), (cells.of_rest(pool),)))
    return ReleaseTable(table.name, table.title, table.keys, table.measures, rows, counts_of(table))


def _is_named(keys: tuple[str, ...], entry: Entry, table: RawTable, pattern: Pattern) -> bool:
    """Whether a row of a table that pools rare ones stands there by its name."""
    (key,) = counts_in(entry)
    return keys != (table.pooled,) and bool(pattern.shown[pattern.relations.at[key]])


def counts_of(table: RawTable) -> frozenset[str]:
    """The measures that are counts."""
    columns: Sequence[Sequence[Entry]] = list(zip(*(entries for _, entries in table.rows), strict=True))
    return frozenset(
        name
        for name, column in zip(table.measures, columns, strict=False)
        if any(isinstance(entry, tuple) for entry in column)
        and all(entry is None or isinstance(entry, tuple) for entry in column)
    )


class _Cells:
    """Makes the cells of one release."""

    def __init__(self, raw: RawCounts, numbered: Numbered) -> None:
        self.numbers, self.pattern = numbered.shown, numbered.pattern
        self.at = self.pattern.relations.at
        self.row, self.recounts = {key: number for number, key in enumerate(raw.keys)}, raw.recounts
        self.step = step_over(self.pattern.minimum - 1)

    def cell(self, entry: Entry) -> Cell:
        match entry:
            case None:
                return NOT_APPLICABLE
            case Derived():
                return self._derived(entry)
            case Statistic():
                hidden = not self.pattern.shown[self.at[entry.of]] or entry.beyond < self.pattern.minimum
                if hidden and (entry.value is not None or not self.pattern.shown[self.at[entry.of]]):
                    return HIDDEN
                return NOT_APPLICABLE if entry.value is None else Cell(entry.value)
            case _:
                return self._count(entry)

    def of_rest(self, pool: Pool) -> Cell:
        """The row of the rare ones: the total less the named rows, hidden where the total is."""
        pattern, relations = self.pattern, self.pattern.relations
        if not pattern.shown[pool.total]:
            return HIDDEN
        inside = [relations.keys[number] for number in pool.named if not pattern.shown[number]]
        return self._bounded(pattern.rest(pool), [*inside, relations.keys[pool.total]])

    def _count(self, key: CountKey) -> Cell:
        number = self.at[key]
        if not self.pattern.shown[number]:
            return HIDDEN
        return self._bounded(int(self.numbers[number]), [key])

    def _bounded(self, value: int, parts: Sequence[CountKey]) -> Cell:
        """A count, and what it is at least and at most when clustering is cut elsewhere.

        Outward to steps as wide as a hidden count's range: what a reader learns of the count at another cut is no more
        than that it is one of minimum - 1 numbers.
        """
        status = self.pattern.policy.status
        if not len(self.recounts):
            return Cell(value, status)
        elsewhere = self.recounts[:, [self.row[key] for key in parts]].sum(axis=1)
        low, high = min(value, int(elsewhere.min())), max(value, int(elsewhere.max()))
        return Cell(value, status, low // self.step * self.step, -(-high // self.step) * self.step)

    def _derived(self, entry: Derived) -> Cell:
        cells = [self._count(key) for key in entry.of]
        numbers = [cell.value for cell in cells if cell.value is not None]
        if len(numbers) < len(cells):
            return HIDDEN
        value = RULES[entry.rule](numbers)
        return NOT_APPLICABLE if value is None else Cell(round(value, SHARE_DIGITS), self.pattern.policy.status)


def _share(numbers: Sequence[float]) -> float | None:
    part, whole = numbers
    return part / whole if whole else None


def _jaccard(numbers: Sequence[float]) -> float | None:
    both, a, b = numbers
    return both / (a + b - both) if a + b - both > 0 else None


def _reduction(numbers: Sequence[float]) -> float | None:
    fewer, more = numbers
    return 1 - fewer / more if more else None


RULES = {Rule.SHARE: _share, Rule.JACCARD: _jaccard, Rule.REDUCTION: _reduction}
"""How a number is made of others; None where it would divide by zero."""


def step_over(width: int) -> int:
    """The first of 1, 2, 5, 10, 20, 50, ... that is at least so wide."""
    steps = (unit * 10**power for power in count() for unit in (1, 2, 5))
    return int(next(step for step in steps if step >= width))
