"""Link maps: written by token, read back, and nothing else taken for one."""

import numpy as np
import pytest

from linkage.link_map import LinkMap, people_of, read_link_map, write_link_map
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
