"""`waylink send` against the real API on a real port: whole, resumed, refused."""

import json
import socket
from contextlib import suppress

import pytest

from encoder import send
from encoder.encode import encode_clients, write_folder
from encoder.secret import Secret
from encoder.send import LEAVING, Identity, send_folder
from schemas.agreement import parse_agreement
from tests.conftest import EXAMPLE
from tests.server.conftest import AGREEMENT
from tests.server.hostile import honest_upload
from tests.server.uploading import declared, digest_header
from waylink.remote.address import parse_address
from waylink.remote.connection import Connection
from waylink.remote.errors import NoRoomThere, NotAccepted, NotThere, RuleRefuses, ServerTrouble
from waylink.remote.token import read_token
from waylink.remote.uploads import HttpCarrier

CHUNK = 1 << 16
MIB = 1 << 20


@pytest.fixture
def project(coop):
    return coop.approved().project.id


@pytest.fixture(scope="session")
def encoded_shelter(tmp_path_factory):
    """The example's shelter, encoded under the agreement of the server's tests. Not to be changed."""
    folder = tmp_path_factory.mktemp("sending") / "shelter"
    files = EXAMPLE / "shelter_clients.csv", EXAMPLE / "shelter_services.csv"
    agreement = parse_agreement(AGREEMENT)
    write_folder(encode_clients(files[0], agreement, "shelter", Secret(b"\7" * 32), services=files[1]), folder)
    return folder


@pytest.fixture
def connect(server, token_files):
    return lambda who: Connection(parse_address(server), read_token(token_files / who), pause=0)


@pytest.fixture
def carrier(connect):
    return HttpCarrier(connect("shelter"))


def identities(files):
    return {part: Identity(**said) for part, said in declared(files).items()}


@pytest.fixture
def begun(carrier, project, coop):
    """An upload of 6,000 made-up records that is begun, and its files."""
    files = honest_upload(coop.approved().agreement, "shelter", records=6_000)
    return carrier.begin(project, "one", identities(files)), files


def test_a_folder_that_was_encoded_is_sent_and_accepted(waylink, project, encoded_shelter):
    told = waylink("shelter", "send", encoded_shelter, "--project", project, "--json").data
    records = json.loads((encoded_shelter / "receipt.json").read_text())["counts"]["records_encoded"]
    assert (told["state"], told["records"]) == ("accepted", records)


def test_sending_it_twice_is_the_same_upload(waylink, project, encoded_shelter):
    first, again = (waylink("shelter", "send", encoded_shelter, "--project", project, "--json").data for _ in range(2))
    assert first == again


def test_a_folder_of_another_agreement_is_not_sent(waylink, coop, encoded_shelter):
    other = coop.approved(AGREEMENT + "minimum_cell = 20").project.id
    said = waylink("shelter", "send", encoded_shelter, "--project", other)
    assert said.status == 4
    assert "another agreement" in said.err


def test_a_folder_of_another_member_is_refused(waylink, project, encoded_shelter):
    said = waylink("clinic", "send", encoded_shelter, "--project", project)
    assert said.status == 3
    assert "another member" in said.err


