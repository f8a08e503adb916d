"""What counts are at another cut, counted of those alone whom the cut makes other people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.pathways.count_tables import MAKERS, count_again, count_tables
from linkage.pathways.recount import changed_people, recount
from schemas import Unit
from tests.linkage.pathways.against_oracle import BY_PERIOD
from tests.linkage.pathways.evaluate import values_of
from tests.linkage.pathways.random_coops import MEMBERS, random_coop
from tests.linkage.pathways.test_properties import EVENTS, events_of, plan

OTHER = st.lists(st.integers(0, 5), min_size=25, max_size=25)


@settings(max_examples=80, deadline=None)
@given(EVENTS, OTHER, st.integers(1, 3), st.booleans())
def test_what_changed_alone_gives_what_all_give(rows, other, pool_under, windowed) -> None:
    events = events_of(rows)
    asked = plan(pool_under=pool_under, **({} if windowed else {"first": None, "last": None}))
    raw = count_tables(events, asked)
    regrouped = np.where(np.arange(len(rows)) % 3 > 0, events.person, np.array(other[: len(rows)], np.int64))
    recount(raw, events, asked, [regrouped, events.person])
    assert raw.recounts[0].tolist() == count_again(raw, replace(events, person=regrouped), asked).tolist()
    assert raw.recounts[1].tolist() == (raw.weights @ raw.people).tolist()


@pytest.mark.parametrize("unit", [Unit.MONTH, Unit.DAY])
def test_recounts_equal_brute_force_on_the_regrouped_records(unit: Unit) -> None:
    tables = tuple(MAKERS) if unit is Unit.DAY else BY_PERIOD
    compared = different = 0
    for seed in range(40):
        coop = random_coop(seed, unit)
        events, asked = coop.events, coop.plan(*tables)
        clients = sorted({(MEMBERS.index(one.member), one.client) for one in coop.records})
        rng = np.random.default_rng(seed)
        apart = {one: int(rng.integers(5)) if rng.random() < 0.3 else 100 + one[1] // 10 for one in clients}
        raw = count_tables(events, asked)
        recount(raw, events, asked, [np.array([apart[one] for one in clients], np.int64)])
        regrouped = [replace(one, person=apart[MEMBERS.index(one.member), one.client]) for one in coop.records]
        oracle = replace(coop, records=tuple(regrouped)).oracle(events)
        was, now = values_of(raw), dict(zip(raw.keys, raw.recounts[0].tolist(), strict=True))
        for name in tables:
            want = getattr(oracle, name)()
            for keys, entries in raw.tables[name].rows:
                for at, key in enumerate(entries):
                    if isinstance(key, tuple):
                        assert now[key] == (want[keys][at] if keys in want else 0), (seed, name, keys)
                        compared, different = compared + 1, different + (now[key] != was[key])
    assert compared > 1000
    assert different > 100


def test_whose_events_are_the_same_are_not_counted_again() -> None:
    person = np.array([7, 7, 3, 4, 5, 5, 9])
    other = np.array([1, 1, 2, 2, 8, 6, 0])
    assert changed_people(person, other).tolist() == [False, False, True, True, True, True, False]
