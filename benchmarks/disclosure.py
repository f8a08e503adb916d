"""Disclosure control under attack: made-up tables and histories, what is hidden beside the fewest cells, and how long.

python -m benchmarks.disclosure --json benchmarks/results/disclosure.json             (an hour of one processor)
python -m benchmarks.disclosure audit tables --tables 200                             (some parts of it, smaller)
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.least_hidden import least_hidden
from benchmarks.machine import machine, write_figures
from benchmarks.made_events import PERIODS, made_events
from linkage.disclosure.protect import protect
from linkage.pathways.count_tables import MAKERS, count_tables
from linkage.pathways.plan import Plan
from schemas import Level, Unit
from schemas.pathways_asked import Group, PathAsked
from schemas.tables import TABLE_LEVELS
from tests.linkage.disclosure.attacks import (
    Attacked,
    attack_as_member,
    attack_history,
    attack_table,
    published,
    replay_table,
)
from tests.linkage.disclosure.made import MINIMUM, small_inner, table_agreement, with_margins

SEED = 1
MEMBERS, PEOPLE = 10, 30_000
Figures = Mapping[str, object]


@dataclass(frozen=True)
class Sizes:
    """How many there are of each."""

    tables: int = 5000
    member_tables: int = 1000
    histories: int = 1000
    optimum: int = 100
    replayed: int = 40
    people: int = PEOPLE


def audit(sizes: Sizes) -> Figures:
    """Ten members, all tables at level period: counted, protected, timed."""
    tables = tuple(name for name in MAKERS if Level.PERIOD.allows(TABLE_LEVELS[name]))
    events = made_events(SEED, people=sizes.people, members=MEMBERS)
    a, b, c = events.members[:3]
    plan = Plan(
        tables,
        Unit.MONTH,
        pool_under=MINIMUM,
        first=0,
        last=PERIODS - 1,
        paths=(PathAsked((a, b), -1), PathAsked((a, b, c), -1, direct=True)),
        groups=(Group("both", (f"{a}+{b}",)), Group("one after the other", (f"{c}>{a}", f"{c}>{b}"))),
    )
    raw = count_tables(events, plan)
    clock, processor = time.perf_counter(), time.process_time()
    made = protect(raw, replace(table_agreement(), tables=tables))
    return {
        "members": MEMBERS,
        "people": sizes.people,
        "tables": len(tables),
        "counts": len(raw.keys),
        "unknowns": len(raw.people),
        "seconds": round(time.perf_counter() - clock, 1),
        "cpu_seconds": round(time.process_time() - processor, 1),
        "shown": made.shown,
        "hidden_small": made.primary,
        "hidden_to_guard": made.secondary,
        "said_of_fractions": [text for text in made.not_checked if "fractions" in text],
    }


def tables(sizes: Sizes) -> Figures:
    """Tables attacked from outside."""
    return _attacks(attack_table, sizes.tables)


def member(sizes: Sizes) -> Figures:
    """Tables attacked by a member."""
    return _attacks(attack_as_member, sizes.member_tables)


def histories(sizes: Sizes) -> Figures:
    """Histories of releases with growth, withdrawals and re-runs."""
    return _attacks(attack_history, sizes.histories)


def optimum(sizes: Sizes) -> Figures:
    """What is hidden of small two-way tables beside the fewest cells that could be."""
    ours, least, cells, proven = 0, 0, 0, 0
    worst = 1.0
    for seed in range(sizes.optimum):
        raw = with_margins(small_inner(seed))
        hidden = sum(value is None for value in published(protect(raw, table_agreement())).values())
        best = least_hidden(raw.weights, raw.people, MINIMUM)
        ours, least, cells = ours + hidden, least + best.cells, cells + len(raw.keys)
        proven += best.proven
        worst = max(worst, hidden / best.cells if best.cells else 1.0)
    return {
        "tables": sizes.optimum,
        "cells": cells,
        "hidden": ours,
        "fewest": least,
        "ratio": round(ours / least, 3),
        "worst_table": round(worst, 2),
        "optimum_proven": proven,
    }


def replay(sizes: Sizes) -> Figures:
    """How much the choice of what is hidden tells who runs the same programme on what could have been."""
    made = [replay_table(seed) for seed in range(sizes.replayed)]
    hidden, worlds, same, narrow = (int(total) for total in np.sum(made, axis=0))
    return {
        "tables": sizes.replayed,
        "hidden": hidden,
        "other_tables_tried": worlds,
        "that_give_the_same_release": same,
        "hidden_cells_without_two_such_a_minimum_apart": narrow,
    }


PARTS: Mapping[str, Callable[[Sizes], Figures]] = {
    one.__name__: one for one in (audit, tables, member, histories, optimum, replay)
}


def _attacks(attack: Callable[[int], Attacked], number: int) -> Figures:
    processor = time.process_time()
    made = [attack(seed) for seed in range(number)]
    found = [f"seed {seed}: {text}" for seed, one in enumerate(made) for text in one.found]
    cells, hidden = (sum(sizes) for sizes in zip(*((one.cells, one.hidden) for one in made), strict=True))
    return {
        "attacked": number,
        "cells": cells,
        "hidden": hidden,
        "share_hidden": round(hidden / cells, 3),
        "refused": sum(one.refused for one in made),
        "found": found,
        "cpu_seconds": round(time.process_time() - processor, 1),
    }


def main() -> None:
    """Read the command line, measure, print; parts that are not asked for stay in the file as they were."""
    parser = argparse.ArgumentParser(description="Disclosure control: attacks, what is hidden, seconds.")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which; all by default")
    for name, usual in vars(Sizes()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=usual)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    options = parser.parse_args()
    sizes = Sizes(**{name: getattr(options, name) for name in vars(Sizes())})
    for name in options.parts or PARTS:
        figures = PARTS[name](sizes)
        sys.stdout.write(f"{name}: {json.dumps(figures)}\n")
        sys.stdout.flush()
        if options.json:
            before = json.loads(options.json.read_text(encoding="utf-8")) if options.json.exists() else {}
            write_figures(before | machine() | {"seed": SEED, name: figures}, options.json)


if __name__ == "__main__":
    main()
