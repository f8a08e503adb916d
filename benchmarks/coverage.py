"""How often the interval of `coverage_estimate` holds the true number of people: made-up lists, linked with errors.

    python -m benchmarks.coverage --json benchmarks/results/coverage.json

Lists are drawn person by person and linked by chance: records come loose, and people are taken for one. Beside it
stands what Chapman's estimate with Seber's variance makes of the same counts, links not being corrected. In the last
cases the lists are not independent, which no estimate of two lists can see.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.machine import machine
from linkage.linkage_error.adjust import draw_people
from linkage.linkage_error.coverage import Captures, estimate_coverage
from linkage.linkage_error.intervals import NORMAL_95, Interval
from linkage.linkage_error.link_rates import LinkRates
from schemas import Cell, ReleaseTable
from schemas.pathway_text import write_set

SEED = 11
SIMULATIONS = 500  # a share of 95 % is known to one in a hundred
MEMBERS = ("clinic", "school", "shelter")
CHANCES = (0.4, 0.3, 0.2)
"""Of anybody to be on each member's list."""
RATE_ERROR = 0.2  # standard error of a rate's log odds
MINIMUM = 11

Lists = NDArray[np.bool_]
"""(people, members): who is on whose list."""


@dataclass(frozen=True)
class Case:
    """What is made up.

    Attributes:
        people: in all.
        loose: the chance of each record of somebody on several lists to be linked to no other.
        wrong: the chance of each two people to be taken for one.
        drawn: how many times as likely as others people on the first list are to be on the second.
    """

    people: int
    loose: float
    wrong: float
    drawn: float = 1.0


CASES = (
    Case(2_000, 0.0, 0.0),
    Case(2_000, 0.1, 0.0),
    Case(2_000, 0.0, 4e-5),
    Case(2_000, 0.1, 2e-5),
    Case(600, 0.1, 5e-5),
    Case(10_000, 0.1, 2e-6),
    Case(10_000, 0.05, 8e-6),
    Case(2_000, 0.1, 2e-5, drawn=0.7),
    Case(2_000, 0.1, 2e-5, drawn=1.5),
)


@dataclass(frozen=True)
class Outcome:
    """One simulation: estimate, low, high, and the same of the counts as they are."""

    corrected: tuple[float, float, float]
    plain: tuple[float, float, float]


def simulate(case: Case, rng: Generator) -> Outcome:
    """Draw lists, link them with errors, and estimate from what would be published."""
    found, rates = link(case, draw_lists(case, rng), rng)
    tables = published(found)
    row = estimate_coverage(tables["overlap_pairs"], draw_people(tables, rates, MEMBERS, MINIMUM)).rows[0][1]
    estimate, low, high = (float(cell.value or 0) for cell in row)
    return Outcome((estimate, low, high), _plain(found))


def draw_lists(case: Case, rng: Generator) -> Lists:
    """Who is on whose list."""
    on: Lists = rng.random((case.people, len(MEMBERS))) < CHANCES
    on[:, 1] = rng.random(case.people) < np.where(on[:, 0], case.drawn, 1) * CHANCES[1]
    return on


def link(case: Case, true: Lists, rng: Generator) -> tuple[Lists, LinkRates]:
    """The people found where these are, and rates that are as sure as they say."""
    several = true.sum(axis=1, keepdims=True) > 1
    gone = true & several & (rng.random(true.shape) < case.loose)
    found = np.concatenate([true & ~gone, np.eye(len(MEMBERS), dtype=np.bool_)[np.nonzero(gone)[1]]])
    found = found[found.any(axis=1)]
    pairs = min(int(rng.poisson(case.wrong * len(found) ** 2 / 2)), len(found) // 2)
    merged = rng.permutation(len(found))[: 2 * pairs].reshape(2, -1)
    one, other = found[merged[0]], found[merged[1]]
    wrong = int((one.sum(axis=1) * other.sum(axis=1) - (one & other).sum(axis=1)).sum())
    found = np.concatenate([np.delete(found, merged.ravel(), axis=0), one | other])
    at = found.sum(axis=1)
    links = int((at * (at - 1) // 2).sum())
    return found, LinkRates(_told(1 - wrong / links, rng), _told((1 - case.loose) ** 2, rng), {})


def _told(share: float, rng: Generator) -> Interval:
    """A share, near it, as a run tells it whose log odds have that standard error."""
    inside = min(share, 1 - 1e-4)
    middle = float(np.log(inside / (1 - inside)) + RATE_ERROR * rng.standard_normal())
    reach = NORMAL_95 * RATE_ERROR
    return Interval(*(float(1 / (1 + np.exp(-(middle + off)))) for off in (0.0, -reach, reach)))


def published(found: Lists) -> dict[str, ReleaseTable]:
    """`set_pathway` and `overlap_pairs` of these people, nothing hidden."""
    pairs = [
        (
            (MEMBERS[a], MEMBERS[b]),
            tuple(Cell(int(n)) for n in ((found[:, a] & found[:, b]).sum(), *found.sum(0)[[a, b]])),
        )
        for a, b in combinations(range(len(MEMBERS)), 2)
    ]
    kinds, numbers = np.unique(found, axis=0, return_counts=True)
    sets = [
        ((write_set([name for name, on in zip(MEMBERS, kind, strict=True) if on]),), (Cell(int(number)),))
        for kind, number in zip(kinds, numbers, strict=True)
    ]
    counts = ("people", "people_a", "people_b")
    return {
        "set_pathway": ReleaseTable("set_pathway", "", ("states",), counts[:1], sets),
        "overlap_pairs": ReleaseTable("overlap_pairs", "", ("a", "b"), counts, pairs),
    }


def _plain(found: Lists) -> tuple[float, float, float]:
    a, b = found[:, 0], found[:, 1]
    one = Captures(*(np.array([float(on.sum())]) for on in (a & ~b, b & ~a, a & b)))
    estimate, reach = float((one.seen + one.unseen())[0]), NORMAL_95 * float(one.variance()[0]) ** 0.5
    return estimate, estimate - reach, estimate + reach


def measure(case: Case, simulations: int = SIMULATIONS, seed: int = SEED) -> dict[str, Any]:
    """How often intervals hold the truth, and where they lie, as shares of the people."""
    rng = np.random.default_rng(seed)
    outcomes = [simulate(case, rng) for _ in range(simulations)]
    told: dict[str, Any] = asdict(case)
    for name in ("corrected", "plain"):
        ends = [getattr(one, name) for one in outcomes]
        told[name] = {
            "holds": round(mean(low <= case.people <= high for _, low, high in ends), 3),
            "estimate": round(mean(middle for middle, _, _ in ends) / case.people, 3),
            "width": round(mean(high - low for _, low, high in ends) / case.people, 3),
        }
    return told


def main() -> None:
    """Measure all cases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    rows = [measure(case) for case in CASES]
    for row in rows:
        print(row)
    if asked.json:
        command = "python -m benchmarks.coverage"
        whole = {"command": command, "machine": machine(), "simulations": SIMULATIONS, "cases": rows}
        asked.json.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
