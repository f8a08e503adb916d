"""Blobs and their keys: what is put is read back, whatever is altered is seen, and nothing readable is on the disk."""

import errno
import os
import pickle
import random
import stat

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.store.blobs import CHUNK_BYTES, BlobFolder, durable, sealing
from server.store.blobs.errors import BadBlobName, BlobBroken, BlobMissing, DiskFault, KeyGone, KeyThere, NoRoom

SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES, 3 * CHUNK_BYTES + 7]
HOUR = 3600


def noise(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311 (the same in every run is the point)


@pytest.fixture
def folder(tmp_path):
    return BlobFolder(tmp_path)


@pytest.fixture
def key(folder):
    return folder.new_key("upload-1")


def files(tmp_path):
    return sorted(path for path in tmp_path.rglob("*") if path.is_file())


@pytest.mark.parametrize("size", SIZES)
def test_a_blob_is_read_as_it_was_put(folder, key, size):
    folder.put_blob("one", key, noise(size))
    assert folder.read_blob("one", key) == noise(size)
    assert folder.size_of("one") == size


def test_a_blob_is_streamed_in_chunks_of_64_kib(folder, key):
    folder.put_blob("one", key, noise(3 * CHUNK_BYTES + 7))
    assert [len(chunk) for chunk in folder.stream_blob("one", key)] == [CHUNK_BYTES] * 3 + [7]


def test_a_blob_that_is_put_again_gives_way(folder, key):
    folder.put_blob("one", key, b"old")
    folder.put_blob("one", key, b"new")
    assert folder.read_blob("one", key) == b"new"


def test_the_key_read_from_its_file_opens_what_it_sealed(folder, key):
    folder.put_blob("one", key, b"something")
    assert folder.read_blob("one", folder.key("upload-1")) == b"something"


def test_another_key_opens_nothing(folder, key):
    folder.put_blob("one", key, noise(100))
    with pytest.raises(BlobBroken, match="blob one"):
        folder.read_blob("one", folder.new_key("upload-2"))


@pytest.mark.parametrize("size", [0, 5, CHUNK_BYTES])
def test_every_altered_byte_is_noticed(folder, key, tmp_path, size):
    folder.put_blob("one", key, noise(size))
    path = tmp_path / "blobs" / "one"
    whole = path.read_bytes()
    step = max(1, len(whole) // 400)
    for position in range(0, len(whole), step):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        with pytest.raises(BlobBroken):
            folder.read_blob("one", key)


@pytest.mark.parametrize("size", [0, 5, CHUNK_BYTES, 2 * CHUNK_BYTES + 5])
def test_a_blob_cut_anywhere_is_noticed(folder, key, tmp_path, size):
    folder.put_blob("one", key, noise(size))
    path = tmp_path / "blobs" / "one"
    whole = path.read_bytes()
    chunk_ends = {sealing.position_of(chunk) for chunk in range(3)}
    for kept in {*range(0, len(whole), 997), *(end for end in chunk_ends if end < len(whole))}:
        path.write_bytes(whole[:kept])
        with pytest.raises(BlobBroken):
            folder.read_blob("one", key)


def test_bytes_after_the_end_are_noticed(folder, key, tmp_path):
    folder.put_blob("one", key, noise(10))
    path = tmp_path / "blobs" / "one"
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(BlobBroken):
        folder.read_blob("one", key)


def test_chunks_in_another_order_are_noticed(folder, key, tmp_path):
    folder.put_blob("one", key, noise(2 * CHUNK_BYTES))
    path = tmp_path / "blobs" / "one"
    whole = path.read_bytes()
    first, second, third = (sealing.position_of(chunk) for chunk in range(3))
    path.write_bytes(whole[:first] + whole[second:third] + whole[first:second] + whole[third:])
    with pytest.raises(BlobBroken):
        folder.read_blob("one", key)


def test_a_blob_under_another_blobs_name_is_noticed(folder, key, tmp_path):
    folder.put_blob("one", key, noise(10))
    (tmp_path / "blobs" / "one").rename(tmp_path / "blobs" / "two")
    with pytest.raises(BlobBroken, match="blob two"):
        folder.read_blob("two", key)


def test_a_chunk_of_another_blob_with_the_same_key_is_noticed(folder, key, tmp_path):
    for name in ("one", "two"):
        folder.put_blob(name, key, noise(2 * CHUNK_BYTES))
    one, two = ((tmp_path / "blobs" / name).read_bytes() for name in ("one", "two"))
    first, second = sealing.position_of(0), sealing.position_of(1)
    (tmp_path / "blobs" / "one").write_bytes(one[:first] + two[first:second] + one[second:])
    with pytest.raises(BlobBroken):
        folder.read_blob("one", key)


def test_the_same_data_is_sealed_differently_each_time(folder, key, tmp_path):
    for name in ("one", "two"):
        folder.put_blob(name, key, bytes(100))
    one, two = ((tmp_path / "blobs" / name).read_bytes() for name in ("one", "two"))
    assert one[len(sealing.MAGIC) :] != two[len(sealing.MAGIC) :]


def test_a_missing_blob_is_said_to_be_missing(folder, key):
    with pytest.raises(BlobMissing, match="blob none"):
        folder.read_blob("none", key)
    with pytest.raises(BlobMissing):
        folder.size_of("none")
    assert not folder.delete_blob("none")
    assert not folder.has_blob("none")


def test_a_deleted_blob_is_gone(folder, key, tmp_path):
    folder.put_blob("one", key, b"x")
    assert folder.delete_blob("one")
    assert not (tmp_path / "blobs" / "one").exists()


def test_a_destroyed_key_opens_nothing_any_more(folder, key):
    folder.put_blob("one", key, b"x")
    assert folder.destroy_key("upload-1")
    assert not folder.destroy_key("upload-1")
    with pytest.raises(KeyGone, match="key upload-1"):
        folder.key("upload-1")


def test_a_key_that_a_crash_left_under_two_names_is_destroyed_under_both(folder, tmp_path, monkeypatch):
    with monkeypatch.context() as crash:
        crash.setattr(durable, "suppress", None)  # the process is killed before the draft's name goes
        with pytest.raises(TypeError):
            folder.new_key("upload-1")
    assert len(files(tmp_path / "keys")) == 2
    folder.destroy_key("upload-1")
    assert files(tmp_path / "keys") == []


@pytest.mark.usefixtures("key")
def test_a_destroyed_key_is_overwritten_before_its_name_goes(folder, tmp_path):
    held = (tmp_path / "keys" / "upload-1").open("rb")
    with held:
        folder.destroy_key("upload-1")
        assert held.read() == bytes(32)


@pytest.mark.usefixtures("key")
def test_a_key_whose_destruction_was_cut_short_is_gone(folder, tmp_path):
    (tmp_path / "keys" / "upload-1").write_bytes(bytes(32))
    with pytest.raises(KeyGone):
        folder.key("upload-1")


def test_a_key_is_never_replaced(folder, key):
    with pytest.raises(KeyThere):
        folder.new_key("upload-1")
    assert folder.key("upload-1").reveal() == key.reveal()


def test_keys_and_blobs_are_their_owners_only(folder, key, tmp_path):
    folder.put_blob("one", key, b"x")
    folder.writer("two", key).close()
    assert {stat.S_IMODE(path.stat().st_mode) for path in files(tmp_path)} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o700}


def test_a_key_shows_itself_to_nobody(key):
    assert key.reveal().hex() not in repr(key)
    assert repr(key) == "VaultKey(not shown)"
    with pytest.raises(TypeError):
        pickle.dumps(key)


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "a/b", "../x", "a\0b", "a\n", "é", "x" * 129])
def test_an_id_that_is_no_file_name_is_refused(folder, key, name):
    for use in (folder.key, folder.new_key, folder.has_blob, folder.delete_blob, folder.size_of, folder.destroy_key):
        with pytest.raises(BadBlobName):
            use(name)
    with pytest.raises(BadBlobName):
        folder.put_blob(name, key, b"")


