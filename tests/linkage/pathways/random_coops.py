"""Random people with ugly histories: open ends, equal starts, overlaps, gaps at the limit, the window's edge."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

import numpy as np

from linkage.events import Events, gather_events
from linkage.pathways.plan import Plan
from schemas import Agreement, Services, Unit
from schemas.agreement import State, parse_agreement
from schemas.pathways_asked import Group, PathAsked
from schemas.services import OPEN_END
from tests.linkage.pathways.oracle import Asked, Oracle, Record

MEMBERS = ("clinic", "shelter", "training")
SERVICES = ("bed", "meal", "talk")
NEW_YEAR = {Unit.MONTH: 636, Unit.QUARTER: 212, Unit.DAY: 19358}  # 2023-01-01
SPAN = {Unit.MONTH: 9, Unit.QUARTER: 5, Unit.DAY: 70}  # so short that everything collides
LENGTHS = {Unit.MONTH: (0, 0, 1, 4), Unit.QUARTER: (0, 0, 1, 2), Unit.DAY: (0, 0, 1, 3, 9, 40)}
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Coop:
    """Records, what is asked of them, and the agreement that asks it."""

    records: tuple[Record, ...]
    asked: Asked
    agreement: Agreement

    @property
    def events(self) -> Events:
        """As they come out of members' files and link maps."""
        return events_of(self.agreement, self.records)

    def oracle(self, events: Events) -> Oracle:
        """What brute force says."""
        return Oracle(list(self.records), self.asked, list(MEMBERS), list(events.states))

    def plan(self, *tables: str) -> Plan:
        """The same questions, for these tables."""
        a = self.asked
        return Plan(
            tables,
            Unit(a.unit),
            a.by_member,
            first=a.first,
            last=a.last,
            as_of=a.as_of,
            gap=a.gap,
            return_after=a.return_after,
            follow_up=a.follow_up,
            paths=tuple(
                PathAsked(path, -1 if days is None else days, mode == "direct") for path, days, mode in a.paths
            ),
            groups=tuple(Group(name, pathways) for name, pathways in a.groups),
        )


def random_coop(seed: int, unit: Unit) -> Coop:
    """A co-op of up to a dozen people, and a window, an as-of day and limits that cut through their histories."""
    rng = random.Random(seed)  # noqa: S311 - histories, no secrets
    first, span = NEW_YEAR[unit], SPAN[unit]
    records = []
    for person in range(rng.choice([0, 1, 3, 8, 12, 12])):
        for _ in range(rng.choice([1, 1, 2, 3, 6, 12])):
            member, client = rng.choice(MEMBERS), 10 * person + rng.choice([0, 0, 1])
            start = first + rng.randrange(span)
            if rng.random() < 0.3 and records:  # at the same time as somebody, or right at the end of a gap
                start = records[-1].start + rng.choice([0, 6, 7, 8, 14, 15, 16]) * (unit is Unit.DAY)
            end = None if rng.random() < 0.2 else start + rng.choice(LENGTHS[unit])
            records.append(Record(person, member, client, rng.choice(SERVICES), start, end))
    asked = _asked(rng, unit, first, span)
    return Coop(tuple(records), asked, agreement_of(asked))


def _asked(rng: random.Random, unit: Unit, first: int, span: int) -> Asked:
    window_first = rng.choice([None, first, first + span // 3])
    window_last = rng.choice([None, first + span // 2, first + span - 1, first + 2 * span])
    as_of = rng.choice([None, None, first + span // 2, first + span - 1, first + 2 * span])
    days, by_member = unit is Unit.DAY, rng.random() < 0.5
    names = MEMBERS if by_member else SERVICES
    return Asked(
        unit=unit.value,
        by_member=by_member,
        first=window_first,
        last=window_last,
        as_of=as_of,
        gap=rng.choice([1, 2, 7, 20]) if days else 1,
        follow_up=rng.choice([1, 7, 20, 40, 730]) if days else 730,
        paths=tuple({_path(rng, names, days) for _ in range(4)}),
        groups=_groups(rng, names),
    )


def _path(rng: random.Random, names: tuple[str, ...], days: bool) -> tuple[tuple[str, ...], int | None, str]:
    path = tuple(rng.choice(names) for _ in range(rng.choice([1, 2, 2, 3, 3, 4])))
    return path, rng.choice([None, 0, 1, 7, 30]) if days else None, rng.choice(["loose", "direct"])


def _groups(rng: random.Random, names: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    a, b, c = rng.sample(names, 3)
    pathways = [f"{a}+{b}", f"{b}>{a}", a, f"{c}>{b}+{a}", f"{a}>{b}>{c}", f"{c}+{b}+{a}", "nobody", f"{b}>nobody"]
    rng.shuffle(pathways)
    return ("one", tuple(pathways[:3])), ("two", tuple(pathways[3:5]))


@cache
def _agreement(unit: str) -> Agreement:
    level = 'data_level = "day"' if unit == "day" else f'data_level = "period"\nperiod = "{unit}"'
    return parse_agreement(
        f'project = "p"\npurpose = "q"\nmembers = ["clinic", "shelter", "training"]\n{level}\ntables = ["set_pathway"]'
    )


def agreement_of(asked: Asked) -> Agreement:
    """The agreement that asks the same."""
    return replace(
        _agreement(asked.unit),
        state=State.MEMBER if asked.by_member else State.SERVICE,
        window_start=None if asked.first is None else day_of(asked.first, asked.unit),
        window_end=None if asked.last is None else day_of(asked.last + 1, asked.unit),
        as_of=None if asked.as_of is None else day_of(asked.as_of, asked.unit),
    )


def day_of(index: int, unit: str) -> date:
    """The first day of a period."""
    if unit == "day":
        return _EPOCH + timedelta(days=index)
    month = index * (3 if unit == "quarter" else 1)
    return date(1970 + month // 12, month % 12 + 1, 1)


def events_of(agreement: Agreement, records: tuple[Record, ...]) -> Events:
    """The records as members' files and a link map, with link ids that are neither small nor in order."""
    lists, tokens, people = [], [], []
    for number, member in enumerate(MEMBERS):
        mine = [record for record in records if record.member == member]
        clients = sorted({record.client for record in mine})
        known = np.random.default_rng(number).integers(0, 256, (len(clients), 16), dtype=np.uint8)
        names = tuple(sorted({record.service for record in mine}))
        lists.append(
            Services(
                known[[clients.index(record.client) for record in mine]].reshape(-1, 16),
                np.array([names.index(record.service) for record in mine], np.uint16),
                names,
                agreement.unit,
                np.array([record.start for record in mine], np.int32),
                np.array([OPEN_END if record.end is None else record.end for record in mine], np.int32),
            )
        )
        tokens.append(known)
        people.append(np.array([900_000_007 - 13 * (client // 10) for client in clients], np.int64))
    return gather_events(agreement, lists, tokens, people)
