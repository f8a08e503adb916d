"""How far off what waylink says of its own linkage errors is, on made-up co-ops with known truth.

    python -m benchmarks.linkage_error --matches --json benchmarks/results/linkage-error-matches.json

`--matches`: the number of pairs that are one person, as found without truth, and what linking by it comes to.
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


def main() -> None:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--matches", action="store_true", required=True, help="the number of matches")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    given = parser.parse_args()
    names, rows = read_names(), []
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
    if given.json:
        command = "python -m benchmarks.linkage_error --matches"
        given.json.write_text(json.dumps({"command": command, "machine": machine(), "coops": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
