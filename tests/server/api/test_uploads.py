"""Uploads over HTTP: whatever comes is received, checked, and accepted or gone."""

import errno
import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from server.actions.upload_completion import complete_upload
from server.api import piece_stream
from server.app import create_app
from server.store.audit import count_events, events_up_to
from server.store.blobs import writer
from tests.server.api.asgi_call import Answer, http_scope
from tests.server.hostile import honest_parts, honest_upload, hostile_uploads
from tests.server.uploading import Sender, declared, digest_header

CHUNK = 1 << 16
MIB = 1 << 20
RECORDS = 6_000  # some 290 kB of encodings: several pieces, a last one that is not full


@pytest.fixture
def approved(sqlite_coop):
    return sqlite_coop.approved()


@pytest.fixture
def senders(client, sqlite_coop, approved):
    return {name: Sender(client, approved.project.id, sqlite_coop.headers(name)) for name in ("shelter", "clinic")}


@pytest.fixture
def shelter(senders):
    return senders["shelter"]


@pytest.fixture
def files(approved):
    return honest_upload(approved.agreement, "shelter", records=RECORDS)


def problem(answer) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.json()["type"].rpartition(":")[2]


def log_of(desk) -> list[str]:
    with desk.reading() as session:
        return [event.action for event in events_up_to(session, count_events(session))]


def left_on_disk(data_folder) -> list[str]:
    return sorted(path.name for room in ("blobs", "keys") for path in (data_folder / room).iterdir())


def test_an_honest_upload_is_accepted(shelter, files, sqlite_desk):
    answer = shelter.send(files)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["state"], body["records"], body["member"]) == ("accepted", RECORDS, "shelter")
    assert body["parts"]["encodings"] == {"bytes": len(files.encodings), "received": len(files.encodings)}
    assert log_of(sqlite_desk)[-2:] == ["upload.begun", "upload.accepted"]


def test_completing_twice_changes_nothing(shelter, files, sqlite_desk):
    first = shelter.send(files).json()
    before = log_of(sqlite_desk)
    assert shelter.complete(first["id"]).json() == first
    assert log_of(sqlite_desk) == before


def test_what_was_accepted_is_what_was_sent(shelter, files, sqlite_desk):
    upload = shelter.send(files).json()["id"]
    blobs = sqlite_desk.blobs
    for part, data in (("encodings", files.encodings), ("services", files.services)):
        assert blobs.read_blob(f"{upload}-{part}", blobs.key(f"{upload}-{part}")) == data


def test_the_same_key_begins_nothing_new(shelter, files):
    first, again = shelter.begin(files), shelter.begin(files)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


def test_the_same_key_for_other_files_is_refused(shelter, files):
    shelter.begin(files)
    other = shelter.begin(files, encodings={"bytes": 5, "sha256": "0" * 64})
    assert (other.status_code, problem(other)) == (409, "AlreadyThere")


@pytest.mark.parametrize("key", ["", "a b", "x" * 65, "ä", None])
def test_a_key_that_is_none_is_refused(client, shelter, files, key):
    headers = shelter.headers | ({} if key is None else {"Idempotency-Key": key.encode()})
    answer = client.post(f"/api/projects/{shelter.project}/uploads", json=declared(files), headers=headers)
    assert answer.status_code == 422


def names_of_hostile():
    from tests.linkage.coops import small_agreement

    return sorted(hostile_uploads(small_agreement(), "east"))


@pytest.mark.parametrize("name", names_of_hostile())
def test_a_hostile_upload_is_refused_and_leaves_nothing(senders, approved, name, sqlite_desk, data_folder):
    assert senders["clinic"].send(honest_upload(approved.agreement, "clinic")).status_code == 200
    before = left_on_disk(data_folder)
    hostile = hostile_uploads(approved.agreement, "shelter")[name]
    shelter = senders["shelter"]
    begun = shelter.begin(hostile)
    if not (hostile.encodings and hostile.services):  # nothing to send
        assert (begun.status_code, problem(begun)) == (422, "Malformed")
    else:
        upload = begun.json()["id"]
        shelter.send_parts(upload, hostile)
        answer = shelter.complete(upload)
        assert (answer.status_code, problem(answer)) == (422, hostile.refused_as.__name__)
        assert shelter.show(upload).json()["state"] == "rejected"
        assert log_of(sqlite_desk)[-3:] == ["upload.rejected", "encodings.destroyed", "services.destroyed"]
        assert shelter.complete(upload).status_code == 409
    assert left_on_disk(data_folder) == before


