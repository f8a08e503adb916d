"""How far lists could be linked: by brute force, and what hangs together with the other tables."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from linkage.pathways.count_tables import count_again, count_tables
from linkage.pathways.link_facts import LinkFacts
from schemas import Unit
from tests.linkage.pathways.evaluate import rows_of, values_of
from tests.linkage.pathways.random_coops import MEMBERS, Coop, random_coop


def facts_for(coop: Coop) -> tuple[LinkFacts, dict[tuple[str, int], int]]:
    """Bits of every client record, and the same by member and client."""
    clients = sorted({(MEMBERS.index(one.member), one.client) for one in coop.records})
    bits = np.random.default_rng(1).integers(70, 110, len(clients))
    scores = np.array([40, 3, 25]), np.array([50, 2, 9])
    facts = LinkFacts(bits.astype(np.int64), ("0.66-0.68", "0.68-0.70", "0.98-1.00"), *scores)
    return facts, {(MEMBERS[at], client): int(set_) for (at, client), set_ in zip(clients, bits, strict=True)}


@pytest.mark.parametrize("unit", [Unit.MONTH, Unit.DAY])
def test_people_by_how_full_their_records_are_equal_brute_force(unit: Unit) -> None:
    seen = 0
    for seed in range(60):
        coop = random_coop(seed, unit)
        if not coop.records:
            continue
        facts, bits = facts_for(coop)
        events = coop.events
        raw = count_tables(events, coop.plan("link_quality", "unduplicated"), facts)
        usual = float(np.median(list(bits.values())))
        people = coop.oracle(events).people.values()
        want: Counter[tuple[str, str]] = Counter()
        for theirs in people:
            at = {record.member for record in theirs}
            for name in at:
                full = max(bits[name, record.client] for record in theirs if record.member == name) / usual
                band = "95 % or more" if full >= 0.95 else "85 to 95 %" if full >= 0.85 else "under 85 %"
                want[name, f"{band}, {'linked' if len(at) > 1 else 'not linked'}"] += 1
        rows = {keys: row for keys, row in rows_of(raw, "link_quality").items() if keys[0] == "complete"}
        assert {(keys[1], keys[2]): row[0] for keys, row in rows.items() if row[0]} == dict(want), seed
        assert not (raw.identities @ raw.people).any()
        seen += sum(want.values())
    assert seen > 300


def test_pairs_by_score_are_shown_as_they_are_and_say_how_many_people_are_behind_them() -> None:
    coop = random_coop(3, Unit.MONTH)
    raw = count_tables(coop.events, coop.plan("link_quality"), facts_for(coop)[0])
    scores = {keys[2]: row for keys, row in rows_of(raw, "link_quality").items() if keys[0] == "score"}
    assert scores == {"0.66-0.68": (40, None), "0.68-0.70": (3, None), "0.98-1.00": (25, None)}
    persons = dict(zip(raw.keys, raw.persons.tolist(), strict=True))
    assert [persons["score", band] for band in scores] == [40, 2, 9]


def test_a_member_knows_how_full_its_own_records_are_and_not_who_is_elsewhere() -> None:
    coop = random_coop(3, Unit.MONTH)
    raw = count_tables(coop.events, coop.plan("link_quality"), facts_for(coop)[0])
    known = raw.known["clinic"]
    values = values_of(raw)
    for band in ("95 % or more", "85 to 95 %", "under 85 %"):
        both = sum(values["complete", "clinic", band, how] for how in ("yes", "no"))
        assert values["filled", "clinic", band] == both
        assert ("filled", "clinic", band) in known
        assert ("filled", "shelter", band) not in known
    assert not {key for key in known if key[0] in ("linked", "complete", "at members", "score")}


def test_counting_again_leaves_pairs_as_they_are() -> None:
    coop = random_coop(5, Unit.MONTH)
    asked, facts = coop.plan("link_quality"), facts_for(coop)[0]
    raw = count_tables(coop.events, asked, facts)
    assert count_again(raw, coop.events, asked, facts).tolist() == (raw.weights @ raw.people).tolist()
