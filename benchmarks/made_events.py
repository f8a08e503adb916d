"""Service records of a made-up co-op, linked without error: what disclosure control is timed and tried on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from linkage.events import Events

PERIODS = 24  # two years of months


def made_events(seed: int, *, people: int, members: int) -> Events:
    """Each person's stays at members, month by month: popular members, and ways between them that many take.

    Most people stay once or twice; nearly every member has a few people whom it has on its list twice.
    """
    rng = np.random.default_rng(seed)
    liked = 1 / np.arange(1, members + 1) ** 0.7
    ways = rng.gamma(0.3, size=(members, members)) * liked
    np.fill_diagonal(ways, liked / 4)
    ways /= ways.sum(axis=1, keepdims=True)
    stays = np.minimum(rng.geometric(0.6, people), 7)
    person: list[int] = []
    member: list[int] = []
    start: list[int] = []
    end: list[int] = []
    for who in range(people):
        at, period = int(rng.choice(members, p=liked / liked.sum())), int(rng.integers(PERIODS))
        for _ in range(stays[who]):
            if period >= PERIODS:
                break
            last = min(period + int(rng.geometric(0.5)) - 1, PERIODS - 1)
            person.append(who)
            member.append(at)
            start.append(period)
            end.append(last)
            period = last + int(rng.integers(0, 4))
            at = int(rng.choice(members, p=ways[at]))
    whose, where = np.array(person, np.int64), np.array(member, np.int64)
    names = tuple(f"m{number:02d}" for number in range(members))
    record = _records(rng, whose, where, members)
    return Events(
        members=names,
        states=names,
        person=whose,
        member=where,
        record=record,
        state=where,
        start=np.array(start, np.int32),
        end=np.array(end, np.int32),
        timed=True,
        is_open=np.zeros(len(whose), bool),
    )


def _records(
    rng: np.random.Generator, person: NDArray[np.int64], member: NDArray[np.int64], members: int
) -> NDArray[np.int64]:
    """The client record of each stay: one a person and member, now and then two."""
    twice = (rng.random(len(person)) < 0.02).astype(np.int64)
    _, record = np.unique((person * members + member) * 2 + twice, return_inverse=True)
    numbers: NDArray[np.int64] = record.astype(np.int64)
    return numbers
