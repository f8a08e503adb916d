"""What is sent is what the receipt lists; a broken line costs waiting, and nothing is sent twice that arrived."""

import hashlib
import json
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from encoder import send
from encoder.encode import encode_clients, write_folder
from encoder.errors import NothingTaken, SentTooOften
from encoder.send import LEAVING, PAUSES, Identity, Upload, send_folder
from schemas.errors import BrokenFile, DataFault, FileMissing, NetworkFault

PIECE = 1_000
PROJECT = "a" * 32


class Refusal(DataFault):
    """The server says no for good."""


@dataclass
class Server:
    """A carrier to a server in memory, which breaks off as it is told.

    Attributes:
        faults: what each of the next pieces meets: bytes of it that arrive before the line breaks; None: all is well.
        calls: what was asked.
    """

    chunk: int = 1
    faults: list[int | None] = field(default_factory=list)
    calls: list[tuple[object, ...]] = field(default_factory=list)
    uploads: dict[str, dict[str, bytes]] = field(default_factory=dict)
    parts: dict[str, Identity] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    passing: int = 0

    def begin(self, project, key, parts):
        self._maybe_break("begin", project, key)
        self.parts = dict(parts)
        self.uploads.setdefault(key, dict.fromkeys(parts, b""))
        return self.told(key)

    def show(self, upload):
        self._maybe_break("show")
        return self.told(upload)

    def piece(self, upload, part, offset, data):
        self.calls.append(("piece", part, offset, len(data)))
        there = self.uploads[upload]
        if offset != len(there[part]):
            return len(there[part])
        fault = self.faults.pop(0) if self.faults else None
        arrived = data if fault is None else data[: fault // self.chunk * self.chunk]
        there[part] += arrived
        if fault is not None:
            raise NetworkFault("the connection broke")
        return len(there[part])

    def complete(self, upload):
        self._maybe_break("complete")
        there = self.uploads[upload]
        assert {
            part: Identity(len(data), hashlib.sha256(data).hexdigest()) for part, data in there.items()
        } == self.parts
        self.states[upload] = "accepted"
        return self.told(upload)

    def told(self, upload):
        state = self.states.get(upload, "receiving")
        received = {part: len(data) for part, data in self.uploads[upload].items()}
        return Upload(upload, state, received, 6 if state == "accepted" else None)

    def _maybe_break(self, *call):
        self.calls.append(call)
        if self.passing:
            self.passing -= 1
            raise NetworkFault("cannot be reached")


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(send, "PIECE_BYTES", PIECE)


@pytest.fixture
def folder(agreement, secret, source, clients, services, tmp_path):
    encoded = encode_clients(clients, agreement(), "clinic", secret, services=services, token_source=source)
    write_folder(encoded, tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def waited():
    return []


@pytest.fixture
def sent(folder, waited):
    def run(server, folder=folder, project=PROJECT):
        return send_folder(folder, project, server, wait=waited.append)

    return run


def test_both_files_arrive_as_they_are(sent, folder):
    server = Server()
    upload = sent(server)
    assert (upload.state, upload.records) == ("accepted", 6)
    assert server.uploads[upload.id] == {part: (folder / name).read_bytes() for part, name in LEAVING.items()}


def test_nothing_else_of_the_folder_is_opened(sent, folder):
    """What is private cannot even be read, and what lies beside is not looked at."""
    (folder / "private" / "tokens.csv").unlink()
    (folder / "notes.txt").mkdir()
    assert sent(Server()).state == "accepted"


def test_what_a_receipt_lists_besides_is_not_sent(sent, folder):
    (folder / "more.csv").write_text("C-0001")
    receipt = json.loads((folder / "receipt.json").read_text())
    receipt["files"]["more.csv"] = {"bytes": 6, "sha256": hashlib.sha256(b"C-0001").hexdigest()}
    (folder / "receipt.json").write_text(json.dumps(receipt))
    server = Server()
    sent(server)
    assert set(server.parts) == set(LEAVING)


@pytest.mark.parametrize("name", LEAVING.values())
def test_a_folder_that_is_not_whole_is_not_sent(sent, folder, name):
    (folder / name).write_bytes((folder / name).read_bytes()[:-1])
    server = Server()
    with pytest.raises(BrokenFile):
        sent(server)
    assert server.calls == []


def test_a_folder_without_a_receipt_is_not_sent(sent, tmp_path):
    with pytest.raises(FileMissing):
        sent(Server(), tmp_path)


@pytest.mark.parametrize("arrived", range(0, 2_400, 150))
def test_a_broken_line_is_gone_on_with_from_what_arrived(sent, folder, arrived, waited):
    server = Server(chunk=64, faults=[None, arrived, arrived])
    assert sent(server).state == "accepted"
    size = sum((folder / name).stat().st_size for name in LEAVING.values())
    pieces = [call for call in server.calls if call[0] == "piece"]
    lost = 2 * (PIECE - arrived // 64 * 64)
    assert sum(call[3] for call in pieces) <= size + max(lost, 0)
    assert waited[0] == PAUSES[0]


def test_a_second_call_goes_on_where_the_first_was_stopped(sent):
    server = Server(faults=[None, *[0] * 100])
    with pytest.raises(NetworkFault):
        sent(server)
    server.faults.clear()
    server.calls.clear()
    sent(server)
    assert next(call for call in server.calls if call[0] == "piece")[1:3] == ("encodings", PIECE)
    assert len(server.uploads) == 1


def test_patience_ends_when_nothing_comes_through(sent, waited):
    with pytest.raises(NetworkFault):
        sent(Server(faults=[0] * 100))
    assert tuple(waited) == PAUSES


def test_patience_is_whole_again_when_something_came_through(sent, waited):
    assert sent(Server(faults=[0, 0, None] * 3)).state == "accepted"
    assert max(waited) == PAUSES[1]


@pytest.mark.parametrize("failures", range(1, len(PAUSES) + 1))
def test_a_server_that_is_away_for_a_while_is_waited_for(sent, failures, waited):
    assert sent(Server(passing=failures)).state == "accepted"
    assert tuple(waited) == PAUSES[:failures]


def test_a_server_that_takes_nothing_is_given_up(sent, waited):
    class Deaf(Server):
        def piece(self, *asked):
            return asked[2]

    with pytest.raises(NothingTaken):
        sent(Deaf())
    assert tuple(waited) == PAUSES


def test_a_refusal_is_not_asked_again(sent, waited):
    class Strict(Server):
        def complete(self, *_):
            raise Refusal("fill")

    with pytest.raises(Refusal):
        sent(Strict())
    assert waited == []


def test_what_was_accepted_is_not_sent_again(sent):
    server = Server()
    first = sent(server)
    server.calls.clear()
    assert sent(server) == first
    assert [call[0] for call in server.calls] == ["begin"]


@pytest.mark.parametrize("state", ["rejected", "deleted"])
def test_what_is_over_is_sent_anew(sent, state):
    server = Server()
    first = sent(server)
    server.states[first.id] = state
    second = sent(server)
    assert second.state == "accepted"
    assert second.id != first.id


def test_what_is_over_again_and_again_is_given_up(sent):
    class Strict(Server):
        def told(self, upload):
            return Upload(upload, "rejected", {}, None)

    with pytest.raises(SentTooOften):
        sent(Strict())


def test_the_key_says_nothing_and_is_of_the_project_and_the_files(sent):
    keys = []
    for project in (PROJECT, "b" * 32, PROJECT):
        server = Server()
        sent(server, project=project)
        keys.append(server.calls[0][2])
    assert keys[0] == keys[2] != keys[1]
    assert len(keys[0]) == 64


def test_a_file_that_shrinks_while_it_is_sent_ends_it(sent, folder):
    class Shrinking(Server):
        def piece(self, upload, part, offset, data):
            (folder / LEAVING["encodings"]).write_bytes(b"")
            return super().piece(upload, part, offset, data)

    with pytest.raises(BrokenFile, match="shorter"):
        sent(Shrinking())


def test_progress_is_told_in_bytes_once_each(folder, waited):
    told = []

    class Bar:
        @contextmanager
        def stage(self, title, total):
            told.append((title, total))
            yield told.append

    server = Server(chunk=64, faults=[None, 700])
    send_folder(folder, PROJECT, server, Bar(), wait=waited.append)
    (title, total), *steps = told
    assert (title, sum(steps)) == ("sending", total)