def test_a_file_that_is_not_the_declared_one_is_refused(shelter, files, approved, data_folder):
    other = honest_upload(approved.agreement, "shelter", records=RECORDS, seed=2)
    assert len(other.encodings) == len(files.encodings)
    upload = shelter.begin(files).json()["id"]
    shelter.send_parts(upload, other)
    answer = shelter.complete(upload)
    assert (answer.status_code, problem(answer)) == (422, "NotAsDeclared")
    assert left_on_disk(data_folder) == []


def test_sending_goes_on_after_a_restart_at_every_piece(sqlite_coop, approved, files):
    shelter = Sender(None, approved.project.id, sqlite_coop.headers("shelter"))
    while True:  # each piece is sent to a server that has just started
        sqlite_coop.desk.certain.__init__()
        with TestClient(create_app(sqlite_coop.desk)) as shelter.client:
            upload = shelter.begin(files).json()
            part = next((p for p, have in upload["parts"].items() if have["received"] < have["bytes"]), None)
            if part is None:
                break
            offset = upload["parts"][part]["received"]
            assert offset % CHUNK == 0
            piece = getattr(files, part)[offset : offset + CHUNK]
            assert shelter.piece(upload["id"], part, offset, piece).json() == {"received": offset + len(piece)}
    with TestClient(create_app(sqlite_coop.desk)) as shelter.client:
        assert shelter.complete(upload["id"]).json()["state"] == "accepted"


def test_of_a_piece_that_is_no_whole_chunks_the_whole_ones_are_kept(shelter, files):
    upload = shelter.begin(files).json()["id"]
    assert shelter.piece(upload, "encodings", 0, files.encodings[: CHUNK + 7]).json() == {"received": CHUNK}
    assert shelter.piece(upload, "encodings", CHUNK, files.encodings[CHUNK:]).status_code == 200


@pytest.mark.parametrize("offset", [0, 1, CHUNK - 1, 2 * CHUNK, 10**15])
def test_a_wrong_offset_is_told_the_right_one(shelter, files, offset):
    upload = shelter.begin(files).json()["id"]
    shelter.piece(upload, "encodings", 0, files.encodings[:CHUNK])
    answer = shelter.piece(upload, "encodings", offset, b"x")
    assert (answer.status_code, problem(answer), answer.json()["received"]) == (409, "WrongOffset", CHUNK)
    assert answer.headers["connection"] == "close"  # the body may still be coming


def test_a_wrong_offset_at_the_start_is_told_zero(shelter, files):
    answer = shelter.piece(shelter.begin(files).json()["id"], "services", CHUNK, b"x")
    assert (answer.status_code, answer.json()["received"]) == (409, 0)


def test_a_piece_with_a_wrong_digest_is_rolled_back(shelter, files):
    upload = shelter.begin(files).json()["id"]
    shelter.piece(upload, "encodings", 0, files.encodings[:CHUNK])
    wrong = {"Content-Digest": digest_header(b"something else")}
    answer = shelter.piece(upload, "encodings", CHUNK, files.encodings[CHUNK:], **wrong)
    assert (answer.status_code, problem(answer)) == (422, "WrongDigest")
    assert shelter.show(upload).json()["parts"]["encodings"]["received"] == CHUNK
    assert shelter.piece(upload, "encodings", CHUNK, files.encodings[CHUNK:]).status_code == 200


@pytest.mark.parametrize("given", ["", "sha-256=:AAAA:", "md5=:AAAA:", None])
def test_a_piece_without_a_digest_is_refused(client, shelter, files, given):
    upload = shelter.begin(files).json()["id"]
    headers = shelter.headers | {"Upload-Offset": "0"} | ({} if given is None else {"Content-Digest": given})
    assert client.patch(f"/api/uploads/{upload}/parts/encodings", content=b"x", headers=headers).status_code == 422


