"""Candidate pairs on disk: in order, whole, and readable by anonlink."""

import numpy as np
import pytest
from anonlink.serialization import dump_candidate_pairs, load_candidate_pairs

from linkage.candidates.compare import CandidatePairs, candidate_pairs, stream_pairs
from linkage.candidates.pair_file import HEADER, read_pairs, write_pairs
from schemas.errors import BrokenFile
from tests.linkage.ugly import filters, like

BITS = filters(np.random.default_rng(4), 400, 64)
OTHERS = like(np.random.default_rng(5), BITS, 0.1)


def assert_same(found: CandidatePairs, expected: CandidatePairs) -> None:
    for name in ("left", "right", "score"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


def test_parts_in_any_order_come_out_best_first(tmp_path):
    expected = candidate_pairs(BITS, OTHERS, 0.5)
    parts = [CandidatePairs(expected.left[i::7], expected.right[i::7], expected.score[i::7]) for i in range(7)]
    assert write_pairs(iter(parts[::-1]), tmp_path / "pairs") == len(expected) > 1000
    assert_same(read_pairs(tmp_path / "pairs"), expected)


def test_anonlink_reads_what_is_written(tmp_path):
    expected = candidate_pairs(BITS, OTHERS, 0.6)
    write_pairs(stream_pairs(BITS, OTHERS, 0.6), tmp_path / "pairs")
    with (tmp_path / "pairs").open("rb") as file:
        scores, lists, (left, right) = load_candidate_pairs(file)
    np.testing.assert_array_equal(scores, expected.score)
    np.testing.assert_array_equal(left, expected.left)
    np.testing.assert_array_equal(right, expected.right)
    assert [set(side) for side in lists] == [{0}, {1}]


def test_what_anonlink_writes_is_read(tmp_path):
    expected = candidate_pairs(BITS, OTHERS, 0.6)
    lists = np.zeros(len(expected), np.uint8), np.ones(len(expected), np.uint8)
    with (tmp_path / "pairs").open("wb") as file:
        dump_candidate_pairs((expected.score, lists, (expected.left, expected.right)), file)
    assert_same(read_pairs(tmp_path / "pairs"), expected)


def test_nothing_else_is_left_in_the_folder(tmp_path):
    write_pairs(stream_pairs(BITS, OTHERS, 0.6), tmp_path / "pairs")
    assert [path.name for path in tmp_path.iterdir()] == ["pairs"]


def test_no_pairs_are_a_file_too(tmp_path):
    nobody = candidate_pairs(BITS[:0], OTHERS, 0.6)
    for parts in ([], [nobody, nobody]):
        assert write_pairs(parts, tmp_path / "pairs") == 0
        assert len(read_pairs(tmp_path / "pairs")) == 0


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and more", HEADER + b"x" * 17])
def test_another_file_is_refused(tmp_path, content):
    (tmp_path / "pairs").write_bytes(content)
    with pytest.raises(BrokenFile):
        read_pairs(tmp_path / "pairs")
