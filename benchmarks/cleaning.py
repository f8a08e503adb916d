"""How well names that are not in ASCII are linked, beside names that are.

    python -m benchmarks.cleaning                 recall by script
    python -m benchmarks.cleaning --version-1     the same with names cleaned as in version 1: scripts, accents kept
    python -m benchmarks.cleaning --people 30000  more people at both members: smaller standard errors

Two members hold lists of the same made-up people and of some of their own. Half of the people have names in ASCII, the
others names of twelve groups (`names_in_scripts.toml`), which each member writes as it likes: in their own letters or
in one of the usual Latin spellings, drawn anew for every record. All records then get the same slips, empty cells,
moves and wrong dates (`people.py`; nicknames only where there are any: among the ASCII names). The threshold is found
from the data. Recall is the share of people at both members whose two records are linked; precision is of the linkage
as a whole.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.people import MISSPELT, People, draw_people, read_names, take, write_down
from encoder.cleaning.letters import words
from encoder.cleaning.names import FIRST_NAME, LAST_NAME
from encoder.distinct import Distinct, distinct
from encoder.hashing.clk import encode_columns
from encoder.hashing.clkhash_spec import read_recipe
from linkage.candidates.compare import compare_members
from linkage.clustering.people import find_people
from linkage.clustering.threshold import sample_strangers
from linkage.quality import score_linkage
from schemas import load_linkage_schema
from schemas.agreement import parse_agreement
from schemas.encodings import Bits

TABLES = Path(__file__).with_name("names_in_scripts.toml")
SECRET = b"a benchmark is no secret, is it?"
ASCII = "ascii"
HALF = 0.5  # of the people have ASCII names; and of the records of others are in their own letters
USUAL = 0.6  # of the Latin spellings are the usual one, the others share the rest
OWN_PEOPLE = 0.5  # people of one member only, for each at both
AGREEMENT = """
project = "Names"
purpose = "a benchmark"
members = ["one", "two"]
data_level = "membership"
linkage_schema = "person-v1"
tables = ["unduplicated"]
"""

Clean = Callable[[str], str]


@dataclass(frozen=True)
class Spelled:
    """A name in its own letters, and in Latin ones, the usual spelling first."""

    own: str
    latin: tuple[str, ...]

    def written(self, rng: Generator) -> str:
        """The name as somebody writes it."""
        if rng.random() < HALF:
            return self.own
        usual = len(self.latin) == 1 or rng.random() < USUAL
        return self.latin[0] if usual else self.latin[int(rng.integers(1, len(self.latin)))]


@dataclass(frozen=True)
class Group:
    """The names of one group of people."""

    name: str
    first: tuple[Spelled, ...]
    last: tuple[Spelled, ...]


def read_groups() -> list[Group]:
    """The groups of `names_in_scripts.toml`."""
    tables = tomllib.loads(TABLES.read_text(encoding="utf-8"))
    return [Group(name, _spelled(table["first"]), _spelled(table["last"])) for name, table in tables.items()]


def recall_by_group(people: int, seed: int, clean: Mapping[str, Clean]) -> tuple[dict[str, tuple[float, int]], float]:
    """Link two members' lists; recall and number of people for each group, and the linkage's precision.

    Args:
        people: how many are at both members.
        seed: of the people and of everything that happens to them.
        clean: how first and last names are cleaned.
    """
    rng = np.random.default_rng(seed)
    names, groups = read_names(), read_groups()
    everyone = draw_people(rng, names, int(people * (1 + 2 * OWN_PEOPLE)))
    count = len(everyone["sex"].codes)
    group = np.where(rng.random(count) < HALF, -1, rng.integers(len(groups), size=count))
    drawn = {field: rng.integers(1 << 30, size=count) for field in clean}
    half = (count - people) // 2
    rows = [np.r_[:people, people : people + half], np.r_[:people, people + half : people + 2 * half]]
    bits = []
    for own in rows:
        records = write_down(rng, names, take(everyone, own))
        for field in clean:
            written = _renamed(rng, records[field], group[own], drawn[field][own], groups, field)
            records[field] = written.mapped([clean[field](text) for text in written.texts])
        bits.append(_encoded(records))
    label, member, truth = _linked(bits, rows, rng)
    quality = score_linkage(member, truth, label)
    together = label[:people] == label[len(rows[0]) : len(rows[0]) + people]
    share = {
        (groups[number].name if number >= 0 else ASCII): (float(together[own].mean()), int(own.sum()))
        for number in range(-1, len(groups))
        if (own := group[:people] == number).any()
    }
    return share, quality.precision


def _renamed(
    rng: Generator,
    column: Distinct,
    group: NDArray[np.int64],
    drawn: NDArray[np.int64],
    groups: list[Group],
    field: str,
) -> Distinct:
    """The names of people of a group in place of their ASCII ones; what was empty stays empty."""
    texts = list(column.values())
    for row in np.flatnonzero(group >= 0).tolist():
        if texts[row]:
            its = groups[group[row]]
            choices = its.first if field == "first_name" else its.last
            written = choices[drawn[row] % len(choices)].written(rng)
            texts[row] = _misspelt(rng, written) if rng.random() < MISSPELT[field] else written
    return distinct(texts)


def _misspelt(rng: Generator, text: str) -> str:
    """One slip that any script allows: a letter left out, doubled, or exchanged with the next."""
    place, slip = int(rng.integers(len(text))), int(rng.integers(3))
    if slip == 0 and len(text) > 1:
        return text[:place] + text[place + 1 :]
    if slip == 1:
        return text[:place] + text[place] + text[place:]
    return text[:place] + text[place : place + 2][::-1] + text[place + 2 :]


def _encoded(records: People) -> Bits:
    recipe = read_recipe(load_linkage_schema("person-v1").definition, SECRET)
    return encode_columns(list(records.values()), recipe)


def _linked(
    bits: list[Bits], rows: list[NDArray[np.int64]], rng: Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Each record's group as found, its member, and its person."""
    agreement = parse_agreement(AGREEMENT)
    strangers = sample_strangers(bits, agreement, rng)
    graph = compare_members(bits, strangers.floor)
    people = find_people(graph, bits, agreement, strangers, rng)
    member = np.repeat(np.arange(len(rows)), [len(own) for own in rows])
    return people.groups.label, member, np.concatenate(rows)


