"""How good the linkage is, beside anonlink on the very same encodings.

    python -m benchmarks.quality                            the example co-op
    python -m benchmarks.quality --data DIR [DIR ...]       others like it (`benchmarks.make_coop` makes them)
    python -m benchmarks.quality --folds                    the best threshold for 0, 1 and 2 xor folds

waylink finds its threshold from the data; anonlink's solvers get the one that is best *with the truth in hand*, from a
grid, so that its figures are a ceiling for it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from encoder.encode import encode_clients
from encoder.secret import Secret
from linkage.candidates.compare import compare_members
from linkage.candidates.pair_graph import PairGraph
from linkage.clustering.average import cluster_average
from linkage.clustering.chance import correct_for_chance
from linkage.clustering.groups import number_groups
from linkage.clustering.people import find_people
from linkage.clustering.threshold import sample_strangers
from linkage.quality import Quality, score_linkage
from schemas import Agreement, load_agreement
from schemas.encodings import Bits
from schemas.linkage_schema import linkage_schema

EXAMPLE = Path(__file__).parents[1] / "examples" / "coop"
SECRET = Secret(b"a benchmark is no secret, is it?")
GRID = np.arange(0.56, 0.90, 0.01)  # anonlink's thresholds
MERGE = 0.5  # anonlink's own default for its probabilistic solver

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Coop:
    """An encoded co-op with its truth; records are numbered over all members."""

    agreement: Agreement
    bits: list[Bits]
    member: Labels
    truth: Labels


def encode_coop(folder: Path, agreement: Agreement) -> Coop:
    """Encode the members of a folder like `examples/coop`; the rows keep the file's order in `truth`."""
    truth = pd.read_csv(folder / "truth.csv", dtype=str).set_index(["member", "client_id"])["person"]
    bits, member, person = [], [], []
    for number, name in enumerate(agreement.members):
        files = [folder / f"{name}_{kind}.csv" for kind in ("clients", "services")]
        encoded = encode_clients(files[0], agreement, name, SECRET, services=files[1])
        row_of = {token.tobytes(): row for row, token in enumerate(encoded.encodings.tokens)}
        rows = [row_of[token.tobytes()] for token in encoded.tokens]
        bits.append(encoded.encodings.bits[rows])
        member += [number] * len(rows)
        person += [truth[name, client] for client in encoded.ids]
    return Coop(agreement, bits, np.array(member), pd.factorize(np.array(person))[0].astype(np.int64))


def with_folds(agreement: Agreement, folds: int) -> Agreement:
    """The same agreement with a linkage schema of that many xor folds."""
    definition = json.loads(json.dumps(agreement.linkage_schema.definition))
    definition["clkConfig"]["xor_folds"] = folds
    return replace(agreement, linkage_schema=linkage_schema(definition, name=f"person-v1, {folds} folds"))


def waylink_figures(coop: Coop) -> tuple[dict[str, Any], PairGraph, float]:
    """waylink's own linkage, threshold found without truth; the graph and a missing pair's score for more cuts."""
    rng = np.random.default_rng(0)
    strangers = sample_strangers(coop.bits, coop.agreement, rng)
    graph = compare_members(coop.bits, strangers.floor)
    people = find_people(graph, coop.bits, coop.agreement, strangers, rng)
    quality = score_linkage(coop.member, coop.truth, people.groups.label)
    return {"threshold": people.threshold.value, **quality.as_dict()}, graph, strangers.typical


def best_of(cut: Callable[[float], Labels], coop: Coop) -> dict[str, Any]:
    """The best F1 over the grid, and where."""

    def scored() -> Iterator[tuple[float, float, Quality]]:
        for threshold in GRID:
            quality = score_linkage(coop.member, coop.truth, cut(float(threshold)))
            yield quality.f1, float(threshold), quality

    _, threshold, quality = max(scored(), key=lambda one: one[0])
    return {"threshold": round(threshold, 2), **quality.as_dict()}


def anonlink_figures(coop: Coop, graph: PairGraph) -> dict[str, dict[str, Any]]:
    """Both solvers of anonlink at their best thresholds. They see pairs across members only, as anonlink does."""
    from anonlink.solving import greedy_solve, probabilistic_greedy_solve

    across = ~graph.inside

    def cut_with(solve: Callable[[Any], Sequence[Sequence[tuple[int, int]]]]) -> Callable[[float], Labels]:
        def cut(threshold: float) -> Labels:
            wanted = across & (graph.score >= threshold)
            sides = (graph.left[wanted], graph.right[wanted])
            members = tuple(graph.member[side].astype(np.uint32) for side in sides)
            rows = tuple((side - graph.offsets[m]).astype(np.uint32) for side, m in zip(sides, members, strict=True))
            label = np.arange(graph.records)
            for group in solve((graph.score[wanted], members, rows)):
                records = [int(graph.offsets[m]) + r for m, r in group]
                label[records] = records[0]
            return number_groups(graph.offsets, label).label

        return cut

    return {
        "anonlink greedy": best_of(cut_with(greedy_solve), coop),
        f"anonlink probabilistic, merge {MERGE}": best_of(
            cut_with(lambda pairs: probabilistic_greedy_solve(pairs, merge_threshold=MERGE)), coop
        ),
    }


def report(title: str, figures: dict[str, dict[str, Any]]) -> str:
    """A Markdown table."""
    columns = ("threshold", "precision", "recall", "f1", "set_pathway_error")
    lines = [f"\n{title}\n", f"| system | {' | '.join(columns)} |", "|---" * (len(columns) + 1) + "|"]
    lines += [f"| {name} | {' | '.join(f'{row[c]:.4g}' for c in columns)} |" for name, row in figures.items()]
    return "\n".join(lines)


def main() -> None:
    """Measure what the arguments ask for and print Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", default=[EXAMPLE])
    parser.add_argument("--folds", action="store_true", help="the best thresholds for 0, 1 and 2 xor folds")
    given = parser.parse_args()
    for folder in given.data:
        agreement = load_agreement(folder / "agreement.toml")
        for folds in (0, 1, 2) if given.folds else (agreement.linkage_schema.xor_folds,):
            coop = encode_coop(folder, with_folds(agreement, folds))
            found, graph, typical = waylink_figures(coop)
            figures = {"waylink, threshold found": found}
            if given.folds:
                judged = correct_for_chance(graph, coop.bits)
                cut = lambda t, g=judged, m=typical: cluster_average(g, t, missing_score=m).label  # noqa: E731
                figures["waylink, best threshold with the truth"] = best_of(cut, coop)
            else:
                figures |= anonlink_figures(coop, graph)
            print(report(f"{folder.name}, {folds} xor folds", figures), flush=True)


if __name__ == "__main__":
    main()