def test_sweeping_removes_temporary_and_unknown_files_older_than_an_hour(folder, key, tmp_path):
    folder.put_blob("known", key, b"x")
    folder.put_blob("unknown", key, b"x")
    folder.new_key("unknown-key")
    (tmp_path / "blobs" / ".known.ab.part").write_bytes(b"half")
    written = max(path.stat().st_mtime for path in files(tmp_path))
    assert folder.sweep({"known"}, {"upload-1"}, now=written + HOUR - 60) == 0
    assert folder.sweep({"known"}, {"upload-1"}, now=written + HOUR + 60) == 3
    assert [path.name for path in files(tmp_path)] == ["known", "upload-1"]


class SmallDisk:
    """Takes so many bytes, then is full: the last write takes what still fits, as a system does."""

    def __init__(self, monkeypatch, room, code=errno.ENOSPC):
        self.room, self.code, self.write = room, code, os.pwrite
        monkeypatch.setattr(durable.os, "pwrite", self)

    def __call__(self, file, data, position):
        if self.room <= 0:
            raise OSError(self.code, os.strerror(self.code))
        taken = self.write(file, memoryview(data)[: self.room], position)
        self.room -= taken
        return taken


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_leaves_the_old_blob_and_no_temporary_file(folder, key, tmp_path, monkeypatch, code):
    folder.put_blob("one", key, b"old")
    before = files(tmp_path)
    SmallDisk(monkeypatch, room=100_000, code=code)
    with pytest.raises(NoRoom, match="blob one"):
        folder.put_blob("one", key, noise(3 * CHUNK_BYTES))
    assert files(tmp_path) == before
    assert folder.read_blob("one", key) == b"old"


def test_a_full_disk_makes_no_key(folder, tmp_path, monkeypatch):
    SmallDisk(monkeypatch, room=20)
    with pytest.raises(NoRoom):
        folder.new_key("late")
    assert files(tmp_path) == []


def test_a_failing_disk_is_told_without_its_path(folder, key, tmp_path, monkeypatch):
    SmallDisk(monkeypatch, room=0, code=errno.EIO)
    with pytest.raises(DiskFault) as told:
        folder.put_blob("one", key, b"x")
    assert str(tmp_path) not in str(told.value)


def windows(data: bytes, size: int = 16) -> set[bytes]:
    return {data[start : start + size] for start in range(len(data) - size + 1)}


def test_no_16_byte_window_of_a_clk_is_ever_on_the_disk(folder, key, tmp_path):
    clks = noise(CHUNK_BYTES + 3000, seed=9)
    folder.put_blob("whole", key, clks)
    with folder.writer("received", key) as writer:
        writer.write(clks)
        writer.flush()
        assert not windows(clks) & windows(b"".join(path.read_bytes() for path in files(tmp_path)))
        writer.finish()
    assert not windows(clks) & windows(b"".join(path.read_bytes() for path in files(tmp_path)))
    folder.destroy_key("upload-1")
    folder.delete_blob("whole")
    on_disk = b"".join(path.read_bytes() for path in files(tmp_path))
    assert not windows(clks) & windows(on_disk)
    assert key.reveal() not in on_disk


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300), repeat=st.integers(1, 700))
def test_whatever_is_put_is_read_back(folder, key, data, repeat):
    folder.put_blob("any", key, data * repeat)
    assert folder.read_blob("any", key) == data * repeat
    assert b"".join(folder.stream_blob("any", key)) == data * repeat
