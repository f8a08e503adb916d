"""How far off what waylink says of its own linkage errors is, on made-up co-ops with known truth.

    python -m benchmarks.linkage_error --matches --json benchmarks/results/linkage-error-matches.json
    python -m benchmarks.linkage_error --counts --json benchmarks/results/linkage-error-counts.json

`--matches`: the number of pairs that are one person, as found without truth, and what linking by it comes to.
`--counts`: how often the interval of a released count holds the true number, and how far counts and estimates are off.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.known_coops import KnownCoop, Spec, make_known_coop, pairs_across
from benchmarks.known_release import link_known, released_rows, right_shares
from benchmarks.machine import machine
from benchmarks.people import read_names
from linkage.candidates.compare import compare_members
from linkage.clustering.people import People, find_people
from linkage.clustering.threshold import sample_strangers
from linkage.quality import score_linkage

SEED = 700
SHAPES = ((2, 0.3, 8000), (3, 0.15, 6000), (5, 0.2, 8000), (4, 0.4, 5000))
"""Members, overlap, people."""
NOISES, FOLDS = (1.0, 2.0), (0, 2)


def specs() -> Iterator[Spec]:
    """Sixteen co-ops; the members' lists differ in how noisy they are."""
    for number, (folds, noise, (members, overlap, people)) in enumerate(
        (folds, noise, shape) for folds in FOLDS for noise in NOISES for shape in SHAPES
    ):
        yield Spec(SEED + number, people, members, overlap, noise, unlike=0.4, folds=folds)


def linked(coop: KnownCoop) -> People:
    """The people of a co-op, the threshold found."""
    strangers = sample_strangers(coop.bits, coop.agreement, np.random.default_rng(1))
    graph = compare_members(coop.bits, strangers.floor)
    return find_people(graph, coop.bits, coop.agreement, strangers, np.random.default_rng(2))


def matches_row(spec: Spec, coop: KnownCoop) -> dict[str, Any]:
    """The matches of one co-op, true and found, and how good the linkage is."""
    people = linked(coop)
    true, found = pairs_across(coop.member, coop.truth), people.threshold.expected_matches or float("nan")
    quality = score_linkage(coop.member, coop.truth, people.groups.label)
    return {
        "spec": spec.as_dict(),
        "matches": true,
        "found": round(found, 1),
        "found_share": round(found / true, 4),
    } | {
        "threshold": people.threshold.as_dict()["value"],
        **quality.as_dict(),
    }


COUNTS_SEED = 9100  # apart from every co-op that anything was tuned on
COUNTS_SHAPES = ((3, 0.2, 6000), (4, 0.1, 14000), (5, 0.3, 5000), (6, 0.1, 9000), (7, 0.15, 9000), (8, 0.2, 5000))
SETTINGS: tuple[dict[str, Any], ...] = (
    {"noise": 0.7, "folds": 2, "unlike": 0.3},
    {"noise": 1.7, "folds": 2, "unlike": 0.3},
    {"noise": 1.3, "folds": 0, "unlike": 0.6},
    {"noise": 1.0, "folds": 1, "unlike": 0.2, "families": True},
    {"noise": 1.0, "folds": 2, "unlike": 0.4, "dirty": 0.05},
)
"""How the co-ops of --counts differ. The last breaks the model: one person in twenty has bad records only."""


def counts_specs() -> Iterator[Spec]:
    """Thirty co-ops of three to eight members."""
    settings = [(setting, shape) for setting in SETTINGS for shape in COUNTS_SHAPES]
    for number, (setting, (members, overlap, people)) in enumerate(settings):
        yield Spec(COUNTS_SEED + number, people, members, overlap, **setting)


