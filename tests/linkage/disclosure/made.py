"""Raw counts made by hand: tables with margins, and small co-ops written as pathways."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from linkage.events import Events
from linkage.pathways.count_tables import count_tables
from linkage.pathways.plan import Plan
from linkage.pathways.raw_counts import RawCounts, RawTable
from schemas import Agreement
from schemas.agreement import parse_agreement

NAMES = ("a", "b", "c", "d")
MINIMUM = 11
TOTAL = "all"


def table_agreement(**more: object) -> Agreement:
    """An agreement for one table; what table it is does not matter to disclosure control."""
    keys = "\n".join(f"{key} = {value!r}" for key, value in more.items()).replace("'", '"')
    return parse_agreement(
        'project = "p"\npurpose = "q"\nmembers = ["a", "b"]\ndata_level = "membership"\n'
        f'tables = ["set_pathway"]\n{keys}'
    )


def with_margins(inner: NDArray[np.int64], own: str = "") -> RawCounts:
    """A two- or three-way table with all its margins; each inner cell is an unknown.

    `own`: the place on the first axis whose counts member `a` knows by itself.
    """
    spans = [[*range(size), None] for size in inner.shape]
    keys, weights = [], []
    for place in product(*spans):
        mask = np.zeros(inner.shape, np.int32)
        mask[tuple(slice(None) if at is None else at for at in place)] = 1
        keys.append(("cell", *(TOTAL if at is None else str(at) for at in place)))
        weights.append(mask.ravel())
    names = ("x", "y", "z")[: inner.ndim]
    table = RawTable("set_pathway", "", names, ("people",), [(key[1:], (key,)) for key in keys])
    return RawCounts(
        keys,
        csr_array(np.array(weights)),
        inner.ravel().astype(np.int64),
        tables={"set_pathway": table},
        known={"a": frozenset(key for key in keys if key[1] == own)} if own else None,
    )


def random_inner(seed: int) -> NDArray[np.int64]:
    """Two- and three-way tables of few and of many people, with zeros; every third is three-way."""
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(2, 5, 3)) if seed % 3 == 0 else tuple(rng.integers(2, 7, 2))
    if seed % 3 == 0:
        shape = tuple(min(size, 3) for size in shape)
    scale = (6.0, 25.0, 90.0)[seed % 7 % 3]
    inner: NDArray[np.int64] = rng.poisson(rng.gamma(0.7, scale, size=shape)).astype(np.int64)
    return inner


def small_inner(seed: int) -> NDArray[np.int64]:
    """Two-way tables of three or four rows and columns, with a few small cells."""
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(3, 5, 2))
    inner: NDArray[np.int64] = rng.poisson(rng.gamma(1.2, (15.0, 30.0)[seed % 2], size=shape)).astype(np.int64)
    return inner


def coop(people: dict[str, int], *, members: int = 3, doubled: int = 0) -> Events:
    """Events of people per pathway (`a>b+c`), states being members; `doubled`: how many of each member's people are on
    its list twice."""
    person: list[int] = []
    member: list[int] = []
    start: list[int] = []
    record: list[int] = []
    left = dict.fromkeys(range(members), doubled)
    who = records = 0
    for path, number in people.items():
        for _ in range(number):
            for period, step in enumerate(path.split(">")):
                for name in step.split("+"):
                    at = NAMES.index(name)
                    for _ in range(2 if left[at] > 0 else 1):
                        person.append(who)
                        member.append(at)
                        start.append(period)
                        record.append(records)
                        records += 1
                    left[at] -= 1
            who += 1
    where, when = np.array(member, np.int64), np.array(start, np.int32)
    return Events(
        members=NAMES[:members],
        states=NAMES[:members],
        person=np.array(person, np.int64),
        member=where,
        record=np.array(record, np.int64),
        state=where,
        start=when,
        end=when,
        timed=True,
        is_open=np.zeros(len(where), bool),
    )


def counted(people: dict[str, int], tables: tuple[str, ...], *, members: int = 3, doubled: int = 0) -> RawCounts:
    """The raw counts of such a co-op."""
    plan = Plan(tables, pool_under=MINIMUM, first=0, last=9)
    return count_tables(coop(people, members=members, doubled=doubled), plan)