@pytest.mark.parametrize("changes", [{"Content-Type": "text/plain"}, {"Content-Encoding": "gzip"}])
def test_only_plain_octets_are_taken(shelter, files, changes):
    upload = shelter.begin(files).json()["id"]
    assert shelter.piece(upload, "encodings", 0, b"x", **changes).status_code == 415


class Endless:
    """A body that counts how much of it was read."""

    def __init__(self) -> None:
        self.read = 0

    def __iter__(self):
        while self.read < 50 * MIB:  # far more than anybody should take
            self.read += CHUNK
            yield bytes(CHUNK)


class LazyServer(Answer):
    """Asks the app without an HTTP library between: what the app does not receive was not read."""

    def __init__(self, app, headers: dict[str, str], path: str) -> None:
        super().__init__()
        self.app = app
        self.scope = http_scope("PATCH", f"http://testserver{path}", headers)

    def ask(self, messages) -> int:
        import anyio

        messages = iter(messages)

        async def receive():
            return next(messages)

        anyio.run(self.app, self.scope, receive, self.send)
        return self.status


def of_body(blocks):
    for block in blocks:
        yield {"type": "http.request", "body": block, "more_body": True}
    yield {"type": "http.request", "body": b"", "more_body": False}


def lazily(sqlite_coop, upload: str, **headers: str) -> LazyServer:
    given = {"Upload-Offset": "0", "Content-Digest": digest_header(b"")} | sqlite_coop.headers("shelter") | headers
    return LazyServer(create_app(sqlite_coop.desk), given, f"/api/uploads/{upload}/parts/encodings")


def test_a_body_that_is_too_long_is_cut(shelter, files, sqlite_coop):
    upload = shelter.begin(files).json()["id"]
    body = Endless()
    assert lazily(sqlite_coop, upload).ask(of_body(body)) == 413
    assert body.read <= len(files.encodings) + MIB
    assert shelter.show(upload).json()["parts"]["encodings"]["received"] == 0


def test_a_body_that_says_it_is_too_long_is_not_read(shelter, files, sqlite_coop):
    upload = shelter.begin(files).json()["id"]
    body = Endless()
    announced = {"Content-Length": str(len(files.encodings) + 1)}
    assert lazily(sqlite_coop, upload, **announced).ask(of_body(body)) == 413
    assert body.read == 0


def test_what_a_sender_that_went_away_had_sent_is_kept(shelter, files, sqlite_coop):
    upload = shelter.begin(files).json()["id"]

    def breaking_off():
        yield {"type": "http.request", "body": files.encodings[: 3 * CHUNK + 5], "more_body": True}
        yield {"type": "http.disconnect"}

    lazily(sqlite_coop, upload).ask(breaking_off())
    assert shelter.show(upload).json()["parts"]["encodings"]["received"] == 3 * CHUNK
    rest = files.encodings[3 * CHUNK :]
    assert shelter.piece(upload, "encodings", 3 * CHUNK, rest).json() == {"received": len(files.encodings)}


def test_a_disk_that_fails_behind_a_sender_that_went_away_is_told_and_the_part_is_free(
    shelter, files, sqlite_coop, monkeypatch
):
    upload = shelter.begin(files).json()["id"]
    monkeypatch.setattr(piece_stream, "BUFFER_BYTES", CHUNK)

    def breaking_off():
        yield {"type": "http.request", "body": files.encodings[:CHUNK], "more_body": True}
        yield {"type": "http.request", "body": files.encodings[CHUNK : 2 * CHUNK], "more_body": True}
        yield {"type": "http.disconnect"}

    def full(*_):
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as disk:
        disk.setattr(writer, "write_at", full)
        assert lazily(sqlite_coop, upload).ask(breaking_off()) == 507
    assert shelter.piece(upload, "encodings", 0, files.encodings).json() == {"received": len(files.encodings)}


