"""A blob while it is being received: what `offset` says is there, after a kill, a full disk or a cut at any byte."""

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from server.store.blobs import CHUNK_BYTES, BlobFolder, sealing
from server.store.blobs.errors import BadOffset, BlobBroken, BlobBusy, BlobFinished, DiskFault, NoRoom
from tests.server.store.test_blobs import SmallDisk, noise

DATA = noise(4 * CHUNK_BYTES + 100)


@pytest.fixture
def folder(tmp_path):
    return BlobFolder(tmp_path)


@pytest.fixture
def key(folder):
    return folder.new_key("k")


def test_a_blob_received_in_pieces_is_read_whole(folder, key):
    with folder.writer("b", key) as writer:
        for start in range(0, len(DATA), 10_007):
            writer.write(DATA[start : start + 10_007])
        assert writer.received == len(DATA)
        assert writer.flush() == 4 * CHUNK_BYTES
        assert writer.finish() == len(DATA)
        assert writer.offset == writer.received == len(DATA)
    assert folder.read_blob("b", key) == DATA


def test_offset_counts_what_was_flushed_only(folder, key):
    with folder.writer("b", key) as writer:
        writer.write(DATA[: 2 * CHUNK_BYTES + 5])
        assert (writer.offset, writer.received) == (0, 2 * CHUNK_BYTES + 5)
        assert writer.flush() == 2 * CHUNK_BYTES


def test_an_unfinished_blob_is_not_read(folder, key):
    with folder.writer("b", key) as writer:
        writer.write(DATA)
        writer.flush()
    with pytest.raises(BlobBroken):
        folder.read_blob("b", key)


def test_a_finished_blob_takes_no_more_even_after_a_restart(folder, key):
    with folder.writer("b", key) as writer:
        writer.write(b"all")
        writer.finish()
        for more in (lambda: writer.write(b"x"), writer.finish):
            with pytest.raises(BlobFinished):
                more()
    with folder.writer("b", key) as again:
        assert again.finished
        assert again.offset == 3
        with pytest.raises(BlobFinished):
            again.write(b"x")
    assert folder.read_blob("b", key) == b"all"


def test_two_writers_never_have_one_blob(folder, key):
    with folder.writer("b", key), pytest.raises(BlobBusy, match="blob b"):
        folder.writer("b", key)
    folder.writer("b", key).close()


@pytest.mark.parametrize("sent", [0, 10, CHUNK_BYTES, 3 * CHUNK_BYTES + 10])
@pytest.mark.parametrize("finished", [True, False])
def test_another_key_harms_no_blob(folder, key, tmp_path, sent, finished):
    with folder.writer("b", key) as writer:
        writer.write(DATA[:sent])
        writer.finish() if finished else writer.flush()
    before = (tmp_path / "blobs" / "b").read_bytes()
    with pytest.raises(BlobBroken):
        folder.writer("b", folder.new_key("other"))
    assert (tmp_path / "blobs" / "b").read_bytes() == before


def test_a_file_that_is_no_blob_is_left_alone(folder, key, tmp_path):
    (tmp_path / "blobs" / "b").write_bytes(b"x" * 500)
    with pytest.raises(BlobBroken):
        folder.writer("b", key)
    assert (tmp_path / "blobs" / "b").read_bytes() == b"x" * 500


def test_a_piece_whose_digest_was_wrong_is_taken_back(folder, key):
    with folder.writer("b", key) as writer:
        writer.write(DATA[:CHUNK_BYTES] + bytes(2 * CHUNK_BYTES + 9))
        writer.truncate_to(CHUNK_BYTES)
        assert writer.offset == writer.received == CHUNK_BYTES
        writer.write(DATA[CHUNK_BYTES:])
        writer.finish()
    assert folder.read_blob("b", key) == DATA


def test_a_finished_blob_that_is_cut_is_open_again(folder, key):
    with folder.writer("b", key) as writer:
        writer.write(DATA)
        writer.finish()
        writer.truncate_to(CHUNK_BYTES)
        writer.write(DATA[CHUNK_BYTES:])
        writer.finish()
    assert folder.read_blob("b", key) == DATA


@pytest.mark.parametrize("offset", [1, CHUNK_BYTES - 1, 3 * CHUNK_BYTES, -CHUNK_BYTES])
def test_a_blob_is_cut_only_where_a_whole_chunk_of_it_ends(folder, key, offset):
    with folder.writer("b", key) as writer:
        writer.write(DATA[: 2 * CHUNK_BYTES + 5])
        with pytest.raises(BadOffset):
            writer.truncate_to(offset)


def small_chunks(monkeypatch, size=16):
    """Chunks so small that every byte of a file can be tried."""
    for module in ("sealing", "writer", "folder"):
        monkeypatch.setattr(f"server.store.blobs.{module}.SEALED_BYTES", size + sealing.SEAL_BYTES)
        monkeypatch.setattr(f"server.store.blobs.{module}.CHUNK_BYTES", size, raising=module != "folder")


