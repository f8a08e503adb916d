"""CLKs to measure with: random bits with the habits of real ones (`two_lists`), or people's (`people_lists`).

    python -m benchmarks.datasets --records 100000 --folds 0    make (or read) lists of people; say what they are like

Real CLKs are not even coin tosses. Some positions are set by common bigrams and some by rare ones, so strangers agree
more than chance says; records have longer and shorter names, so popcounts differ; and one person's records at two
members differ by some tokens. What is measured depends on these: on the fill and the spread of the popcounts (what the
length bound and the look at a prefix cut away) and on the number of candidate pairs.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.people import FIELDS, People, draw_people, read_names, take, write_down
from encoder.distinct import Distinct
from encoder.hashing.clk import encode_columns
from encoder.hashing.clkhash_spec import read_recipe
from linkage.kernel.reference import popcounts
from schemas.digest import canonical_json
from schemas.encodings import Bits
from schemas.linkage_schema import load_linkage_schema

FILL = 0.45
"""Share of bits set: a person schema with about 25 tokens a field aims near 1/2; missing fields take some away."""

POSITION_SPREAD = 0.11
"""Standard deviation of the positions' frequencies, so that two strangers score about 0.47."""

RECORD_SPREAD = 0.03
"""Standard deviation of the records' fills: popcounts 450 +- 35 at 1024 bits."""

NOISE = 0.04
"""Share of bits that differ between two records of one person, at the median: a Dice coefficient near 0.96."""

SCHEMA = "person-v1"
SECRET = b"a benchmark is no secret, is it?"
CACHE = Path(tempfile.gettempdir()) / "waylink-benchmarks"
"""Where lists of people are kept, unless another folder is named."""

STRANGERS = 200_000
"""Pairs drawn to say how alike strangers are."""


def clks(rng: Generator, records: int, bits: int = 1024) -> Bits:
    """uint8 (records, bits / 8): that many strangers."""
    frequency = bit_frequencies(rng, bits)
    shift = rng.normal(0.0, RECORD_SPREAD, (records, 1)).astype(np.float32)
    return np.packbits(rng.random((records, bits), np.float32) < frequency + shift, axis=1)


def two_lists(rng: Generator, records: int, *, shared: int, bits: int = 1024) -> tuple[Bits, Bits]:
    """Two lists of `records` CLKs each; `shared` people are in both, their records slightly different."""
    people = clks(rng, 2 * records - shared, bits)
    left, right = people[:records], people[records - shared :].copy()
    right[:shared] ^= bit_noise(rng, shared, bits)
    return left[rng.permutation(records)], right[rng.permutation(records)]


def bit_frequencies(rng: Generator, bits: int) -> np.ndarray:
    """float32 (bits,): how often each position is set; a beta distribution with mean FILL."""
    weight = FILL * (1 - FILL) / POSITION_SPREAD**2 - 1
    return rng.beta(FILL * weight, (1 - FILL) * weight, bits).astype(np.float32)


def bit_noise(rng: Generator, records: int, bits: int) -> Bits:
    """Bits to flip: from none to several times NOISE, as most records agree and a few have other names or dates."""
    share = rng.gamma(1.5, NOISE / 1.2, (records, 1))
    return np.packbits(rng.random((records, bits)) < share, axis=1)


@dataclass(frozen=True, eq=False)
class PeopleLists:
    """Two members' lists with the truth.

    Attributes:
        left, right: uint8 (records, 128); 1024-bit CLKs, most significant bit first, in random order.
        left_person, right_person: int32 (records,); whose each record is.
    """

    left: Bits
    right: Bits
    left_person: NDArray[np.int32]
    right_person: NDArray[np.int32]


@dataclass(frozen=True)
class Likeness:
    """What a figure depends on, of two lists.

    Attributes:
        fill: share of bits set.
        popcount_mean, popcount_spread: of a record; the spread is a standard deviation.
        strangers_mean, strangers_most: Dice coefficient of two different people: mean, and 1 in 1,000 is over.
        same_person_median: Dice coefficient of the two records of one person.
    """

    fill: float
    popcount_mean: float
    popcount_spread: float
    strangers_mean: float
    strangers_most: float
    same_person_median: float


