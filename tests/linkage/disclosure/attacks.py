"""Made-up tables and histories, protected and then attacked: what the attacker finds must be nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from linkage.disclosure.ledger import Basis, PastRelease
from linkage.disclosure.protect import Protected, protect
from linkage.errors import ReleaseRefused
from tests.linkage.disclosure.attacker import TOTAL, Attacker, Published
from tests.linkage.disclosure.made import MINIMUM, random_inner, small_inner, table_agreement, with_margins

BASIS = Basis("run", "", ("a", "b"), "none", "member", "", "", "")
RELEASES = 3  # of one history
OWN = "0"  # the member's own row: the first of the first axis
SMALL_ONES = 3  # of how many hidden cells it is tried in turn that they are the small one
STEPS, FEW_MOVED = 1500, 6  # tables made near others that give the same release; most do not fit and cost nothing
LOWER_FIRST = 15  # a minimum that a first release has, so that a second one shows more


@dataclass(frozen=True)
class Attacked:
    """What came of one table or history.

    Attributes:
        found: what the attacker worked out, narrowed or proved small.
        cells, hidden: how many there were, over all releases.
        refused: releases that were not made.
    """

    found: tuple[str, ...]
    cells: int
    hidden: int
    refused: int = 0


def published(made: Protected) -> Published:
    """The cells by place."""
    return {keys: cells[0].value for keys, cells in made.tables["set_pathway"].rows}


def attack_table(seed: int) -> Attacked:
    """A table, attacked by somebody outside."""
    try:
        shown = published(protect(with_margins(random_inner(seed)), table_agreement()))
    except ReleaseRefused:  # such as one small count among zeros: nothing else can be what is hidden
        return _attacked([], [], refused=1)
    return _attacked(Attacker([shown], MINIMUM).narrowed(), [shown])


def attack_as_member(seed: int) -> Attacked:
    """A table, attacked by a member to whom its first row belongs."""
    raw = with_margins(random_inner(seed), own=OWN)
    try:
        shown = published(protect(raw, table_agreement()))
    except ReleaseRefused:  # such as one small count beside the member's own: it must be what is hidden
        return _attacked([], [], refused=1)
    values = dict(zip((key[1:] for key in raw.keys), (raw.weights @ raw.people).tolist(), strict=True))
    attacker = Attacker([shown], MINIMUM)
    for place in shown:
        if place[0] == OWN:
            attacker.know(place, values[place])
    return _attacked(attacker.narrowed(), [shown])


def attack_history(seed: int) -> Attacked:
    """Releases of a co-op that grows, loses people, or is released again; the attacker has all of them."""
    ledger: list[PastRelease] = []
    of_run: dict[str, list[Published]] = {}
    found: list[str] = []
    refused = 0
    for step, (run, inner, minimum) in enumerate(_history(seed)):
        basis = replace(BASIS, run=run)
        try:
            made = protect(
                with_margins(inner), table_agreement(minimum_cell=minimum), basis=basis, ledger=tuple(ledger)
            )
        except ReleaseRefused:
            refused += 1
            continue
        now = published(made)
        for past in ledger:
            if past.basis != basis:
                found += [f"release {step} shows a few more at {cell}" for cell in few_changes(_told(past), now)]
        of_run.setdefault(run, []).append(now)
        found += Attacker(of_run[run], MINIMUM).narrowed(may_have_changed=step > 0)
        ledger.append(PastRelease(basis, "cms11", {("set_pathway", keys, "people"): v for keys, v in now.items()}))
    return _attacked(found, [one for shown in of_run.values() for one in shown], refused)


def replay_table(seed: int) -> tuple[int, int, int, int]:
    """A reader who has this very programme runs it on other tables that agree with what was published.

    Those tables are the ones with the least and the most in each hidden cell, and then ones near those that gave the
    same release. Where the programme would not have published the same of one, it is none.

    Returns:
        How many cells are hidden, how many other tables were tried, how many give the same release, and in how many
        hidden cells these and the truth lie less than the minimum - 1 apart. Fewer would be left by more tables tried.
    """
    rng = np.random.default_rng(seed)
    inner = small_inner(seed)
    shown = published(protect(with_margins(inner), table_agreement()))
    attacker = Attacker([shown], MINIMUM)
    tried = {tuple(inner.ravel().tolist())}
    same = [inner.ravel()]

    def try_out(world: NDArray[np.int64]) -> None:
        if tuple(world.tolist()) in tried or not attacker.allows(world.astype(np.float64)):
            return
        tried.add(tuple(world.tolist()))
        try:
            again = published(protect(with_margins(world.reshape(inner.shape)), table_agreement()))
        except ReleaseRefused:
            return
        if again == shown:
            same.append(world)

    for place in attacker.hidden:
        for small in attacker.hidden[:SMALL_ONES]:
            for world in attacker.worlds(place, small):
                try_out(world.astype(np.int64))
    for _ in range(STEPS):
        try_out(_near(rng, same[rng.integers(len(same))].reshape(inner.shape)).ravel())
    cells = np.array([[attacker.rows[place] @ one for one in same] for place in attacker.hidden]).reshape(-1, len(same))
    narrow = int((np.ptp(cells, axis=1) < MINIMUM - 1).sum()) if cells.size else 0
    return len(attacker.hidden), len(tried) - 1, len(same) - 1, narrow


def _near(rng: np.random.Generator, inner: NDArray[np.int64]) -> NDArray[np.int64]:
    """A two-way table with a few people more or fewer in one cell, or exchanged among two or four."""
    rows, columns = (rng.choice(size, 2, replace=False) for size in inner.shape)
    people, other = int(rng.integers(-FEW_MOVED, FEW_MOVED + 1)), inner.copy()
    corners = rng.integers(3)
    other[rows[0], columns[0]] += people
    if corners != 1:
        other[rows[0], columns[1]] -= people
    if corners == 2:
        other[rows[1], columns[0]] -= people
        other[rows[1], columns[1]] += people
    return other


def few_changes(before: Published, now: Published) -> list[tuple[str, ...]]:
    """The cells, and remainders of one cell over another, whose change by a few people both releases show."""
    change = {
        place: value - old
        for place, value in now.items()
        if value is not None and (old := before.get(place)) is not None
    }
    found = [place for place, few in change.items() if 0 < abs(few) < MINIMUM]
    for whole in change:
        for part in change:
            inside = part != whole and all(w in (TOTAL, p) for p, w in zip(part, whole, strict=True))
            if inside and 0 < abs(change[whole] - change[part]) < MINIMUM:
                found.append((*whole, "less", *part))
    return found


def _history(seed: int) -> Iterator[tuple[str, NDArray[np.int64], int]]:
    """Run, table and minimum of each release of a history."""
    rng = np.random.default_rng(seed)
    inner, run, minimum = random_inner(3 * seed + 1 + seed % 2), 0, MINIMUM
    for _ in range(RELEASES):
        what = rng.choice(["more", "fewer", "member leaves", "again"])
        yield f"run {run}", inner, LOWER_FIRST if what == "again" else minimum
        if what == "again":  # of the same people, with a lower minimum
            continue
        run += 1
        few = rng.poisson(0.7, inner.shape) * (rng.random(inner.shape) < 0.5)
        if what == "member leaves":
            inner = inner.copy()
            inner[rng.integers(len(inner))] = 0
        elif what == "fewer":
            inner = np.maximum(inner - few, 0)
        else:
            inner = inner + few
            inner.ravel()[rng.integers(inner.size)] += 25


def _told(past: PastRelease) -> Published:
    return {keys: None if value is None else round(value) for (_, keys, _), value in past.cells.items()}


def _attacked(found: list[str], shown: list[Published], refused: int = 0) -> Attacked:
    cells = [value for one in shown for value in one.values()]
    return Attacked(tuple(found), len(cells), sum(value is None for value in cells), refused)
