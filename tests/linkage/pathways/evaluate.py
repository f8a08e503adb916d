"""What raw counts say, without disclosure control: for tests alone."""

from __future__ import annotations

from fractions import Fraction

from linkage.pathways.raw_counts import CountKey, Derived, Entry, RawCounts, Rule, Statistic

Rows = dict[tuple[str, ...], tuple[object, ...]]


def values_of(raw: RawCounts) -> dict[CountKey, int]:
    """Every count."""
    return dict(zip(raw.keys, (raw.weights @ raw.people).tolist(), strict=True))


def rows_of(raw: RawCounts, table: str) -> Rows:
    """A table's rows, with shares as fractions."""
    values = values_of(raw)
    found = {keys: tuple(_value(entry, values) for entry in entries) for keys, entries in raw.tables[table].rows}
    assert len(found) == len(raw.tables[table].rows), "two rows have the same keys"
    return found


def _value(entry: Entry, values: dict[CountKey, int]) -> object:
    if entry is None:
        return None
    if isinstance(entry, Statistic):
        return entry.value
    if not isinstance(entry, Derived):
        return values[entry]
    numbers = [values[key] for key in entry.of]
    match entry.rule:
        case Rule.SHARE:
            return Fraction(numbers[0], numbers[1]) if numbers[1] else None
        case Rule.REDUCTION:
            return 1 - Fraction(numbers[0], numbers[1]) if numbers[1] else None
        case Rule.JACCARD:
            both, a, b = numbers
            return Fraction(both, a + b - both) if a + b - both else None
