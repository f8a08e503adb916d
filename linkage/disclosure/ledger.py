"""The ledger: what earlier releases of a project have told, and what a reader can work out from the difference."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array

from linkage.disclosure.pattern import Pattern
from linkage.disclosure.policies import POLICIES
from linkage.disclosure.relations import Flags, Numbers, Pool, Relations, relate
from linkage.pathways.raw_counts import CountKey, RawCounts
from schemas import Agreement

CellName = tuple[str, tuple[str, ...], str]
"""A cell: its table, the keys of its row, its measure."""


@dataclass(frozen=True)
class Basis:
    """What a release counted. Releases of one basis show sums of the same unknown numbers of people.

    Attributes:
        run: digest of the linking run.
        people: digest of whom it counted, "" where that is all whom the run linked.
        members: who was counted.
        unit, state: what times are counted in, what a pathway's steps are.
        window_start, window_end, as_of: ISO days, "" where there is none.
    """

    run: str
    people: str
    members: tuple[str, ...]
    unit: str
    state: str
    window_start: str
    window_end: str
    as_of: str


@dataclass(frozen=True)
class PastRelease:
    """What an earlier release told.

    Attributes:
        basis: what it counted.
        policy: under which rule.
        cells: the number of every cell that has one; None where it was hidden.
        manifest_sha256: digest of its manifest, by which it is named; "" where it has none.
        epsilon: what it spent with noise on every number; 0: it had none.
    """

    basis: Basis
    policy: str
    cells: Mapping[CellName, float | None]
    manifest_sha256: str = ""
    epsilon: float = 0.0

    @property
    def tables(self) -> frozenset[str]:
        """The names of its tables."""
        return frozenset(table for table, _, _ in self.cells)

    @property
    def base(self) -> int:
        """What its numbers are rounded to; 0 where they tell nothing exact, being noised."""
        return POLICIES[self.policy].base if self.policy in POLICIES else 0


def basis_of(agreement: Agreement, run: str, members: Sequence[str], people: str = "") -> Basis:
    """The basis of a release under an agreement.

    Args:
        agreement: says window, as-of day, unit and state.
        run: digest of the linking run.
        members: who is counted.
        people: digest of whom is counted.
    """
    days = (day.isoformat() if day else "" for day in (agreement.window_start, agreement.window_end, agreement.as_of))
    return Basis(run, people, tuple(sorted(members)), agreement.unit.value, agreement.state.value, *days)


def keys_of_cells(raw: RawCounts) -> Iterator[tuple[CellName, CountKey]]:
    """Every cell of the raw tables that is a count, and which count; not the rows of rare ones, which change."""
    for name, table in raw.tables.items():
        for keys, entries in table.rows:
            for measure, entry in zip(table.measures, entries, strict=True):
                if isinstance(entry, tuple) and keys != (table.pooled,):
                    yield (name, keys, measure), entry


def tables_told(ledger: Sequence[PastRelease]) -> frozenset[str]:
    """The names of the tables that earlier releases had."""
    return frozenset(name for past in ledger for name in past.tables)


def relate_with_past(
    raw: RawCounts, tables: Collection[str], basis: Basis | None, ledger: Sequence[PastRelease]
) -> Relations:
    """The relations between the counts of these tables and those that earlier releases told.

    Counts that only earlier releases told have no cells that could be hidden. The row of the rare ones of a table that
    only they had is kept where its size is known: then a pathway's own row tells what is left of other counts.
    """
    told = {key for cell, key in keys_of_cells(raw) if any(cell in past.cells for past in ledger)}
    before = (tables_told(ledger) & raw.tables.keys()) - set(tables)
    relations = relate(raw, {*tables, *before}, told)
    today = relate(raw, tables, told) if before else relations
    cells = np.array([today.cells[today.at[key]] if key in today.at else 0 for key in relations.keys], np.int64)
    guarded = set(raw.guarded)
    watched = np.array([key in guarded for key in relations.keys], bool) & (cells == 0)
    pools = [
        pool
        for pool in relations.pools
        if pool.table in tables or any(_knows_pool(relations, raw, pool, past, basis) for past in ledger)
    ]
    return replace(relations, cells=cells, watched=watched, pools=tuple(pools))


def _knows_pool(relations: Relations, raw: RawCounts, pool: Pool, past: PastRelease, basis: Basis | None) -> bool:
    """Whether an earlier release says how many people are in a table with a row of rare ones, or hid them."""
    if past.base != 1 or pool.table not in past.tables:
        return False
    total = _total_told(raw, pool, past)
    return past.basis == basis if total is None else total == relations.values[pool.total]


def _total_told(raw: RawCounts, pool: Pool, past: PastRelease) -> int | None:
    """How many people an earlier release had in a table with a row of rare ones; None where it hid that."""
    table = raw.tables[pool.table]
    (measure, *_) = table.measures
    rest = past.cells.get((pool.table, (table.pooled,), measure), 0)
    named = [value for (name, keys, _), value in past.cells.items() if name == pool.table and keys != (table.pooled,)]
    if rest is None or any(value is None for value in named):
        return None
    return round(rest + sum(value for value in named if value is not None))


def heed_ledger(pattern: Pattern, raw: RawCounts, basis: Basis | None, ledger: Sequence[PastRelease]) -> None:
    """Take into a draft what earlier releases told.

    (1) Of the same basis: counts that they showed are known and stay shown, counts that they hid are guarded. (2) Of
    another: a count is guarded that differs from the same one in an earlier release by 1 to minimum - 1 people, or
    whose remainder over another does; and it has to be possible, for all that is shown, that it differs by minimum - 1
    or more. (3) Of another, a reader may take for unchanged what looks unchanged: counts that are as they were are
    known, and counts that were hidden are guarded, as in (1).
    """
    relations = pattern.relations
    for pool in relations.pools:
        pattern.shown[pool.total] &= bool(relations.cells[pool.total])  # not what nobody shows now
    exact = [(past, _told(pattern, raw, past)) for past in ledger if past.base]
    others = [(past, told) for past, told in exact if basis is None or past.basis != basis]
    for past, told in exact:
        if past.basis == basis:
            _same_people(pattern, raw, past, told)  # (1)
    for past, told in others:
        _other_people(pattern, told | _totals_told(pattern, raw, past), past.base)  # (2)
    for past, told in others:
        _unchanged_people(pattern, raw, past, told)  # (3)
    for pool in relations.pools:
        if relations.cells[pool.total] and 0 < pattern.rest(pool) < pattern.minimum:
            pattern.shown[pool.total] = False


def _told(pattern: Pattern, raw: RawCounts, past: PastRelease) -> dict[int, int | None]:
    """What a past release told of today's counts, by their number."""
    told: dict[int, int | None] = {}
    for cell, key in keys_of_cells(raw):
        if cell in past.cells and (number := pattern.relations.at.get(key)) is not None:
            value = past.cells[cell]
            told[number] = None if value is None else round(value)
    return told