def people_lists(seed: int, records: int, *, folds: int = 0, cache: Path = CACHE) -> PeopleLists:
    """Two lists of people, a third of whom are in both, encoded with person-v1 as a member would.

    Kept in a file of the folder `cache`, and read from there where the same lists were made before.

    Args:
        seed: same seed, same lists.
        records: in each list.
        folds: `xor_folds` of the linkage schema; the filter has 1024 bits after folding, 1024 * 2**folds before.

    Raises:
        ModuleNotFoundError: the package `names` is not installed and the file is not there.
    """
    path = cache / f"people-{seed}-{records}-{folds}-{_maker()}.npz"
    if not path.is_file():
        lists = make_people_lists(np.random.default_rng(seed), records, folds=folds)
        cache.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft.npz")
        np.savez(draft, **vars(lists))
        draft.replace(path)
    with np.load(path) as arrays:
        return PeopleLists(**arrays)


def make_people_lists(rng: Generator, records: int, *, folds: int) -> PeopleLists:
    """What `people_lists` keeps; the same people and slips at any number of folds."""
    names, shared = read_names(), records // 3
    people = draw_people(rng, names, 2 * records - shared)
    order = rng.permutation(2 * records - shared).astype(np.int32)  # families are not kept together
    rows = rng.permutation(order[:records]), rng.permutation(order[records - shared :])
    left, right = (encode_people(write_down(rng, names, take(people, one)), folds=folds) for one in rows)
    return PeopleLists(left, right, *rows)


def encode_people(people: People, *, folds: int) -> Bits:
    """uint8 (n, 128): the CLKs that `encoder.table.encode_table` makes of the same cells."""
    return encode_columns([_used(people[field]) for field in FIELDS], read_recipe(_schema(folds), SECRET))


def likeness(lists: PeopleLists, rng: Generator) -> Likeness:
    """Measure what the lists are like."""
    counts = popcounts(np.concatenate([lists.left, lists.right]))
    left, right = rng.integers(len(lists.left), size=STRANGERS), rng.integers(len(lists.right), size=STRANGERS)
    differ = lists.left_person[left] != lists.right_person[right]
    strangers = _scores(lists.left[left[differ]], lists.right[right[differ]])
    _, both_left, both_right = np.intersect1d(lists.left_person, lists.right_person, return_indices=True)
    return Likeness(
        fill=float(counts.mean() / (lists.left.shape[1] * 8)),
        popcount_mean=float(counts.mean()),
        popcount_spread=float(counts.std()),
        strangers_mean=float(strangers.mean()),
        strangers_most=float(np.quantile(strangers, 0.999)),
        same_person_median=float(np.median(_scores(lists.left[both_left], lists.right[both_right]))),
    )


def _scores(left: Bits, right: Bits) -> NDArray[np.float64]:
    """float64 (n,): the Dice coefficients of row i with row i; 0.0 for two empty ones."""
    common = popcounts(left & right)
    total = popcounts(left) + popcounts(right)
    scores: NDArray[np.float64] = 2.0 * common / np.maximum(total, 1)
    return scores


def _used(column: Distinct) -> Distinct:
    """The column with those of its texts that some row has: few have all the names there are."""
    used, codes = np.unique(column.codes, return_inverse=True)
    return Distinct([column.texts[code] for code in used], codes.astype(np.int32))


def _schema(folds: int) -> dict[str, object]:
    definition = load_linkage_schema(SCHEMA).definition
    return definition | {"clkConfig": definition["clkConfig"] | {"xor_folds": folds}}


def _maker() -> str:
    """Eight digits that change with the sources and the schema that make the lists, so that no old file is read."""
    made_by = [Path(__file__), Path(__file__).with_name("people.py")]
    content = b"".join(path.read_bytes() for path in made_by) + canonical_json(load_linkage_schema(SCHEMA).definition)
    return hashlib.sha256(content).hexdigest()[:8]


def main() -> None:
    """Make the lists that the arguments name and print what they are like."""
    parser = argparse.ArgumentParser(description="Make two lists of people's CLKs, and say what they are like.")
    parser.add_argument("--records", type=int, default=100_000, help="records in each of the two lists")
    parser.add_argument("--folds", type=int, default=0, help="xor folds of the linkage schema")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=CACHE, help="where the lists are kept")
    options = parser.parse_args()
    start = time.process_time()
    lists = people_lists(options.seed, options.records, folds=options.folds, cache=options.folder)
    sys.stdout.write(f"cpu_seconds: {time.process_time() - start:.1f}\n")
    for name, value in asdict(likeness(lists, np.random.default_rng(options.seed))).items():
        sys.stdout.write(f"{name}: {value:.4g}\n")


if __name__ == "__main__":
    main()