def test_uploads_are_checked_one_at_a_time_and_nobody_else_waits(senders, approved, sqlite_coop, monkeypatch):
    uploads, at_it, most, free = {}, [], [], threading.Event()
    for name, sender in senders.items():
        files = honest_upload(approved.agreement, name, records=50)
        uploads[name] = sender.begin(files).json()["id"]
        sender.send_parts(uploads[name], files)

    def slowly(*arguments):
        at_it.append(1)
        most.append(len(at_it))
        free.wait(10)  # longer than a request needs to come to the line
        at_it.pop()
        return complete_upload(*arguments)

    monkeypatch.setattr("server.api.uploads.complete_upload", slowly)
    app = create_app(sqlite_coop.desk)
    line = app.state.patience.checking
    with TestClient(app) as client, ThreadPoolExecutor() as pool:  # one event loop for all
        senders = {name: replace(sender, client=client) for name, sender in senders.items()}
        asked = [pool.submit(sender.complete, uploads[name]) for name, sender in senders.items()]
        while line.statistics().tasks_waiting == 0 and not all(one.done() for one in asked):
            assert senders["clinic"].show(uploads["clinic"]).status_code == 200  # while one is checked
        free.set()
        assert [one.result().status_code for one in asked] == [200, 200]
    assert most == [1, 1]


def test_a_sender_that_says_nothing_any_more_lets_the_part_go(shelter, files, sqlite_coop, monkeypatch):
    import anyio

    monkeypatch.setattr(piece_stream, "IDLE_SECONDS", 0.05)
    upload = shelter.begin(files).json()["id"]
    server = lazily(sqlite_coop, upload)
    said = [{"type": "http.request", "body": files.encodings[:CHUNK], "more_body": True}]

    async def receive():
        return said.pop() if said else await anyio.sleep_forever()

    async def send(message):
        server.status = message.get("status", server.status)

    anyio.run(server.app, server.scope, receive, send)
    assert server.status == 408
    assert shelter.show(upload).json()["parts"]["encodings"]["received"] == CHUNK


def test_of_two_pieces_of_one_part_at_a_time_one_is_refused(shelter, files, sqlite_desk):
    upload = shelter.begin(files).json()["id"]
    blob = f"{upload}-encodings"
    with sqlite_desk.blobs.writer(blob, sqlite_desk.blobs.key(blob)):
        answer = shelter.piece(upload, "encodings", 0, b"x")
        assert (answer.status_code, problem(answer)) == (409, "BlobBusy")
        assert shelter.piece(upload, "services", 0, files.services).status_code == 200


def test_a_full_disk_is_told_and_sending_goes_on_when_there_is_room(shelter, files, monkeypatch):
    upload = shelter.begin(files).json()["id"]
    shelter.piece(upload, "encodings", 0, files.encodings[:CHUNK])

    def full(*_):
        raise OSError(errno.ENOSPC, "no space")

    with monkeypatch.context() as patched:
        patched.setattr(writer, "write_at", full)
        answer = shelter.piece(upload, "encodings", CHUNK, files.encodings[CHUNK:])
    assert (answer.status_code, problem(answer)) == (507, "NoRoom")
    assert shelter.show(upload).json()["parts"]["encodings"]["received"] == CHUNK
    for part, offset in (("encodings", CHUNK), ("services", 0)):
        assert shelter.piece(upload, part, offset, getattr(files, part)[offset:]).status_code == 200
    assert shelter.complete(upload).json()["state"] == "accepted"


def test_what_is_not_all_there_cannot_be_completed(shelter, files):
    upload = shelter.begin(files).json()["id"]
    shelter.piece(upload, "encodings", 0, files.encodings)
    answer = shelter.complete(upload)
    assert (answer.status_code, problem(answer), answer.json()["where"]) == (409, "NotAllReceived", "services")


@pytest.mark.parametrize("part", ["encodings", "services"])
def test_more_than_the_server_takes_is_refused_before_it_is_sent(shelter, files, sqlite_desk, part):
    size = sqlite_desk.limits.upload_bytes + 1
    answer = shelter.begin(files, **{part: {"bytes": size, "sha256": "0" * 64}})
    assert (answer.status_code, problem(answer), answer.json()["where"]) == (413, "TooLarge", part)


