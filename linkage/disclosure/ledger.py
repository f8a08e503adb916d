"""The ledger: what earlier releases of a project have told, and what a reader can work out from the difference."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from linkage.disclosure.pattern import Pattern
from linkage.disclosure.relations import Numbers
from linkage.pathways.raw_counts import CountKey, RawCounts
from schemas import Agreement, Status
from schemas.errors import BrokenFile, FileMissing

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
        epsilon: what it spent with noise on every number; 0: it had none.
    """

    basis: Basis
    policy: str
    cells: Mapping[CellName, float | None]
    epsilon: float = 0.0


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


def read_past_release(folder: Path) -> PastRelease:
    """What a release told that lies in a folder.

    Raises:
        FileMissing, BrokenFile: it has no manifest, or not the files that its manifest names.
    """
    try:
        text = (folder / "manifest.json").read_text(encoding="utf-8")
    except OSError:
        raise FileMissing("has no manifest.json: it is not a release", where=str(folder)) from None
    try:
        manifest = json.loads(text)
        tables = {one["name"]: (folder / one["file"]).read_bytes() for one in manifest["tables"]}
        return past_release(manifest, tables)
    except (OSError, ValueError, KeyError, TypeError):
        raise BrokenFile("is not a release of this version of waylink", where=str(folder)) from None


def past_release(manifest: Mapping[str, Any], tables: Mapping[str, bytes]) -> PastRelease:
    """What a release told: its manifest, and each table as the CSV file that was published.

    Raises:
        KeyError, ValueError: they are not those of a release.
    """
    parameters, facts = manifest["parameters"], manifest["facts"]
    days = (parameters[name] or "" for name in ("window_start", "window_end", "as_of"))
    members = tuple(sorted(facts.get("members_counted") or manifest["agreement"]["members"]))
    basis = Basis(
        facts["run_digest"], facts.get("people_digest", ""), members, parameters["unit"], parameters["state"], *days
    )
    cells: dict[CellName, float | None] = {}
    for table in manifest["tables"]:
        for row in csv.DictReader(io.StringIO(tables[table["name"]].decode("utf-8-sig"), newline="")):
            keys = tuple(_plain(row[name]) for name in table["keys"])
            for measure in table["measures"]:
                if row[f"{measure}_status"] == Status.SUPPRESSED.value:
                    cells[table["name"], keys, measure] = None
                elif row[measure] != "":
                    cells[table["name"], keys, measure] = float(row[measure])
    return PastRelease(basis, parameters["policy"], cells, float(parameters.get("epsilon", 0)))


def _plain(text: str) -> str:
    """A key as it was before it was made harmless for spreadsheets."""
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@", "\t", "\r") else text


def keys_of_cells(raw: RawCounts) -> Iterator[tuple[CellName, CountKey]]:
    """Every cell of the raw tables that is a count, and which count; not the rows of rare ones, which change."""
    for name, table in raw.tables.items():
        for keys, entries in table.rows:
            for measure, entry in zip(table.measures, entries, strict=True):
                if isinstance(entry, tuple) and keys != (table.pooled,):
                    yield (name, keys, measure), entry


def heed_ledger(pattern: Pattern, raw: RawCounts, basis: Basis | None, ledger: Sequence[PastRelease]) -> None:
    """Take into a draft what earlier releases told.

    Of the same basis: counts that they showed are known and stay shown, counts that they hid are guarded. Of another:
    a count is hidden that differs from the same one in an earlier release by 1 to minimum - 1 people, or whose
    remainder over another does, both shown in both releases; and it has to be possible, for all that is shown, that it
    differs by minimum - 1 or more. What had noise tells too little to be heeded.
    """
    for past in ledger:
        if past.epsilon:
            continue  # numbers with noise tie nothing down
        told = _told(pattern, raw, past)
        if basis is not None and past.basis == basis:
            _same_people(pattern, raw, past, told)
        else:
            _other_people(pattern, told)


def _told(pattern: Pattern, raw: RawCounts, past: PastRelease) -> dict[int, int | None]:
    """What a past release told of today's counts, by their number."""
    told: dict[int, int | None] = {}
    for cell, key in keys_of_cells(raw):
        if cell in past.cells and (number := pattern.relations.at.get(key)) is not None:
            value = past.cells[cell]
            told[number] = None if value is None else round(value)
    return told


def _same_people(pattern: Pattern, raw: RawCounts, past: PastRelease, told: Mapping[int, int | None]) -> None:
    relations, base = pattern.relations, pattern.policy.base
    for number, value in told.items():
        if value is None:
            pattern.once[number] = True
            continue
        pattern.before[0, number] = max(pattern.before[0, number], value - (base - 1))
        pattern.before[1, number] = min(pattern.before[1, number], value + (base - 1))
        if base == 1 and relations.cells[number] and not _is_small(pattern, number):
            pattern.shown[number] = True
    for pool in relations.pools:
        rest = past.cells.get((pool.table, (raw.tables[pool.table].pooled,), raw.tables[pool.table].measures[0]))
        named = [told[number] for number in pool.named if told.get(number) is not None]
        if rest is not None and base == 1:
            total = round(rest) + sum(value for value in named if value is not None)
            pattern.before[:, pool.total] = total


def _is_small(pattern: Pattern, number: int) -> bool:
    relations, one = pattern.relations, slice(number, number + 1)
    return bool(pattern.policy.small(relations.values[one], relations.persons[one], pattern.minimum)[0])


def _other_people(pattern: Pattern, told: Mapping[int, int | None]) -> None:
    known = np.array(sorted(number for number, value in told.items() if value is not None), np.int64)
    if not len(known):
        return
    values = pattern.relations.values
    before = np.array([told[number] for number in known], np.int64)
    change = values[known] - before
    few = (change != 0) & (np.abs(change) < pattern.minimum)
    for number, old in zip(known[few], before[few], strict=True):
        _hide_change(pattern, int(number), int(old))
    while (found := _small_remainder(pattern, known, before)) is not None:
        _hide_change(pattern, *found)


def _small_remainder(pattern: Pattern, known: Numbers, before: Numbers) -> tuple[int, int] | None:
    """A count shown now and before whose remainder over another such count, part of it, changed by a few people."""
    shown = pattern.shown[known]
    numbers, old = known[shown], before[shown]
    rows = csr_array(pattern.relations.weights[numbers])
    sizes = rows.sum(axis=1)
    inside = (rows @ rows.T).tocoo()
    part, whole = inside.coords
    contains = (inside.data == sizes[part]) & (part != whole)
    change = pattern.relations.values[numbers] - old
    over = change[whole] - change[part]
    few = np.flatnonzero(contains & (over != 0) & (np.abs(over) < pattern.minimum))
    if not len(few):
        return None
    pair = min((part[few[0]], whole[few[0]]), key=lambda at: (pattern.relations.cells[numbers[at]], at))
    return int(numbers[pair]), int(old[pair])


def _hide_change(pattern: Pattern, number: int, old: int) -> None:
    pattern.shown[number] = False
    pattern.changed[number] = True
    pattern.reach[number] = max(pattern.reach[number], old + pattern.need)
