"""One random co-op counted twice: by waylink and by the brute-force oracle."""

from __future__ import annotations

from linkage.pathways.count_tables import MAKERS, count_tables
from schemas import Level, Unit
from schemas.tables import TABLE_LEVELS
from tests.linkage.pathways.evaluate import rows_of
from tests.linkage.pathways.random_coops import random_coop

BY_PERIOD = tuple(name for name in MAKERS if TABLE_LEVELS[name] is not Level.DAY)


def disagreements(seed: int, unit: Unit) -> tuple[int, list[str]]:
    """How many histories a random co-op has, and every table (and count behind it) that is not as the oracle's."""
    tables = tuple(MAKERS) if unit is Unit.DAY else BY_PERIOD
    coop = random_coop(seed, unit)
    events = coop.events
    oracle, raw = coop.oracle(events), count_tables(events, coop.plan(*tables))
    found = [f"{table}, seed {seed}" for table in tables if rows_of(raw, table) != getattr(oracle, table)()]
    if (raw.identities @ raw.people).any():
        found.append(f"identities, seed {seed}")
    if raw.people.min(initial=0) < 0:
        found.append(f"people, seed {seed}")
    for key, persons in zip(raw.keys, raw.persons.tolist(), strict=True):
        if key[0] == "move" and persons != oracle.movers(*key[1:]):
            found.append(f"{key}, seed {seed}")
    return len(oracle.people), found