def counts_row(spec: Spec, coop: KnownCoop) -> dict[str, Any]:
    """Coverage and errors of one co-op's released counts, and of the rates they were corrected by."""
    linked = link_known(coop)
    precision, recall = right_shares(coop, linked.groups.label)
    row: dict[str, Any] = {"spec": spec.as_dict(), "precision": round(precision, 4), "recall": round(recall, 4)}
    if linked.rates is None:
        return row | {"judged": False}
    row |= {"judged": True, "rates": {name: linked.rates.as_dict()[name] for name in ("precision", "recall")}}
    rows = released_rows(linked, linked.rates)
    for name in ("set_pathway", "overlap_pairs"):
        ours = [one for one in rows if one.table == name]
        row[name] = {
            "cells": len(ours),
            "covered": sum(one.covered for one in ours),
            "error_counted": sum(abs(one.counted - one.true) for one in ours),
            "error_estimate": sum(abs(one.estimate - one.true) for one in ours),
            "people": sum(one.true for one in ours),
            "width": round(float(np.median([(one.high - one.low) / one.counted for one in ours])), 4) if ours else None,
        }
    return row


def measure_counts(rows: list[dict[str, Any]]) -> None:
    """Fill `rows`, a co-op each, and write them as a table with its sums."""
    sys.stdout.write(
        "| members | noise | folds | precision, estimate | recall, estimate | sets covered | off: counts, estimates |"
        "\n|---|---|---|---|---|---|---|\n"
    )
    names = read_names()
    for spec in counts_specs():
        row = counts_row(spec, make_known_coop(spec, names))
        rows.append(row)
        if not row["judged"]:
            sys.stdout.write(f"| {spec.members} | {spec.noise} | {spec.folds} | not judged | | | |\n")
            continue
        shares = [f"{row[name]:.3f}, {row['rates'][name]['estimate']:.3f}" for name in ("precision", "recall")]
        sets = row["set_pathway"]
        covered = f"{sets['covered']} of {sets['cells']}"
        off = f"{sets['error_counted']}, {sets['error_estimate']}"
        cells = (spec.members, spec.noise, spec.folds, *shares, covered, off)
        sys.stdout.write(f"| {' | '.join(map(str, cells))} |\n")
        sys.stdout.flush()
    for name in ("set_pathway", "overlap_pairs"):
        ours = [row[name] for row in rows if row["judged"]]
        cells, covered, counted, estimate = (
            sum(one[key] for one in ours) for key in ("cells", "covered", "error_counted", "error_estimate")
        )
        sys.stdout.write(
            f"{name}: {covered} of {cells} true numbers in their intervals ({covered / cells:.1%}); "
            f"people too many or too few: counts {counted}, estimates {estimate}\n"
        )


def measure_matches(rows: list[dict[str, Any]]) -> None:
    """Fill `rows`, a co-op each, and write them as a table with its means."""
    names = read_names()
    sys.stdout.write(
        "| members | noise | folds | matches | found / true | F1 | set-pathway error |\n|---|---|---|---|---|---|---|\n"
    )
    for spec in specs():
        row = matches_row(spec, make_known_coop(spec, names))
        rows.append(row)
        cells = (spec.members, spec.noise, spec.folds, row["matches"], row["found_share"], row["f1"])
        sys.stdout.write(f"| {' | '.join(map(str, (*cells, row['set_pathway_error'])))} |\n")
    off = np.array([row["found_share"] for row in rows]) - 1
    sys.stdout.write(f"root mean square of found / true - 1: {np.sqrt((off**2).mean()):.4f}, mean {off.mean():+.4f}\n")


def main() -> None:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--matches", action="store_true", help="the number of matches")
    which.add_argument("--counts", action="store_true", help="released counts and their estimates")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    given = parser.parse_args()
    rows: list[dict[str, Any]] = []
    (measure_matches if given.matches else measure_counts)(rows)
    if given.json:
        command = f"python -m benchmarks.linkage_error --{'matches' if given.matches else 'counts'}"
        given.json.write_text(json.dumps({"command": command, "machine": machine(), "coops": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
