"""Folders and files that appear whole or not at all."""

import stat

import pytest

from schemas.errors import CannotWrite, OutputExists
from schemas.whole import whole_folder, write_secretly


def test_a_folder_appears_when_its_block_ends(tmp_path):
    with whole_folder(tmp_path / "out") as draft:
        (draft / "a").write_text("1")
        assert not (tmp_path / "out").exists()
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def _fail_half_way(target):
    with whole_folder(target) as draft:
        (draft / "a").write_text("1")
        raise RuntimeError


def test_nothing_is_left_where_the_block_fails(tmp_path):
    with pytest.raises(RuntimeError):
        _fail_half_way(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_never_overwritten(tmp_path):
    (tmp_path / "a").write_text("mine")
    with pytest.raises(OutputExists), whole_folder(tmp_path):
        pass
    assert (tmp_path / "a").read_text() == "mine"


def test_an_empty_folder_may_be_filled(tmp_path):
    (tmp_path / "out").mkdir()
    with whole_folder(tmp_path / "out") as draft:
        (draft / "a").write_text("1")
    assert (tmp_path / "out" / "a").read_text() == "1"


def test_a_secret_file_is_its_owners_alone_and_never_replaced(tmp_path):
    path = tmp_path / "secret"
    write_secretly(path, b"x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(OutputExists):
        write_secretly(path, b"y")
    assert path.read_bytes() == b"x"


def test_a_secret_file_is_written_part_by_part(tmp_path):
    write_secretly(tmp_path / "secret", (bytes([letter]) for letter in b"abc"))
    assert (tmp_path / "secret").read_bytes() == b"abc"


def test_a_folder_that_cannot_be_written_is_told_as_such(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(CannotWrite, match="cannot be written"), whole_folder(tmp_path / "file" / "out"):
        pass


def _run_out_of_room(target):
    with whole_folder(target):
        raise OSError(28, "No space left on device")


def test_a_full_disk_is_told_as_such_and_leaves_nothing(tmp_path):
    with pytest.raises(CannotWrite, match="No space left"):
        _run_out_of_room(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
