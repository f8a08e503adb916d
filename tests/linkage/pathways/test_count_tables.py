"""Every table equals the brute-force oracle, whatever the histories."""

from __future__ import annotations

import pytest

from linkage.pathways.count_tables import MAKERS, count_tables
from schemas import Level, Unit
from schemas.tables import TABLE_LEVELS
from tests.linkage.pathways.evaluate import rows_of
from tests.linkage.pathways.random_coops import random_coop

COOPS = 400  # of each unit; up to twelve people each
BY_PERIOD = tuple(name for name in MAKERS if TABLE_LEVELS[name] is not Level.DAY)


@pytest.mark.parametrize("unit", [Unit.MONTH, Unit.QUARTER, Unit.DAY])
def test_every_table_equals_the_oracle(unit: Unit) -> None:
    tables = tuple(MAKERS) if unit is Unit.DAY else BY_PERIOD
    people = 0
    for seed in range(COOPS):
        coop = random_coop(seed, unit)
        events = coop.events
        oracle, raw = coop.oracle(events), count_tables(events, coop.plan(*tables))
        people += len(oracle.people)
        for table in tables:
            assert rows_of(raw, table) == getattr(oracle, table)(), (table, seed)
        assert not (raw.identities @ raw.people).any()
        if len(raw.people):
            assert raw.people.min() >= 0
        for key, persons in zip(raw.keys, raw.persons.tolist(), strict=True):
            if key[0] == "move":
                assert persons == oracle.movers(*key[1:]), (key, seed)
    assert people > 3 * COOPS
