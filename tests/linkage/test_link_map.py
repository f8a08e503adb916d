"""Link maps: written by token, read back, and nothing else taken for one."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from linkage.errors import BadInput
from linkage.link_map import (
    LinkMap,
    for_recipient,
    link_map_bytes,
    parse_link_map,
    people_of,
    read_link_map,
    write_link_map,
)
from schemas.errors import BrokenFile, FileMissing


def random_map(n: int, people: int, seed: int) -> LinkMap:
    rng = np.random.default_rng(seed)
    ids = np.random.default_rng(99).integers(0, 256, (people, 16), np.uint8)
    return LinkMap(rng.integers(0, 256, (n, 16), np.uint8), ids[rng.integers(0, people, n)])


@pytest.mark.parametrize("n", [0, 1, 50])
def test_a_map_is_read_as_it_was_written_by_token(tmp_path, n):
    written = random_map(n, 5, 1)
    write_link_map(written, tmp_path / "a.csv")
    read = read_link_map(tmp_path / "a.csv")
    pairs = [{(t.tobytes(), i.tobytes()) for t, i in zip(m.tokens, m.link_ids, strict=True)} for m in (written, read)]
    assert pairs[0] == pairs[1]
    tokens = [t.tobytes() for t in read.tokens]
    assert tokens == sorted(tokens)


def test_people_are_numbered_over_all_members():
    maps = [random_map(20, 6, 1), random_map(0, 6, 2), random_map(30, 6, 3)]
    numbers = np.concatenate(people_of(maps))
    ids = np.concatenate([m.link_ids for m in maps])
    same = (ids[:, None] == ids[None, :]).all(axis=2)
    assert np.array_equal(same, numbers[:, None] == numbers[None, :])
    assert [len(part) for part in people_of(maps)] == [20, 0, 30]


@pytest.mark.parametrize(
    "text", ["", "a,b\n", "token,link_id\n00,11\n", f"token,link_id\n{'zz' * 16},{'00' * 16}\n", "token,link_id\nx\n"]
)
def test_what_is_no_link_map_is_refused(tmp_path, text):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(BrokenFile):
        read_link_map(tmp_path / "a.csv")


def test_a_missing_map_is_told_as_such(tmp_path):
    with pytest.raises(FileMissing):
        read_link_map(tmp_path / "a.csv")


@pytest.mark.parametrize("n", [0, 1, 50])
def test_the_bytes_of_a_map_are_those_of_its_file_and_are_read_back(tmp_path, n):
    written = random_map(n, 5, 1)
    write_link_map(written, tmp_path / "a.csv")
    data = link_map_bytes(written)
    assert data == (tmp_path / "a.csv").read_bytes()
    assert link_map_bytes(parse_link_map(data, "a")) == data


@settings(deadline=None)
@given(
    tokens=arrays(np.uint8, (9, 16), elements=st.sampled_from([0, 9, 10, 159, 160, 255])),
    link_ids=arrays(np.uint8, (9, 16), elements=st.sampled_from([0, 1, 255])),
    rows=st.integers(0, 9),
)
def test_the_bytes_of_a_map_are_its_lines_as_text_in_order(tokens, link_ids, rows):
    written = LinkMap(tokens[:rows], link_ids[:rows])
    lines = sorted(f"{t.tobytes().hex()},{i.tobytes().hex()}" for t, i in zip(*vars(written).values(), strict=True))
    assert link_map_bytes(written).decode().split("\n") == ["token,link_id", *lines, ""]


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"token,link_id\n00,11\n", b"token,link_id\nx\n"])
def test_bytes_that_are_no_link_map_are_refused_by_the_name_they_go_by(data):
    with pytest.raises(BrokenFile, match="clinic's map"):
        parse_link_map(data, "clinic's map")


KEY = bytes(range(32))


def ids(link_map):
    return [link_id.tobytes() for link_id in link_map.link_ids]


def test_a_recipients_ids_join_the_same_records_and_no_others():
    link_map = random_map(60, 7, 1)
    drawn = for_recipient(link_map, KEY, "clinic")
    before, after = ids(link_map), ids(drawn)
    assert drawn.tokens is link_map.tokens
    assert drawn.link_ids.shape == (60, 16)
    assert len(set(before)) == len(set(after)) == len(set(zip(before, after, strict=True)))


def test_two_recipients_maps_and_two_runs_maps_and_the_runs_own_share_no_id():
    link_map = random_map(60, 7, 1)
    recipients = [("clinic", KEY), ("school", KEY), ("clinic", KEY[::-1])]
    drawn = [set(ids(link_map)), *(set(ids(for_recipient(link_map, key, member))) for member, key in recipients)]
    assert len(set.union(*drawn)) == sum(map(len, drawn))


def test_a_recipients_map_is_equal_for_equal_inputs_and_as_written_here():
    link_map = LinkMap(np.zeros((1, 16), np.uint8), np.arange(16, dtype=np.uint8)[None, :])
    keyed = hashlib.blake2b(b"clinic" + bytes(range(16)), digest_size=16, key=KEY, person=b"waylink-recipnt")
    for _ in range(2):
        assert ids(for_recipient(link_map, KEY, "clinic")) == [keyed.digest()]


def test_an_empty_map_stays_empty_for_its_recipient():
    assert for_recipient(random_map(0, 3, 1), KEY, "clinic").link_ids.shape == (0, 16)


@pytest.mark.parametrize("size", [0, 15, 65])
def test_a_key_too_short_or_too_long_is_refused(size):
    with pytest.raises(BadInput, match="key"):
        for_recipient(random_map(3, 2, 1), bytes(size), "clinic")