def _spelled(text: str) -> tuple[Spelled, ...]:
    entries = [entry.split("=") for line in text.strip().splitlines() for entry in line.split("|")]
    return tuple(Spelled(own, tuple(latin.split(","))) for own, latin in entries)


VERSIONS: Mapping[int, Mapping[str, Clean]] = {
    1: {"first_name": words, "last_name": words},
    2: {"first_name": lambda text: FIRST_NAME(text)[0], "last_name": lambda text: LAST_NAME(text)[0]},
}


def main() -> None:
    """Measure, and print Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=12_000, help="people at both members")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--version-1", action="store_true", help="clean names as version 1 did")
    given = parser.parse_args()
    share, precision = recall_by_group(given.people, given.seed, VERSIONS[1 if given.version_1 else 2])
    ascii_recall = share[ASCII][0]
    others = [(recall, count) for name, (recall, count) in share.items() if name != ASCII]
    mean = sum(recall * count for recall, count in others) / sum(count for _, count in others)
    print("| names | people | recall | points under ASCII | standard error |\n|---|---|---|---|---|")
    total = sum(count for _, count in others)
    for name, (recall, count) in [*share.items(), ("all that are not ASCII", (mean, total))]:
        error = 100 * (recall * (1 - recall) / count) ** 0.5
        print(f"| {name} | {count:,} | {recall:.4f} | {100 * (ascii_recall - recall):.1f} | {error:.1f} |")
    print(f"\nprecision of the linkage: {precision:.4f}")


if __name__ == "__main__":
    main()