def _totals_told(pattern: Pattern, raw: RawCounts, past: PastRelease) -> dict[int, int | None]:
    """What a past release told of how many people are in today's tables with a row of rare ones."""
    pools = (pool for pool in pattern.relations.pools if pool.table in past.tables)
    return {pool.total: _total_told(raw, pool, past) for pool in pools}


def _same_people(pattern: Pattern, raw: RawCounts, past: PastRelease, told: Mapping[int, int | None]) -> None:
    relations, base = pattern.relations, max(pattern.policy.base, past.base)
    for number, value in told.items():
        if value is None:
            pattern.once[number] = True
            continue
        pattern.before[0, number] = max(pattern.before[0, number], value - (base - 1))
        pattern.before[1, number] = min(pattern.before[1, number], value + (base - 1))
        if base == 1 and not (relations.cells[number] and _is_small(pattern, number)):
            pattern.shown[number] = True
    for pool in relations.pools:
        if base == 1 and pool.table in past.tables:
            _know_pool(pattern, pool, _total_told(raw, pool, past))


def _know_pool(pattern: Pattern, pool: Pool, total: int | None) -> None:
    """A reader knows how many people are in a table with a row of rare ones."""
    if total is None:
        return
    pattern.before[:, pool.total] = total
    if not pattern.relations.cells[pool.total]:
        pattern.shown[pool.total] = True


