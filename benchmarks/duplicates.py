"""People who are twice in one member's list: how many are found, how many of the pairs that are listed are two people.

python -m benchmarks.duplicates [folder of a co-op with truth.csv]
"""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from encoder.encode import Encoded, encode_clients
from encoder.secret import Secret
from schemas.agreement import load_agreement

EXAMPLE = Path(__file__).parents[1] / "examples" / "coop"
CUTS = (0.70, 0.75, 0.80, 0.85, 0.90, 1.0)
_SECRET = Secret(bytes(range(32)))  # what is alike under one secret is alike under another

Person = Mapping[tuple[str, str], str]
"""(member, client id) -> person."""


def measure(folder: Path) -> list[tuple[float, int, float, float]]:
    """For each score from which on pairs are taken: how many, the share that is one person, the share of all found."""
    agreement = load_agreement(folder / "agreement.toml")
    person = _truth(folder / "truth.csv")
    scores, same, pairs = [np.empty(0)], [np.empty(0, np.bool_)], 0
    for member in agreement.members:
        served = folder / f"{member}_services.csv"
        encoded = encode_clients(folder / f"{member}_clients.csv", agreement, member, _SECRET, services=served)
        scores.append(encoded.pairs.score)
        same.append(_are_same(encoded, member, person))
        pairs += sum(many * (many - 1) // 2 for many in Counter(person[member, each] for each in encoded.ids).values())
    score, one = np.concatenate(scores), np.concatenate(same)
    return [
        (cut, int((score >= cut).sum()), float(one[score >= cut].mean()), float(one[score >= cut].sum() / pairs))
        for cut in CUTS
    ]


def _are_same(encoded: Encoded, member: str, person: Person) -> NDArray[np.bool_]:
    ids = encoded.ids
    rows = encoded.pairs.rows.tolist()
    return np.array([person[member, ids[one]] == person[member, ids[other]] for one, other in rows], np.bool_)


def _truth(path: Path) -> Person:
    with path.open(newline="", encoding="utf-8") as file:
        return {(row["member"], row["client_id"]): row["person"] for row in csv.DictReader(file)}


if __name__ == "__main__":
    for cut, listed, right, found in measure(Path(sys.argv[1]) if len(sys.argv) > 1 else EXAMPLE):
        print(f"score >= {cut:.2f}: {listed:5,} pairs, {right:.3f} of them one person, {found:.3f} of all found")
