"""How long counting takes: all tables at level day, on made-up service records, and how it grows with them.

python -m benchmarks.pathways --json benchmarks/results/pathways.json
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.machine import forget_peak_memory, machine, peak_memory, write_figures
from linkage.events import Events
from linkage.pathways.count_tables import MAKERS, count_tables
from linkage.pathways.plan import Plan
from linkage.pathways.raw_counts import RawCounts
from linkage.pathways.recount import recount
from schemas import Level, Unit
from schemas.pathways_asked import Group, PathAsked
from schemas.tables import TABLE_LEVELS

SEED = 5
SIZES = (100_000, 300_000, 1_000_000)
RECORDS_A_PERSON = 5
STATES = 10
FIRST, LAST = 18993, 19722  # 2022-01-01 to 2023-12-31, in days from 1970-01-01
DAYS = LAST - FIRST + 1
LONG, SHORT = 60, 6  # days of a stay on average: half are a programme, half a visit
POOL_UNDER = 11  # the least minimum cell that an agreement can have


@dataclass(frozen=True)
class Figure:
    """One counting of all tables.

    Attributes:
        level: of the data: day (all tables) or period (months: those that need no days).
        histories: `ways`: people go mostly where others go; `chance`: every next state by chance.
        seconds, cpu_seconds: by the clock and of the processor, best of the rounds.
        peak_bytes: resident at the highest, with the records themselves and Python.
        unknowns, counts: how much disclosure control gets to read.
        recount_cpu_seconds: of the processor, for the counts at two other cuts; 0 where they were not made.
    """

    level: str
    histories: str
    people: int
    records: int
    seconds: float
    cpu_seconds: float
    peak_bytes: int
    unknowns: int
    counts: int
    recount_cpu_seconds: float


CHANGED = 0.05
"""The share of client records that become a person of their own at another cut; on the example co-op 0.015 are in
changed groups at either cut."""


def made_records(rng: np.random.Generator, people: int, *, ways: bool) -> Events:
    """Five records a person on average, some with many: two years, ten members, a tenth open or ongoing at the end.

    Members are liked unequally (like 1, 1/2, 1/3, ...). With `ways`, three in four people choose of three members each.
    """
    records = people * RECORDS_A_PERSON
    person = np.sort((people * rng.random(records) ** 1.2).astype(np.int64))
    liked = 1 / np.arange(1, STATES + 1)
    state = rng.choice(STATES, records, p=liked / liked.sum())
    if ways:
        home = rng.choice(STATES, people, p=liked / liked.sum())
        narrow = rng.random(people)[person] < 0.75
        state = np.where(narrow, (home[person] + rng.integers(0, 3, records)) % STATES, state)
    start = FIRST + rng.integers(0, DAYS, records)
    end = start + rng.geometric(1 / np.where(rng.random(records) < 0.5, LONG, SHORT))
    is_open = end > LAST
    names = tuple(f"member-{at:02d}" for at in range(STATES))
    order = np.lexsort((start, state))  # member by member, as events are
    columns: list[NDArray[np.int64]] = [column[order] for column in (person, state, start, np.minimum(end, LAST))]
    whose, where, first, last = columns
    client = whose * STATES + where
    return Events(
        names, names, whose, where, client, where, first.astype(np.int32), last.astype(np.int32), True, is_open[order]
    )


def by_month(events: Events) -> Events:
    """The same records, as they leave a member at level period."""
    start, end = (
        days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int32) for days in (events.start, events.end)
    )
    return Events(
        events.members, events.states, events.person, events.member, events.record, events.state,
        start, end, True, events.is_open,
    )  # fmt: skip


def plan_at(level: Level) -> Plan:
    """Every table that the level allows, with two pathways and two groups."""
    days = level is Level.DAY
    tables = tuple(name for name in MAKERS if level.allows(TABLE_LEVELS[name]))
    a, b, c = (f"member-{at:02d}" for at in range(3))
    return Plan(
        tables,
        Unit.DAY if days else Unit.MONTH,
        pool_under=POOL_UNDER,
        first=FIRST if days else int(np.datetime64(FIRST, "D").astype("datetime64[M]").astype(int)),
        last=LAST if days else int(np.datetime64(LAST, "D").astype("datetime64[M]").astype(int)),
        gap=7 if days else 1,
        follow_up=365,
        paths=(PathAsked((a, b), 90 if days else -1), PathAsked((a, b, c), -1, direct=True)),
        groups=(Group("both", (f"{a}+{b}",)), Group("one after the other", (f"{c}>{a}", f"{c}>{b}"))),
    )


def measure(level: Level, people: int, rounds: int, *, ways: bool) -> Figure:
    """Count all tables of one size."""
    events = made_records(np.random.default_rng(SEED), people, ways=ways)
    events, plan = events if level is Level.DAY else by_month(events), plan_at(level)
    seconds, cpu, peak = [], [], []
    raw: RawCounts | None = None
    for _ in range(rounds):
        raw = None
        forget_peak_memory()
        clock, processor = time.perf_counter(), time.process_time()
        raw = count_tables(events, plan)
        seconds.append(time.perf_counter() - clock)
        cpu.append(time.process_time() - processor)
        peak.append(peak_memory())
    if raw is None or np.any(raw.identities @ raw.people):  # type: ignore[arg-type]  # the stubs fear a sparse product
        raise AssertionError("what must be equal is not")
    sizes = (len(raw.people), len(raw.keys))
    histories = "ways" if ways else "chance"
    again = _recount(raw, events, plan)
    timed = (round(min(seconds), 2), round(min(cpu), 2), max(min(peak), peak_memory()))
    return Figure(level, histories, people, len(events), *timed, *sizes, again)


def _recount(raw: RawCounts, events: Events, plan: Plan) -> float:
    """Seconds of the processor for the counts at two other cuts, each of which makes other people of some records."""
    rng = np.random.default_rng(SEED)
    whose = np.zeros(int(events.record.max()) + 1, np.int64)
    whose[events.record] = events.person
    cuts = [np.where(rng.random(len(whose)) < CHANGED, len(whose) + np.arange(len(whose)), whose) for _ in range(2)]
    processor = time.process_time()
    recount(raw, events, plan, cuts)
    return round(time.process_time() - processor, 2)


def show(about: dict[str, object], figures: Sequence[Figure]) -> str:
    """The figures for people."""
    lines = [f"{key}: {value}" for key, value in about.items()]
    columns = (
        "level",
        "histories",
        "people",
        "records",
        "seconds",
        "cpu",
        "us/record",
        "peak MB",
        "unknowns",
        "recount",
    )
    lines += ["", "{:<7} {:<9} {:>10} {:>10} {:>8} {:>7} {:>12} {:>8} {:>9} {:>8}".format(*columns)]
    lines += [
        f"{one.level:<7} {one.histories:<9} {one.people:>10,} {one.records:>10,} {one.seconds:>8.2f} "
        f"{one.cpu_seconds:>7.2f} {1e6 * one.cpu_seconds / one.records:>12.2f} {one.peak_bytes / 1e6:>8.0f} "
        f"{one.unknowns:>9,} {one.recount_cpu_seconds:>8.2f}"
        for one in figures
    ]
    return "\n".join(lines)


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description="Counting all tables: seconds, memory, growth.")
    parser.add_argument("--people", type=int, nargs="+", default=SIZES, help="how many; five records each")
    parser.add_argument("--rounds", type=int, default=2, help="turns of each; the best counts")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    options = parser.parse_args()
    about = machine() | {"seed": SEED, "rounds": options.rounds, "tables_at_day": len(MAKERS)}
    figures = [
        measure(level, people, options.rounds, ways=ways)
        for ways, level in ((True, Level.DAY), (True, Level.PERIOD), (False, Level.DAY))
        for people in options.people
    ]
    sys.stdout.write(show(about, figures) + "\n")
    if options.json:
        write_figures(about | {"figures": [asdict(one) for one in figures]}, options.json)


if __name__ == "__main__":
    main()