@pytest.mark.parametrize("verb", ["show", "complete", "piece", "delete"])
def test_a_foreign_upload_looks_like_a_missing_one(senders, files, client, verb):
    upload = senders["shelter"].begin(files).json()["id"]
    clinic = senders["clinic"]

    def ask(which: str):
        if verb == "piece":
            return clinic.piece(which, "encodings", 0, b"x")
        if verb == "delete":
            return client.delete(f"/api/uploads/{which}", headers=clinic.headers)
        return getattr(clinic, verb)(which)

    foreign, missing = ask(upload), ask("0" * 32)
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json() == missing.json()
    assert clinic.client.get(f"/api/projects/{clinic.project}/uploads", headers=clinic.headers).json() == []


def test_no_clk_is_on_the_disk_in_clear_at_any_time(shelter, approved, tmp_path):
    encodings, _ = honest_parts(approved.agreement, "shelter", records=RECORDS)
    files = honest_upload(approved.agreement, "shelter", records=RECORDS)
    clks = encodings.bits.tobytes()
    windows = {clks[start : start + 16] for start in range(0, len(clks) - 16, 16)}

    def in_clear() -> bool:
        everything = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
        return any(data[at : at + 16] in windows for data in everything for at in range(len(data) - 15))

    upload = shelter.begin(files).json()["id"]
    shelter.piece(upload, "encodings", 0, files.encodings[: 2 * CHUNK + 5])
    assert not in_clear()
    shelter.piece(upload, "encodings", 2 * CHUNK, files.encodings[2 * CHUNK :])
    shelter.piece(upload, "services", 0, files.services)
    assert shelter.complete(upload).json()["state"] == "accepted"
    assert not in_clear()
    (tmp_path / "control").write_bytes(b"..." + clks[160:200])
    assert in_clear()  # the search itself finds what is there


def test_deleting_leaves_nothing(shelter, files, client, data_folder, sqlite_desk):
    upload = shelter.send(files).json()["id"]
    assert client.delete(f"/api/uploads/{upload}", headers=shelter.headers).status_code == 204
    assert left_on_disk(data_folder) == []
    assert log_of(sqlite_desk)[-3:] == ["upload.deleted", "encodings.destroyed", "services.destroyed"]
    assert client.delete(f"/api/uploads/{upload}", headers=shelter.headers).status_code == 204
    assert log_of(sqlite_desk)[-1] == "services.destroyed"


def test_a_deleted_upload_takes_no_more(shelter, files, client):
    upload = shelter.begin(files).json()["id"]
    client.delete(f"/api/uploads/{upload}", headers=shelter.headers)
    answer = shelter.piece(upload, "encodings", 0, b"x")
    assert (answer.status_code, answer.json()["rule"]) == (409, "state")


def test_withdrawn_records_are_counted_once(shelter, client):
    url, body = f"/api/projects/{shelter.project}/withdrawals", {"tokens": ["0" * 32, "1" * 32, "0" * 32]}
    assert client.post(url, json=body, headers=shelter.headers).json() == {"withdrawn": 2}
    assert client.post(url, json=body, headers=shelter.headers).json() == {"withdrawn": 0}


@pytest.mark.parametrize("tokens", [[], ["0" * 31], ["G" * 32], ["0" * 32] * 10_001])
def test_what_is_no_list_of_tokens_is_refused(shelter, client, tokens):
    answer = client.post(
        f"/api/projects/{shelter.project}/withdrawals", json={"tokens": tokens}, headers=shelter.headers
    )
    assert answer.status_code == 422
    assert "G" * 32 not in answer.text


def test_digests_in_the_log_are_the_files(shelter, files, sqlite_desk):
    shelter.send(files)
    with sqlite_desk.reading() as session:
        last = list(events_up_to(session, count_events(session)))[-1]
    assert last.facts["encodings_sha256"] == hashlib.sha256(files.encodings).hexdigest()
    assert set(last.facts) == {"agreement", "encodings_sha256", "services_sha256"}
