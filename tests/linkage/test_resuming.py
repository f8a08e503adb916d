"""A run that was stopped goes on from what it kept, and ends as if it had never been."""

import itertools

import numpy as np
import pytest

from linkage import comparing, link
from linkage.candidates import tiles
from linkage.candidates.estimate import Estimate
from linkage.comparing import CHOICE, compare_as_agreed
from schemas import Compare
from tests.linkage.coops import small_agreement, small_coop
from tests.linkage.kept_in_memory import Kept, KeptUntil, Stopped
from tests.linkage.test_comparing import FLOOR, lists

pytestmark = pytest.mark.usefixtures("few_draws")
WAYS = {
    "exact": 'compare = "exact"',
    "auto": 'compare = "auto"\nthreshold = "auto"',
    "search": 'compare = "lsh"',
    "greedy": 'compare = "exact"\nclustering = "greedy"',
}


def same_bytes(count):
    """Random bytes that are the same at each call."""
    return np.random.default_rng(8).bytes(count)


def outcome(linked):
    """All that a run found, in a form that compares."""
    graph = linked.compared.graph
    return {
        "members": linked.members,
        "groups": linked.groups.label.tolist(),
        "maps": [(one.tokens.tobytes(), one.link_ids.tobytes()) for one in linked.link_maps],
        "threshold": linked.threshold,
        "strangers": linked.strangers,
        "pairs": [column.tolist() for column in (graph.left, graph.right, graph.score)],
        "comparison": linked.compared.as_dict(),
        "selfcheck": linked.selfcheck,
    }


@pytest.mark.parametrize("way", WAYS)
def test_a_run_stopped_at_any_put_ends_like_one_that_was_not(way, monkeypatch):
    monkeypatch.setattr(tiles, "BLOCK_RECORDS", 40)
    agreement = small_agreement(WAYS[way])
    encodings, _ = small_coop(agreement)
    expected = outcome(link(encodings, agreement, random_bytes=same_bytes))
    whole = Kept()
    link(encodings, agreement, random_bytes=same_bytes, kept=whole)
    assert len(whole) == {"exact": 6, "auto": 7, "search": 1, "greedy": 6}[way]
    for puts in range(len(whole)):
        kept = Kept()
        with pytest.raises(Stopped):
            link(encodings, agreement, random_bytes=same_bytes, kept=KeptUntil(kept, puts))
        assert len(kept) == puts
        assert outcome(link(encodings, agreement, random_bytes=same_bytes, kept=kept)) == expected
        assert kept == whole


def test_a_run_that_had_kept_everything_compares_nothing(monkeypatch):
    agreement = small_agreement(WAYS["auto"])
    encodings, _ = small_coop(agreement)
    kept = Kept()
    expected = outcome(link(encodings, agreement, random_bytes=same_bytes, kept=kept))
    monkeypatch.setattr(tiles, "stream_pairs", lambda *_, **__: pytest.fail("compared again"))
    assert outcome(link(encodings, agreement, random_bytes=same_bytes, kept=kept)) == expected


def slow(*_, **__):
    return Estimate(10**12, 1e9, 3600.0, 1000, 10**9, 2)


def fast(*_, **__):
    return Estimate(10**12, 1e9, 1.0, 1000, 10**9, 2)


@pytest.mark.parametrize(("first", "then"), [(slow, fast), (fast, slow)])
def test_a_second_call_makes_the_first_ones_choice_however_fast_the_machine_is_now(first, then, monkeypatch):
    agreement, bits, kept = small_agreement("time_budget = 1\nthreshold = 0.9"), lists(60_000), Kept()
    monkeypatch.setattr(comparing, "ALWAYS_EXACT_PAIRS", 10)
    monkeypatch.setattr(comparing, "compare_members_in_tiles", _stop)
    monkeypatch.setattr(comparing, "compare_members_lsh", _stop)
    clock = itertools.count().__next__
    for estimate in (first, then):
        monkeypatch.setattr(comparing, "estimate_comparing", estimate)
        with pytest.raises(Stopped):
            compare_as_agreed(bits, agreement, FLOOR, np.random.default_rng(1), clock=clock, kept=kept)
    expected = Compare.LSH if first is slow else Compare.EXACT
    assert f'"how":"{expected}"'.encode() in kept[CHOICE]


def _stop(*_, **__):
    raise Stopped


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"{}", b'{"how":"other","why":""}', b"\xff"])
def test_a_damaged_choice_is_made_again(data):
    agreement, bits, kept = small_agreement('compare = "auto"'), lists(100), Kept()
    compare_as_agreed(bits, agreement, FLOOR, np.random.default_rng(1), kept=kept)
    whole = dict(kept)
    kept[CHOICE] = data
    compare_as_agreed(bits, agreement, FLOOR, np.random.default_rng(1), kept=kept)
    assert kept == whole


def test_a_choice_for_other_lists_is_made_again():
    agreement, kept = small_agreement('compare = "auto"'), Kept()
    compare_as_agreed(lists(100), agreement, FLOOR, np.random.default_rng(1), kept=kept)
    before = kept[CHOICE]
    compare_as_agreed(lists(101), agreement, FLOOR, np.random.default_rng(1), kept=kept)
    assert kept[CHOICE] != before


def test_a_search_draws_the_same_positions_however_much_was_sampled_before(monkeypatch):
    agreement = small_agreement("time_budget = 1\nthreshold = 0.9\nrecall = 0.7")
    monkeypatch.setattr(comparing, "ALWAYS_EXACT_PAIRS", 10)
    seeds = []

    def sampling(much):
        return lambda *_, rng, **__: rng.random(much) is not None and slow()

    monkeypatch.setattr(comparing, "compare_members_lsh", lambda *_, seed, **__: seeds.append(seed) or _stop())
    bits = lists(60_000)
    for much in (0, 1000):
        monkeypatch.setattr(comparing, "estimate_comparing", sampling(much))
        with pytest.raises(Stopped):
            compare_as_agreed(bits, agreement, FLOOR, np.random.default_rng(1), clock=itertools.count().__next__)
    assert len(set(seeds)) == 1
    assert len(seeds) == 2