def _unchanged_people(pattern: Pattern, raw: RawCounts, past: PastRelease, told: Mapping[int, int | None]) -> None:
    """What a reader knows who takes for unchanged whatever is as it was."""
    relations = pattern.relations
    for number, value in told.items():
        if value is None:
            pattern.once[number] |= _is_small(pattern, number)
        elif past.base == pattern.policy.base == 1 and _is_as_before(pattern, number, value):
            pattern.before[:, number] = value
            pattern.shown[number] |= not relations.cells[number]
    for pool in relations.pools:
        if past.base == 1 and pool.table in past.tables:
            total = _total_told(raw, pool, past)
            if total is not None and _is_as_before(pattern, pool.total, total):
                _know_pool(pattern, pool, total)


def _is_as_before(pattern: Pattern, number: int, value: int) -> bool:
    same = value == pattern.relations.values[number]
    return bool(same and not pattern.changed[number] and not _is_small(pattern, number))


def _is_small(pattern: Pattern, number: int) -> bool:
    relations, one = pattern.relations, slice(number, number + 1)
    return bool(pattern.policy.small(relations.values[one], relations.persons[one], pattern.minimum)[0])


def _other_people(pattern: Pattern, told: Mapping[int, int | None], base: int) -> None:
    """Guard what changed by a few people.

    A rounded number, or one told before at `base`, hides by itself a change that rounding alone could be.
    """
    surely = pattern.before[0] == pattern.before[1]  # by a release of the same people: no news
    known = np.array(sorted(n for n, value in told.items() if value is not None), np.int64)
    if not len(known):
        return
    before = np.array([told[number] for number in known], np.int64)
    noise = max(base, pattern.policy.base) - 1
    change = pattern.relations.values[known] - before
    few = _is_few(pattern, change, noise) & ~surely[known]
    for number, old in zip(known[few], before[few], strict=True):
        _hide_change(pattern, int(number), int(old))
    while (found := _small_remainder(pattern, known, before, noise)) is not None:
        _hide_change(pattern, *found)


def _is_few(pattern: Pattern, change: Numbers, noise: int) -> Flags:
    few: Flags = (np.abs(change) > noise) & (np.abs(change) < pattern.minimum + noise)
    return few


def _small_remainder(pattern: Pattern, known: Numbers, before: Numbers, noise: int) -> tuple[int, int] | None:
    """A count told before whose remainder over another such count, part of it, changed by a few people.

    Both are shown now, or one is in no table now and may follow from those that are: that one is taken then, for
    nothing needs to be hidden where it does not follow.
    """
    relations = pattern.relations
    open_ones = ~pattern.changed[known] & (pattern.shown[known] | (relations.cells[known] == 0))
    numbers, old = known[open_ones], before[open_ones]
    rows = csr_array(relations.weights[numbers])
    sizes = rows.sum(axis=1)
    inside = (rows @ rows.T).tocoo()
    part, whole = inside.coords
    contains = (inside.data == sizes[part]) & (part != whole)
    change = relations.values[numbers] - old
    surely = pattern.before[0, numbers] == pattern.before[1, numbers]  # nothing is gained by hiding these
    contains &= ~(surely[part] & surely[whole])
    few = np.flatnonzero(contains & _is_few(pattern, change[whole] - change[part], noise))
    if not len(few):
        return None
    pair = min((part[few[0]], whole[few[0]]), key=lambda at: (surely[at], relations.cells[numbers[at]], at))
    return int(numbers[pair]), int(old[pair])


def _hide_change(pattern: Pattern, number: int, old: int) -> None:
    pattern.shown[number] = False
    pattern.changed[number] = True
    pattern.reach[number] = max(pattern.reach[number], old + pattern.need)
