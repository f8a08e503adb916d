"""Tiles: the same pairs as without them, kept once, and never taken for what they are not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.candidates import tiles
from linkage.candidates.compare import CandidatePairs, compare_members
from linkage.candidates.kept import Tile, pack_tile, unpack_tile
from linkage.candidates.tiles import compare_members_in_tiles
from tests.linkage.candidates.test_compare import three_members
from tests.linkage.kept_in_memory import Kept
from tests.linkage.told import Told
from tests.linkage.ugly import filters, like

FLOOR = 0.6
MEMBERS = three_members()
RECORDS = sum(map(len, MEMBERS))
PAIRS = RECORDS * (RECORDS - 1) // 2


def assert_same_graph(one, other):
    assert one.floor == other.floor
    for name in ("offsets", "left", "right", "score"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        assert getattr(one, name).dtype == getattr(other, name).dtype


@pytest.fixture
def compared(monkeypatch):
    """The sizes of the lists that were compared."""
    sizes, really = [], tiles.stream_pairs

    def watched(left, right, *rest, **named):
        sizes.append((len(left), None if right is None else len(right)))
        return really(left, right, *rest, **named)

    monkeypatch.setattr(tiles, "stream_pairs", watched)
    return sizes


@pytest.mark.parametrize("block_records", [1, 2, 7, 49, 75, 100, 149, 150, 151, 1 << 16])
def test_blocks_of_any_size_give_exactly_the_graph_of_one_comparison(block_records):
    kept = Kept()
    whole = compare_members(MEMBERS, FLOOR)
    for _ in ("compared", "read back"):
        assert_same_graph(whole, compare_members_in_tiles(MEMBERS, FLOOR, kept, block_records=block_records))
    blocks = -(-RECORDS // block_records)
    assert len(kept) == blocks * (blocks + 1) // 2


@pytest.mark.parametrize(
    "members",
    [[], [np.empty((0, 16), np.uint8)] * 2, [np.zeros((3, 16), np.uint8)] * 2, [np.full((1, 16), 255, np.uint8)]],
    ids=["no members", "no records", "empty filters", "one record"],
)
def test_a_co_op_of_next_to_nobody_is_compared_too(members):
    whole, told = compare_members(members, FLOOR), Told()
    assert_same_graph(whole, compare_members_in_tiles(members, FLOOR, Kept(), block_records=2, progress=told))
    assert sum(told.steps) == told.stages[0][1]


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 999), sizes=st.lists(st.integers(0, 40), max_size=4), block_records=st.integers(1, 60))
def test_ties_come_in_the_same_order_however_blocks_are_cut(seed, sizes, block_records):
    rng = np.random.default_rng(seed)
    people = filters(rng, 10, 24)
    members = [like(rng, people[rng.integers(0, 10, size)], 0.05) for size in sizes]
    found = compare_members_in_tiles(members, 0.5, Kept(), block_records=block_records)
    assert_same_graph(compare_members(members, 0.5), found)


def test_a_kept_tile_is_not_compared_again(compared):
    kept = Kept()
    compare_members_in_tiles(MEMBERS, FLOOR, kept, block_records=75)
    assert compared == [(75, None), (75, 75), (75, None)]
    compare_members_in_tiles(MEMBERS, FLOOR, kept, block_records=75)
    assert len(compared) == 3


def test_progress_counts_every_record_pair_and_passes_kept_tiles_at_once():
    kept, first, second = Kept(), Told(), Told()
    compare_members_in_tiles(MEMBERS, FLOOR, kept, block_records=40, progress=first)
    del kept[min(kept)]
    compare_members_in_tiles(MEMBERS, FLOOR, kept, block_records=40, progress=second)
    assert first.stages == second.stages == [("comparing", PAIRS)]
    assert sum(first.steps) == sum(second.steps) == PAIRS


@pytest.mark.parametrize("threads", [1, 3])
def test_tiles_are_the_same_bytes_whatever_the_threads_and_parts(threads, monkeypatch):
    kept, other = Kept(), Kept()
    compare_members_in_tiles(MEMBERS, FLOOR, kept, threads=2)
    monkeypatch.setattr("linkage.candidates.compare.PART_CANDIDATES", 10)
    compare_members_in_tiles(MEMBERS, FLOOR, other, threads=threads)
    assert kept == other


DAMAGE = {
    "cut by one byte": lambda data: data[:-1],
    "cut by a pair": lambda data: data[:-16],
    "cut to nothing": lambda data: data[:0],
    "cut to its head": lambda data: data[:14],
    "longer": lambda data: data + bytes(16),
    "an altered score": lambda data: data[:-40] + bytes([data[-40] ^ 1]) + data[-39:],
    "an altered digest": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "an altered head": lambda data: b"W" + data[1:],
    "zeros": lambda data: bytes(len(data)),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_tile_is_compared_again_and_kept_whole(damage, compared):
    kept = Kept()
    whole = compare_members_in_tiles(MEMBERS, FLOOR, kept, block_records=75)
    good, name = dict(kept), min(kept)
    kept[name] = damage(kept[name])
    assert_same_graph(whole, compare_members_in_tiles(MEMBERS, FLOOR, kept, block_records=75))
    assert len(compared) == 4
    assert kept == good


def test_a_tile_under_another_tiles_name_is_compared_again():
    kept = Kept()
    whole = compare_members_in_tiles(MEMBERS, FLOOR, kept, block_records=75)
    names = sorted(kept)
    kept.update(zip(names, [kept[name] for name in [*names[1:], names[0]]], strict=True))
    assert_same_graph(whole, compare_members_in_tiles(MEMBERS, FLOOR, kept, block_records=75))


def test_other_records_rows_or_floors_have_tiles_of_other_names():
    kept = Kept()
    altered = [one.copy() for one in MEMBERS]
    altered[0][0, 0] ^= 1
    for members in (MEMBERS, altered, MEMBERS[::-1], MEMBERS[:2]):
        compare_members_in_tiles(members, FLOOR, kept)
    compare_members_in_tiles(MEMBERS, np.nextafter(FLOOR, 1), kept)
    assert len(kept) == 5


@given(pairs=st.lists(st.tuples(st.integers(0, 9), st.integers(10, 2**32 - 1), st.floats(0, 1))), note=st.binary())
def test_a_tile_is_unpacked_as_it_was_packed_and_under_its_name_only(pairs, note):
    left, right, score = (np.array([pair[side] for pair in pairs]) for side in range(3))
    packed = Tile(CandidatePairs(left.astype(np.uint32), right.astype(np.uint32), score.astype(np.float64)), note)
    data = pack_tile("a", packed)
    found = unpack_tile("a", data)
    assert found is not None
    assert found.note == note
    for name in ("left", "right", "score"):
        np.testing.assert_array_equal(getattr(found.pairs, name), getattr(packed.pairs, name))
    assert unpack_tile("b", data) is None
