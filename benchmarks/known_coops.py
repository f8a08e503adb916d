"""Co-ops whose truth is known, made up in memory: people, who is at which member, and their noisy records as CLKs.

Each differs in what makes linking hard: how many members and people, how many are at several members, how noisy the
lists are and how unlike each other in that, whether families go to one place, whether some people's records are all
bad, how often the filters are folded.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.datasets import encode_people
from benchmarks.people import Names, draw_people, take, write_down
from schemas import Agreement
from schemas.agreement import parse_agreement
from schemas.encodings import Bits
from schemas.linkage_schema import linkage_schema

Labels = NDArray[np.int64]

EVEN_SIZES = 4.0  # of a Dirichlet distribution: the largest of four members has some two times the least one's people
FAMILY = 3  # neighbours by row are families; where they keep together, so many at a time
DIRTIER = 4.0  # times as much noise in the records of people whose records are all bad
AGREEMENT = """
project = "Known"
purpose = "Measure"
members = {members}
data_level = "period"
period = "month"
tables = ["unduplicated", "set_pathway", "overlap_pairs"]
"""


@dataclass(frozen=True)
class Spec:
    """What a co-op is like.

    Attributes:
        seed: same numbers, same co-op.
        people, members: how many.
        overlap: chance of a person to be at another member too, on average over the pairs of members.
        noise: times the usual slips, moves and empty cells.
        unlike: standard deviation of the logarithm of a member's own factor on that.
        dirty: share of people whose records are DIRTIER everywhere: their disagreements come in company.
        families: whether families have one main member.
        twice: share of a member's people that it has twice.
        folds: xor folds of the linkage schema.
    """

    seed: int
    people: int = 8000
    members: int = 4
    overlap: float = 0.3
    noise: float = 1.0
    unlike: float = 0.0
    dirty: float = 0.0
    families: bool = False
    twice: float = 0.02
    folds: int = 2

    def as_dict(self) -> dict[str, object]:
        """For a result file."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class KnownCoop:
    """A co-op's encodings with its truth.

    Attributes:
        agreement: names the members m0, m1, ...
        bits: each member's CLKs, uint8 (n, 128).
        person: each member's int64 (n,); whose each record is.
    """

    agreement: Agreement
    bits: list[Bits]
    person: list[Labels]

    @property
    def truth(self) -> Labels:
        """int64 (records,): the person of each record, over all members."""
        return np.concatenate(self.person)

    @property
    def member(self) -> Labels:
        """int64 (records,): whose each record is."""
        return np.repeat(np.arange(len(self.bits)), [len(one) for one in self.bits])


def make_known_coop(spec: Spec, names: Names) -> KnownCoop:
    """Make the co-op of a spec."""
    rng = np.random.default_rng(spec.seed)
    people = draw_people(rng, names, spec.people)
    at = _draw_members(rng, spec)
    factors = np.exp(rng.normal(0.0, spec.unlike, spec.members)) if spec.unlike else np.ones(spec.members)
    dirty = rng.random(spec.people) < spec.dirty
    bits, person = [], []
    for member in range(spec.members):
        who = np.flatnonzero(at[:, member])
        who = np.concatenate([who, who[rng.random(len(who)) < spec.twice]])
        kinds = (who[~dirty[who]], spec.noise), (who[dirty[who]], spec.noise * DIRTIER)
        written = [
            encode_people(write_down(rng, names, take(people, some), noise * factors[member]), folds=spec.folds)
            for some, noise in kinds
            if len(some)
        ]
        order = rng.permutation(len(who))
        bits.append(np.concatenate(written)[order])
        person.append(np.concatenate([some for some, _ in kinds])[order])
    return KnownCoop(agreement_of(spec.members, spec.folds), bits, person)


def agreement_of(members: int, folds: int) -> Agreement:
    """An agreement of that many members, with a linkage schema of that many xor folds."""
    agreement = parse_agreement(AGREEMENT.format(members=json.dumps([f"m{number}" for number in range(members)])))
    definition = dict(agreement.linkage_schema.definition)
    definition["clkConfig"] = definition["clkConfig"] | {"xor_folds": folds}
    return replace(agreement, linkage_schema=linkage_schema(definition, name=f"person-v1, {folds} folds"))


def _draw_members(rng: Generator, spec: Spec) -> NDArray[np.bool_]:
    """bool (people, members): who is where. Everybody has a main member; some pairs of members share more people."""
    sizes = rng.dirichlet(np.full(spec.members, EVEN_SIZES))
    main = rng.choice(spec.members, spec.people, p=sizes)
    if spec.families:
        main = main[np.arange(spec.people) // FAMILY]
    nearness = rng.uniform(0.3, 1.7, (spec.members, spec.members))
    chance = spec.overlap * (nearness + nearness.T) / 2
    at: NDArray[np.bool_] = rng.random((spec.people, spec.members)) < chance[main]
    at[np.arange(spec.people), main] = True
    return at


def people_by_set(member: Labels, label: Labels, members: int) -> dict[tuple[int, ...], int]:
    """How many people are at exactly each set of members."""
    person = np.unique(label, return_inverse=True)[1]
    at = np.zeros((person.max() + 1, members), np.bool_)
    at[person, member] = True
    sets, people = np.unique(at, axis=0, return_counts=True)
    return {tuple(np.flatnonzero(one).tolist()): int(count) for one, count in zip(sets, people, strict=True)}


def pairs_across(member: Labels, label: Labels, between: Sequence[int] | None = None) -> int:
    """How many pairs of records of two members have one label; `between`: of these two members alone."""
    if between is not None:
        kept = np.isin(member, between)
        member, label = member[kept], label[kept]
    both = np.unique(np.stack([label, member]), axis=1, return_counts=True)[1]
    all_of = np.unique(label, return_counts=True)[1]
    return int((all_of * (all_of - 1) // 2).sum() - (both * (both - 1) // 2).sum())
