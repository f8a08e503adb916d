"""One connection: which error each answer becomes, what is tried again, whom TLS trusts; and no token, ever."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from fastapi import FastAPI, Request, Response

from schemas.errors import BrokenFile, DataFault, FileMissing, NetworkFault, NotAllowed, PolicyRefusal, UsageFault
from server.domain.accounts import Role, new_token
from tests.server.certificates import self_signed
from tests.waylink.remote.serving import Terminal, served
from waylink.exit_codes import exit_status
from waylink.remote.address import parse_address
from waylink.remote.connection import Connection
from waylink.remote.errors import BadAddress, BadAnswer, RemoteError, RuleRefuses, Unreachable
from waylink.remote.token import AccessToken

TEXT = new_token(Role.STEWARD, lambda n: b"\x07" * n).reveal()
TOKEN = AccessToken(TEXT)


class Scripted:
    """A server that answers what it is told to, in turn, the last again and again; notes what it was asked."""

    def __init__(self) -> None:
        self.answers: list[Response] = []
        self.asked: list[str] = []
        self.app = FastAPI()
        self.app.add_api_route("/{path:path}", self._answer, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])

    def say(self, *answers: Response) -> None:
        self.answers = list(answers)

    async def _answer(self, request: Request) -> Response:
        self.asked.append(f"{request.method} {request.headers.get('authorization', '')}")
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def scripted() -> Scripted:
    return Scripted()


@pytest.fixture
def address(scripted: Scripted) -> Iterator[str]:
    with served(scripted.app) as address:
        yield address


@pytest.fixture
def connection(address: str) -> Connection:
    return Connection(parse_address(address), TOKEN, pause=0)


def problem(status: int, **members: object) -> Response:
    body = {"type": "urn:waylink:problem:Something", "title": "t", "status": status} | members
    return Response(json.dumps(body), status, media_type="application/problem+json")


MEANINGS = [
    (400, "", UsageFault, 2),
    (401, "", NotAllowed, 4),
    (403, "role", NotAllowed, 4),
    (404, "", UsageFault, 2),
    (405, "", UsageFault, 2),
    (409, "everyone-delivered", PolicyRefusal, 6),
    (409, "", UsageFault, 2),
    (413, "", DataFault, 3),
    (422, "", DataFault, 3),
    (429, "", NetworkFault, 5),
    (500, "", NetworkFault, 5),
    (503, "", NetworkFault, 5),
    (507, "", NetworkFault, 5),
]


@pytest.mark.parametrize(("status", "rule", "kind", "end"), MEANINGS)
def test_every_refusal_becomes_an_error_of_its_kind(connection, scripted, status, rule, kind, end):
    scripted.say(problem(status, detail="no", fix="do this", where="there", **({"rule": rule} if rule else {})))
    with pytest.raises(RemoteError) as caught:
        connection.request("POST", "/api/x")
    error = caught.value
    assert isinstance(error, kind)
    assert exit_status(error) == end
    assert (error.what, error.fix, error.where, error.rule) == ("no", "do this", "there", rule)
    assert error.problem == "Something"
    assert str(error) == "there: no\n  fix: do this" + (f"\n  rule: {rule}" if rule else "")


def test_an_answer_that_is_no_problem_is_told_by_its_status_alone(connection, scripted):
    scripted.say(Response("<html>secret things</html>", 502))
    with pytest.raises(RemoteError, match="answered 502") as caught:
        connection.request("GET", "/api/x")
    assert isinstance(caught.value, NetworkFault)
    assert "secret things" not in str(caught.value)


def test_a_malformed_request_says_which_field_and_what_is_asked_of_it(connection, scripted):
    scripted.say(problem(422, detail="bad", faults=[{"where": "body.days", "rule": "at most 90"}]))
    with pytest.raises(DataFault, match=r"body\.days \(at most 90\)"):
        connection.request("POST", "/api/x")


def test_what_else_a_problem_says_is_at_hand(connection, scripted):
    scripted.say(problem(409, detail="wrong offset", received=65536))
    with pytest.raises(UsageFault) as caught:
        connection.request("PATCH", "/api/x", body=b"")
    assert caught.value.more == {"received": 65536}


def test_a_server_that_repeats_the_token_does_not_get_it_onto_the_screen(connection, scripted):
    scripted.say(problem(409, detail=f"who is {TEXT}?", fix=TEXT, where=TEXT, rule=TEXT, received=TEXT))
    with pytest.raises(RuleRefuses) as caught:
        connection.request("GET", "/api/x")
    said = str(caught.value) + json.dumps(caught.value.as_dict()) + json.dumps(caught.value.more)
    assert TEXT not in said + "".join(traceback.format_exception(caught.value))
    assert scripted.asked == [f"GET Bearer {TEXT}"]


@pytest.mark.parametrize(
    "address",
    ["http://example.org", "http://10.0.0.1:8765", "http://127.0.0.1.example.org", "http://0.0.0.0", "http://[::2]"],
)
def test_plain_http_to_another_computer_is_refused(address):
    with pytest.raises(BadAddress, match="would show the access token"):
        parse_address(address)


@pytest.mark.parametrize(
    "address", ["http://localhost:1", "http://127.0.0.9", "http://[::1]:80/", "https://example.org/coop/"]
)
def test_https_and_this_computer_are_taken(address):
    assert parse_address(address).url == address.rstrip("/")


@pytest.mark.parametrize(
    "address", ["", "example.org", "ftp://example.org", "https://", "https://a:b", "https://a?x=1", "https://a#b"]
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(BadAddress):
        parse_address(address)


@pytest.mark.parametrize(
    ("address", "right"),
    [
        ("linkage.example.org", "https://linkage.example.org"),
        ("linkage.example.org:8443/", "https://linkage.example.org:8443"),
        ("localhost:8765", "http://localhost:8765"),
        ("127.0.0.1", "http://127.0.0.1"),
        ("[::1]:8765", "http://[::1]:8765"),
        ("https://example.org/api", "https://example.org"),
        ("https://example.org/api/register", "https://example.org"),
        ("http://localhost:8765/healthz", "http://localhost:8765"),
    ],
)
def test_a_mistaken_address_is_answered_with_the_right_one(address, right):
    with pytest.raises(BadAddress) as caught:
        parse_address(address)
    assert right in caught.value.fix
    assert exit_status(caught.value) == 2
    assert parse_address(right).url == right


def test_a_path_under_which_nothing_is_may_be_a_mistake(scripted, address):
    scripted.say(problem(404, detail="Nothing matches the given URI"))
    with pytest.raises(RemoteError) as caught:
        Connection(parse_address(f"{address}/wrong"), TOKEN, pause=0).request("GET", "/api/me")
    assert caught.value.fix.endswith(f"Mostly it has none: {address}")
    scripted.say(problem(404, detail="there is no such project", fix="see the list of those that are yours"))
    with pytest.raises(RemoteError, match="see the list"):
        Connection(parse_address(f"{address}/right"), TOKEN, pause=0).request("GET", "/api/me")


@pytest.mark.parametrize("address", ["https://me:hunter2@example.org", "me:hunter2@example.org", "https://a/@hunter2"])
def test_a_password_in_the_address_is_refused_and_not_repeated(address):
    with pytest.raises(BadAddress) as caught:
        parse_address(address)
    assert "hunter2" not in str(caught.value)


def test_reading_is_tried_again_while_a_server_starts(connection, scripted):
    scripted.say(problem(503), problem(502), Response("[]"))
    assert connection.request("GET", "/api/x").read_as(list[int]) == []
    assert len(scripted.asked) == 3


def test_what_changes_something_is_never_done_twice(connection, scripted):
    scripted.say(problem(503), Response("[]"))
    with pytest.raises(NetworkFault):
        connection.request("POST", "/api/x")
    assert len(scripted.asked) == 1


def test_the_token_is_not_sent_on_to_another_address(connection, scripted):
    scripted.say(Response(status_code=307, headers={"Location": "/elsewhere"}))
    with pytest.raises(BadAnswer, match="another address"):
        connection.request("GET", "/api/x")
    assert len(scripted.asked) == 1


@pytest.mark.parametrize("body", ["", "no json", "[1", '{"a": 1}', "[true]", '["x"]', "[" * 100_000])
def test_an_answer_of_another_form_is_no_answer(connection, scripted, body):
    scripted.say(Response(body))
    with pytest.raises(BadAnswer):
        connection.request("GET", "/api/x").read_as(list[int])


def test_an_answer_without_end_is_not_held_in_memory(connection, scripted, monkeypatch):
    monkeypatch.setattr("waylink.remote.connection._MOST_BYTES", 1000)
    scripted.say(Response(b"x" * 1001))
    with pytest.raises(BadAnswer, match="more than 1,000 bytes"):
        connection.request("GET", "/api/x")


def test_a_server_that_is_not_there_is_a_fault_of_the_network():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    connection = Connection(parse_address(f"http://127.0.0.1:{port}"), TOKEN, pause=0)
    with pytest.raises(Unreachable, match="cannot be reached") as caught:
        connection.request("GET", "/api/me")
    assert exit_status(caught.value) == 5


@contextmanager
def breaking_off(start: bytes) -> Iterator[str]:
    """A server that sends this and hangs up, four times (each try again counts)."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            with suppress(OSError):  # nobody calls any more
                for _ in range(4):
                    with listening.accept()[0] as caller:
                        caller.recv(65536)
                        caller.sendall(start)

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            listening.shutdown(socket.SHUT_RDWR)  # wakes who waits for a caller
            thread.join()


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", b"SSH-2.0-x\r\n"])
def test_a_connection_that_breaks_is_a_fault_of_the_network(start):
    with breaking_off(start) as address, pytest.raises(Unreachable):
        Connection(parse_address(address), TOKEN, pause=0).request("GET", "/api/me")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for this computer that only its own authority (itself) vouches for, and its key."""
    return self_signed(tmp_path_factory.mktemp("tls"))


def test_a_certificate_is_taken_from_the_authority_that_was_named_and_from_no_other(certificate, scripted):
    ca, key = certificate
    scripted.say(Response("[]"))
    with served(scripted.app, ssl_certfile=str(ca), ssl_keyfile=str(key)) as address:
        server = parse_address(address)
        assert Connection(server, TOKEN, ca=ca).request("GET", "/").status == 200
        with pytest.raises(Unreachable, match="certificate") as caught:
            Connection(server, TOKEN, pause=0).request("GET", "/")
    assert "--ca" in caught.value.fix
    assert len(scripted.asked) == 1


def test_the_reason_why_a_certificate_does_not_hold_is_told(certificate, scripted):
    ca, key = certificate
    with served(scripted.app, ssl_certfile=str(ca), ssl_keyfile=str(key)) as address:
        with pytest.raises(Unreachable, match="self-signed certificate"):
            Connection(parse_address(address), TOKEN, pause=0).request("GET", "/")
        with pytest.raises(Unreachable, match="not valid for 'localhost'"):
            Connection(parse_address(address.replace("127.0.0.1", "localhost")), TOKEN, ca=ca, pause=0).request(
                "GET", "/"
            )
    assert scripted.asked == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_plain_http_to_a_port_of_tls_is_answered_with_the_right_address(certificate, scripted, method):
    ca, key = certificate
    with served(scripted.app, ssl_certfile=str(ca), ssl_keyfile=str(key)) as address:
        plain = parse_address(address.replace("https", "http"))
        with pytest.raises(Unreachable, match="speaks TLS, and was asked without") as caught:
            Connection(plain, TOKEN, pause=0).request(method, "/")
    assert caught.value.fix == f"write {address}"
    assert exit_status(caught.value) == 5


def test_tls_to_a_port_of_plain_http_is_answered_with_the_right_address(scripted, address):
    with pytest.raises(Unreachable, match="does not speak TLS") as caught:
        Connection(parse_address(address.replace("http", "https")), TOKEN, pause=0).request("GET", "/")
    assert caught.value.fix.endswith(f"A server on this computer without a certificate is {address}")
    assert "--ca" not in str(caught.value)
    assert exit_status(caught.value) == 5
    assert scripted.asked == []


def test_an_authority_that_cannot_be_read_is_told(tmp_path):
    server = parse_address("https://example.org")
    with pytest.raises(FileMissing):
        Connection(server, ca=tmp_path / "none.pem")
    (tmp_path / "wrong.pem").write_text("hello")
    with pytest.raises(BrokenFile):
        Connection(server, ca=tmp_path / "wrong.pem")


def test_neither_a_connection_nor_a_token_shows_itself(connection):
    assert TEXT not in repr(connection) + repr(TOKEN) + str(TOKEN) + f"{TOKEN}{vars(connection)}"


def test_an_unexpected_error_shows_no_token_even_when_all_of_it_is_asked_for(monkeypatch, capsys, address, tmp_path):
    monkeypatch.setenv("WAYLINK_DEBUG", "1")
    (tmp_path / "me").write_text(TEXT)
    terminal = Terminal(monkeypatch, capsys, address, tmp_path)
    monkeypatch.setattr(ssl, "create_default_context", lambda **_: 1 / 0)
    terminal.server = "https://127.0.0.1:1"
    said = terminal("me", "me")
    assert said.status == 1
    assert "ZeroDivisionError" in said.err
    assert TEXT not in said.err + said.out


def test_no_error_of_this_room_is_without_a_kind():
    kinds = (UsageFault, DataFault, NotAllowed, NetworkFault, PolicyRefusal)
    assert [error for error in RemoteError.__subclasses__() if not issubclass(error, kinds)] == []