def test_sending_goes_on_over_http_where_it_broke_off(carrier, project, encoded_shelter, monkeypatch, connect):
    """Every piece goes over a line of its own, and each second one does not come through."""
    monkeypatch.setattr(send, "PIECE_BYTES", CHUNK)
    tries = []

    class Breaking(HttpCarrier):
        def piece(self, upload, part, offset, data):
            tries.append(offset)
            if len(tries) % 2:
                raise ServerTrouble("broke")
            return HttpCarrier(connect("shelter")).piece(upload, part, offset, data)

    accepted = send_folder(encoded_shelter, project, Breaking(connect("shelter")), wait=lambda _: None)
    assert accepted.state == "accepted"
    size = sum((encoded_shelter / name).stat().st_size for name in LEAVING.values())
    assert len(tries) >= 2 * (size // CHUNK)
    assert carrier.show(accepted.id) == accepted


def test_where_the_server_is_further_it_says_so(carrier, begun):
    upload, files = begun
    assert carrier.piece(upload.id, "encodings", 0, files.encodings[: 2 * CHUNK]) == 2 * CHUNK
    assert carrier.piece(upload.id, "encodings", 0, files.encodings[:CHUNK]) == 2 * CHUNK


def test_a_part_that_another_request_holds_is_trouble_that_passes(carrier, begun, coop):
    upload, files = begun
    blob = f"{upload.id}-encodings"
    with coop.desk.blobs.writer(blob, coop.desk.blobs.key(blob)), pytest.raises(ServerTrouble):
        carrier.piece(upload.id, "encodings", 0, files.encodings[:CHUNK])


def test_a_piece_that_was_altered_on_the_way_is_trouble_that_passes(carrier, begun, monkeypatch):
    upload, files = begun
    with monkeypatch.context() as patched:
        patched.setattr("waylink.remote.uploads.content_digest", lambda _: digest_header(b"something else"))
        with pytest.raises(ServerTrouble):
            carrier.piece(upload.id, "encodings", 0, files.encodings[:CHUNK])
    assert carrier.show(upload.id).received["encodings"] == 0


def test_more_than_declared_is_refused(carrier, begun):
    upload, files = begun
    with pytest.raises(NotAccepted):
        carrier.piece(upload.id, "services", 0, files.services + b"x")


def test_what_is_not_all_there_is_not_completed(carrier, begun):
    with pytest.raises(Exception, match="not all of it"):
        carrier.complete(begun[0].id)


def test_a_rule_that_refuses_is_told(carrier, coop):
    files = honest_upload(coop.propose().agreement, "shelter")
    with pytest.raises(RuleRefuses) as refused:
        carrier.begin(coop.propose().project.id, "one", identities(files))
    assert refused.value.rule == "approved-agreement"


def test_an_upload_of_others_is_not_there(begun, connect):
    with pytest.raises(NotThere):
        HttpCarrier(connect("clinic")).show(begun[0].id)


def test_the_line_is_hung_up_on_whoever_sends_without_end(server, begun, coop):
    upload, _ = begun
    host, _, port = server.removeprefix("http://").partition(":")
    head = [f"PATCH /api/uploads/{upload.id}/parts/encodings HTTP/1.1", f"Host: {host}", "Upload-Offset: 0"]
    head += [f"{name}: {value}" for name, value in coop.headers("shelter").items()]
    head += [f"Content-Digest: {digest_header(b'')}", "Transfer-Encoding: chunked", "", ""]
    sent, block = 0, b"10000\r\n" + bytes(CHUNK) + b"\r\n"
    with socket.create_connection((host, int(port)), timeout=60) as line:
        line.sendall("\r\n".join(head).encode())
        with suppress(ConnectionResetError, BrokenPipeError):
            while sent < 256 * MIB:
                line.sendall(block)
                sent += CHUNK
    assert sent < 64 * MIB  # what the system's own buffers take on loopback is far less


def test_a_line_that_breaks_in_a_piece_keeps_its_whole_chunks(server, begun, coop, carrier):
    upload, files = begun
    host, _, port = server.removeprefix("http://").partition(":")
    piece = files.encodings[: 3 * CHUNK + 100]
    head = [f"PATCH /api/uploads/{upload.id}/parts/encodings HTTP/1.1", f"Host: {host}", "Upload-Offset: 0"]
    head += [f"{name}: {value}" for name, value in coop.headers("shelter").items()]
    head += [f"Content-Digest: {digest_header(piece)}", f"Content-Length: {4 * CHUNK}", "", ""]
    with socket.create_connection((host, int(port)), timeout=60) as line:
        line.sendall("\r\n".join(head).encode() + piece)
    received = 0
    while not received:  # until the server has seen that the line is gone
        received = carrier.show(upload.id).received["encodings"]
    assert received == 3 * CHUNK


def test_a_full_disk_is_told_at_once_as_waiting_makes_no_room(carrier, project, encoded_shelter, monkeypatch):
    def full(*_):
        raise NoRoomThere("the server's disk is full", problem="NoRoom")

    waited = []
    monkeypatch.setattr(carrier, "piece", full)
    with pytest.raises(NoRoomThere):
        send_folder(encoded_shelter, project, carrier, wait=waited.append)
    assert waited == []