@pytest.mark.parametrize("finished", [True, False])
def test_a_blob_cut_at_any_byte_goes_on_from_its_last_whole_chunk(folder, key, tmp_path, monkeypatch, finished):
    small_chunks(monkeypatch)
    data, path = noise(100), tmp_path / "blobs" / "b"
    with folder.writer("b", key) as writer:
        writer.write(data)
        writer.finish() if finished else writer.flush()
    whole = path.read_bytes()
    for kept in range(len(whole) + 1):
        path.write_bytes(whole[:kept])
        with folder.writer("b", key) as writer:
            chunks = max(0, (kept - sealing.START_BYTES) // (16 + sealing.SEAL_BYTES))
            if writer.finished:
                assert finished
                assert kept == len(whole)
                continue
            assert writer.offset == 16 * chunks
            writer.write(data[writer.offset :])
            writer.finish()
        assert folder.read_blob("b", key) == data


def test_a_chunk_that_a_power_cut_left_as_noise_ends_the_blob(folder, key, tmp_path, monkeypatch):
    small_chunks(monkeypatch)
    data, path = noise(100), tmp_path / "blobs" / "b"
    with folder.writer("b", key) as writer:
        writer.write(data)
        writer.finish()
    whole = path.read_bytes()
    for chunk in range(6):
        at = sealing.START_BYTES + chunk * (16 + sealing.SEAL_BYTES)
        path.write_bytes(whole[:at] + bytes(16 + sealing.SEAL_BYTES) + whole[at + 16 + sealing.SEAL_BYTES :])
        with folder.writer("b", key) as writer:
            assert writer.offset == 16 * chunk
            writer.write(data[writer.offset :])
            writer.finish()
        assert folder.read_blob("b", key) == data


def test_a_start_that_a_power_cut_left_as_zeros_is_written_anew(folder, key, tmp_path):
    (tmp_path / "blobs" / "b").write_bytes(bytes(sealing.START_BYTES))
    with folder.writer("b", key) as writer:
        writer.write(DATA)
        writer.finish()
    assert folder.read_blob("b", key) == DATA


def test_only_what_follows_a_sure_offset_is_read_again(folder, key, monkeypatch):
    with folder.writer("b", key) as writer:
        writer.write(DATA)
        sure = writer.flush()
    read = []
    monkeypatch.setattr(os, "pread", lambda *where, real=os.pread: read.append(where[2]) or real(*where))
    with folder.writer("b", key, sure_of=sure) as writer:
        assert writer.offset == sure
    assert read == [0, sealing.position_of(4)]


def test_what_an_earlier_writer_made_durable_is_not_made_so_again(folder, key, monkeypatch):
    with folder.writer("b", key) as writer:
        writer.write(DATA)
        sure = writer.flush()
    synced = []
    monkeypatch.setattr(os, "fsync", lambda file, real=os.fsync: synced.append(file) or real(file))
    folder.writer("b", key, sure_of=sure).close()
    assert synced == []
    folder.writer("b", key, sure_of=sure - CHUNK_BYTES).close()  # one chunk more than is sure
    assert len(synced) == 1


def send(writer):
    for start in range(writer.received, len(DATA), 5_000):
        writer.write(DATA[start : start + 5_000])


@pytest.mark.parametrize("room", [1, 70_000, CHUNK_BYTES * 2, CHUNK_BYTES * 3])
def test_on_a_full_disk_a_blob_goes_back_to_its_offset_and_on_when_there_is_room(
    folder, key, tmp_path, monkeypatch, room
):
    with folder.writer("b", key) as writer:
        writer.write(DATA[:CHUNK_BYTES])
        writer.flush()
        disk = SmallDisk(monkeypatch, room)
        with pytest.raises(NoRoom, match="blob b"):
            send(writer)
        assert writer.offset == writer.received == CHUNK_BYTES
        assert (tmp_path / "blobs" / "b").stat().st_size == sealing.position_of(1)
        disk.room = 10**9
        writer.write(DATA[writer.offset :])
        writer.finish()
    assert folder.read_blob("b", key) == DATA


def test_a_full_disk_when_the_last_chunk_is_sealed_leaves_the_blob_open(folder, key, monkeypatch):
    with folder.writer("b", key) as writer:
        writer.write(DATA)
        offset = writer.flush()
        disk = SmallDisk(monkeypatch, room=50)
        with pytest.raises(NoRoom):
            writer.finish()
        assert (writer.finished, writer.offset, writer.received) == (False, offset, offset)
        disk.room = 10**9
        writer.write(DATA[offset:])
        writer.finish()
    assert folder.read_blob("b", key) == DATA


def test_a_failed_fsync_promises_nothing(folder, key, monkeypatch):
    def fails(_file):
        raise OSError(errno.EIO, "broken")

    with folder.writer("b", key) as writer:
        writer.write(DATA)
        with monkeypatch.context() as broken:
            broken.setattr(os, "fsync", fails)
            with pytest.raises(DiskFault):
                writer.flush()
        assert writer.offset == writer.received == 0


def test_a_blob_that_cannot_even_begin_can_begin_later(folder, key, monkeypatch):
    disk = SmallDisk(monkeypatch, room=20)
    with pytest.raises(NoRoom):
        folder.writer("b", key)
    disk.room = 10**9
    with folder.writer("b", key) as writer:
        writer.write(b"late")
        writer.finish()
    assert folder.read_blob("b", key) == b"late"


SENDER = """
import random, sys
from pathlib import Path
from server.store.blobs import BlobFolder
folder = BlobFolder(Path(sys.argv[1]))
data = random.Random(5).randbytes(40 << 20)
with folder.writer("b", folder.key("k")) as writer:
    for start in range(writer.offset, len(data), 200_000):
        writer.write(data[start : start + 200_000])
        print(writer.flush(), flush=True)
"""


def test_after_kill_9_what_was_told_is_there(folder, key):
    told, rng = 0, random.Random(3)  # noqa: S311 (no secret)
    for _ in range(6):
        process = subprocess.Popen(
            [sys.executable, "-c", SENDER, folder._blobs.parent], stdout=subprocess.PIPE, text=True
        )
        lines = [process.stdout.readline()]
        time.sleep(rng.uniform(0, 0.05))
        process.send_signal(signal.SIGKILL)
        lines += process.communicate()[0].splitlines(keepends=True)
        told = max([told, *(int(line) for line in lines if line.endswith("\n"))])
        with folder.writer("b", key) as writer:
            assert writer.offset >= told > 0
    data = noise(40 << 20, 5)
    with folder.writer("b", key) as writer:
        writer.write(data[writer.offset :])
        writer.finish()
    assert folder.read_blob("b", key) == data


class Receiving(RuleBasedStateMachine):
    """The writer against plain bytes: writing, flushing, crashing, cutting, finishing in any order."""

    def __init__(self):
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.folder = BlobFolder(self.root)
        self.key = self.folder.new_key("k")
        self.writer = self.folder.writer("b", self.key)
        self.model, self.durable = b"", 0

    def teardown(self):
        self.writer.close()
        shutil.rmtree(self.root)

    @precondition(lambda self: not self.writer.finished)
    @rule(size=st.sampled_from([0, 1, 100, CHUNK_BYTES - 1, CHUNK_BYTES, 150_000]), seed=st.integers(0, 9))
    def write(self, size, seed):
        self.writer.write(noise(size, seed))
        self.model += noise(size, seed)

    @rule()
    def flush(self):
        self.durable = self.writer.flush()
        whole = len(self.model) if self.writer.finished else len(self.model) // CHUNK_BYTES * CHUNK_BYTES
        assert self.durable == whole

    @rule()
    def crash(self):
        finished = self.writer.finished
        self.writer.close()
        self.writer = self.folder.writer("b", self.key)
        assert self.writer.finished == finished
        assert self.durable <= self.writer.offset <= len(self.model)
        self.durable = self.writer.offset
        self.model = self.model[: self.durable]

    @rule(chunks=st.integers(0, 4))
    def cut(self, chunks):
        offset = chunks * CHUNK_BYTES
        if offset <= len(self.model):
            self.writer.truncate_to(offset)
            self.model, self.durable = self.model[:offset], offset

    @precondition(lambda self: not self.writer.finished)
    @rule()
    def finish(self):
        self.durable = self.writer.finish()
        assert self.durable == len(self.model)

    @invariant()
    def knows_what_it_took(self):
        assert self.writer.received == len(self.model)
        assert self.writer.offset == self.durable
        if self.writer.finished:
            assert self.folder.read_blob("b", self.key) == self.model


TestReceiving = Receiving.TestCase
TestReceiving.settings = settings(max_examples=30, stateful_step_count=15, deadline=None)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.integers(0, 90_000), max_size=8), kept=st.floats(0, 1))
def test_after_a_cut_anywhere_the_sender_completes_the_blob(folder, key, tmp_path, pieces, kept):
    data, path = noise(sum(pieces), 4), tmp_path / "blobs" / "b"
    folder.delete_blob("b")
    with folder.writer("b", key) as writer:
        sent = 0
        for size in pieces:
            writer.write(data[sent : sent + size])
            sent += size
        writer.flush()
    os.truncate(path, int(path.stat().st_size * kept))
    with folder.writer("b", key) as writer:
        writer.write(data[writer.offset :])
        writer.finish()
    assert folder.read_blob("b", key) == data
