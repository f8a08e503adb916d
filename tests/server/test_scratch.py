"""A run's scratch: tiles that only its key opens, and chance that is the same for whoever goes on with the run."""

import pytest

from linkage import link
from server.actions.deletion import sweep
from server.store.blobs.errors import KeyGone
from server.store.runs import scratch_key
from server.worker.scratch import Scratch, key_made_once
from tests.linkage.coops import small_agreement, small_coop
from tests.linkage.test_resuming import outcome, same_bytes

RUN = "0" * 32


@pytest.fixture
def blobs(sqlite_desk):
    return sqlite_desk.blobs


def test_a_tile_that_was_put_is_there_for_the_next_worker_of_the_run(blobs):
    Scratch(blobs, RUN).put("tile", b"pairs")
    assert Scratch(blobs, RUN).get("tile") == b"pairs"
    assert Scratch(blobs, RUN).get("other") is None
    assert Scratch(blobs, "1" * 32).get("tile") is None


def test_each_kept_tile_is_told(blobs):
    told = []
    Scratch(blobs, RUN, lambda: told.append(1)).put("tile", b"pairs")
    assert told == [1]


def test_a_tile_that_does_not_open_is_none(blobs, data_folder):
    Scratch(blobs, RUN).put("tile", b"pairs")
    file = data_folder / "blobs" / f"{scratch_key(RUN)}-tile"
    file.write_bytes(file.read_bytes()[:-1])
    assert Scratch(blobs, RUN).get("tile") is None


def test_what_is_drawn_is_the_same_for_the_next_worker_and_for_nobody_else(blobs):
    first, again = (Scratch(blobs, RUN).draw("link ids") for _ in range(2))
    drawn = [first(32), first(32)]
    assert drawn == [again(32), again(32)]
    other_use, other_run = Scratch(blobs, RUN).draw("recipients"), Scratch(blobs, "1" * 32).draw("link ids")
    assert len({*drawn, other_use(32), other_run(32)}) == 4
    assert len(first(100_000)) == 100_000


def test_a_key_is_made_once(blobs):
    assert key_made_once(blobs, "key").reveal() == key_made_once(blobs, "key").reveal()


def test_the_scratch_of_no_active_run_goes_with_all_its_tiles(sqlite_desk):
    Scratch(sqlite_desk.blobs, RUN).put("tile", b"pairs")
    assert sweep(sqlite_desk) == 1
    assert sqlite_desk.blobs.blob_names() == []
    with pytest.raises(KeyGone):
        sqlite_desk.blobs.key(scratch_key(RUN))


@pytest.mark.usefixtures("few_draws")
@pytest.mark.parametrize("way", ['compare = "exact"', 'compare = "auto"\nthreshold = "auto"', 'compare = "lsh"'])
def test_linking_with_a_scratch_finds_what_linking_finds_and_its_blobs_belong_to_the_run(blobs, way):
    agreement = small_agreement(way)
    encodings, _ = small_coop(agreement)
    expected = outcome(link(encodings, agreement, random_bytes=same_bytes))
    for _ in range(2):
        found = link(encodings, agreement, random_bytes=same_bytes, kept=Scratch(blobs, RUN), block_records=20)
        assert outcome(found) == expected
    tiles = blobs.blob_names()
    assert tiles
    assert {name.rpartition("-")[0] for name in tiles} == {scratch_key(RUN)}
