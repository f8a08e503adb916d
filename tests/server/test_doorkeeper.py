"""Real connections that stand in the door: they have to go, whoever comes after them is served, token holders stay."""

import asyncio
import contextlib
import json
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import pytest

from server.premises.settings import Settings
from server.serving.api_server import ApiServer
from server.serving.doorkeeper import Door, Doorkeeper, Manners
from tests.server.certificates import self_signed
from tests.server.conftest import Clock
from tests.server.running import PATIENCE, serving

SHORT = Manners(request_seconds=0.5, answer_seconds=1.0, strangers=5)
SLACK = 5.0  # a busy machine
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
HALF = HEALTH[:20]


class InThread(ApiServer):
    """Signals are for the main thread."""

    def capture_signals(self):
        return nullcontext()


@contextmanager
def listening(desk, manners: Manners, **tls) -> Iterator[int]:
    """The port of a server on loopback."""
    up = threading.Event()
    server = InThread(Settings(**tls), desk, up.set, manners)
    with Door(socket.AF_INET, socket.SOCK_STREAM) as door:
        door.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([door])))
        thread.start()
        try:
            assert up.wait(PATIENCE)
            yield door.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def test_an_answer_does_not_wait_for_the_receipt_of_its_first_piece():
    with Door(socket.AF_INET, socket.SOCK_STREAM) as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        with socket.create_connection(door.getsockname()):
            connection, _ = door.accept()
            with connection:
                assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.fixture
def port(sqlite_coop):
    with listening(sqlite_coop.desk, SHORT) as port:
        yield port


def came(port: int, *said: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    for one in said:
        connection.sendall(one)
    return connection


def answer_on(connection: socket.socket) -> tuple[int, bytes]:
    """The status and body of one short answer."""
    read = b""
    while b"\r\n\r\n" not in read:
        read += connection.recv(4096)
    head, _, body = read.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(4096)
    return int(head.split(b" ")[1]), body


def seconds_until_closed(connection: socket.socket) -> float:
    began = time.monotonic()
    with contextlib.suppress(ConnectionError):
        while connection.recv(1 << 16):
            pass
    return time.monotonic() - began


def is_open(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return bool(connection.recv(1))
    except BlockingIOError:
        return True
    except ConnectionError:
        return False
    finally:
        connection.settimeout(PATIENCE)


@pytest.mark.parametrize("said", [b"", HALF, HEALTH[:-1]])
def test_who_does_not_say_what_it_wants_has_to_go(port, said):
    with came(port, said) as connection:
        assert 0.2 < seconds_until_closed(connection) < SHORT.request_seconds + SLACK


def test_who_says_one_letter_after_the_other_gets_no_more_time_for_that(port):
    with came(port, HALF) as connection:
        began = time.monotonic()
        with contextlib.suppress(ConnectionError):
            while time.monotonic() < began + PATIENCE:
                connection.sendall(b"a")
                time.sleep(0.05)
        assert time.monotonic() - began < SHORT.request_seconds + SLACK


def test_nobody_stays_in_the_middle_of_a_tls_handshake(sqlite_coop, tmp_path):
    certificate, key = self_signed(tmp_path)
    with listening(sqlite_coop.desk, SHORT, tls_certificate=certificate, tls_key=key) as port:
        with came(port) as silent, came(port, b"\x16\x03\x01\x02\x00\x01") as half:
            assert 0.2 < seconds_until_closed(silent) < SHORT.request_seconds + SLACK
            assert seconds_until_closed(half) < SHORT.request_seconds + SLACK
        trusting = ssl.create_default_context(cafile=str(certificate))
        with trusting.wrap_socket(came(port), server_hostname="127.0.0.1") as connection:
            connection.sendall(HEALTH)
            assert answer_on(connection)[0] == 200
            connection.sendall(HALF)
            assert seconds_until_closed(connection) < SHORT.request_seconds + SLACK


def test_a_second_request_on_a_connection_has_as_much_time_as_the_first(port):
    with came(port, HEALTH) as connection:
        assert answer_on(connection)[0] == 200
        time.sleep(0.8 * SHORT.request_seconds)
        connection.sendall(HEALTH)
        assert answer_on(connection)[0] == 200
        connection.sendall(HALF)
        assert 0.2 < seconds_until_closed(connection) < SHORT.request_seconds + SLACK


POST = b'POST /api/seats HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 20\r\n%s\r\n{"name": '
REST = b'"library" }'


def with_token(coop, who: str) -> bytes:
    return f"Authorization: {coop.headers(who)['Authorization']}\r\n".encode()


def test_a_body_without_a_token_is_not_waited_for(port):
    with came(port, POST % b"") as connection:
        assert 0.5 < seconds_until_closed(connection) < SHORT.answer_seconds + SLACK


def test_who_has_shown_a_token_may_take_its_time(port, sqlite_coop):
    with came(port, POST % with_token(sqlite_coop, "operator")) as connection:
        time.sleep(1.5 * SHORT.answer_seconds)
        connection.sendall(REST)
        status, body = answer_on(connection)
        assert (status, json.loads(body)["name"]) == (201, "library")


def test_the_token_of_one_request_is_not_that_of_the_next_on_the_connection(port, sqlite_coop):
    whole = POST % with_token(sqlite_coop, "operator") + REST
    with came(port, whole) as connection:
        assert answer_on(connection)[0] == 201
        connection.sendall(POST % b"")
        assert 0.5 < seconds_until_closed(connection) < SHORT.answer_seconds + SLACK


def test_who_does_not_take_the_answers_has_to_go(port):
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(PATIENCE)
        connection.connect(("127.0.0.1", port))
        began = time.monotonic()
        with contextlib.suppress(ConnectionError, TimeoutError):
            while time.monotonic() < began + PATIENCE:
                connection.sendall(HEALTH.replace(b"/healthz", b"/api/openapi.json"))
        assert time.monotonic() - began < 2 * SHORT.answer_seconds + SLACK


def test_of_a_crowd_in_the_door_the_first_have_to_go_and_the_last_is_served(port):
    crowd = [came(port, HALF) for _ in range(2 * SHORT.strangers)]
    with came(port, HEALTH) as late:
        assert answer_on(late)[0] == 200
        open_ones = [is_open(one) for one in crowd]
    for one in crowd:
        one.close()
    assert open_ones[: SHORT.strangers + 1] == [False] * (SHORT.strangers + 1)
    assert sum(open_ones) <= SHORT.strangers - 1


def test_a_crowd_in_the_door_pushes_no_token_holder_out(port, sqlite_coop):
    with came(port, POST % with_token(sqlite_coop, "operator")) as known:
        time.sleep(0.2)
        crowd = [came(port, HALF) for _ in range(2 * SHORT.strangers)]
        time.sleep(0.2)
        known.sendall(REST)
        assert answer_on(known)[0] == 201
    for one in crowd:
        one.close()


def test_a_number_that_the_system_gives_out_again_is_of_the_new_connection():
    clock = Clock()
    keeper = Doorkeeper(Manners(request_seconds=10), lambda: clock().timestamp())
    (first, one), (other, two) = socket.socketpair(), socket.socketpair()
    keeper.let_in(first)
    number = first.fileno()
    first.close()
    clock.wait(seconds=9)
    second = socket.socket(fileno=os.dup2(other.detach(), number))
    keeper.let_in(second)
    clock.wait(seconds=9)
    keeper.end_overdue()
    assert is_open(two)
    clock.wait(seconds=2)
    keeper.end_overdue()
    assert not is_open(two)
    for socket_ in (second, one, two):
        socket_.close()


def test_hundreds_that_only_stand_there_are_gone_in_time_and_meanwhile_others_are_served(tmp_path):
    """With the manners that a server has by default, in a process of its own, over TLS, with nothing in front."""
    certificate, key = self_signed(tmp_path)
    trusting = ssl.create_default_context(cafile=str(certificate))
    most = Manners().strangers
    with serving(tmp_path / "data", "--tls-certificate", certificate, "--tls-key", key, "--workers", 0) as server:
        port = int(server.address.rpartition(":")[2])
        crowd = [came(port, b"\x16\x03\x01" if number % 2 else b"") for number in range(most + 44)]
        began = time.monotonic()
        with trusting.wrap_socket(came(port), server_hostname="127.0.0.1") as connection:
            connection.sendall(HEALTH)
            assert answer_on(connection)[0] == 200
            assert time.monotonic() - began < SLACK
        assert sum(is_open(one) for one in crowd) <= most
        for one in crowd:
            seconds_until_closed(one)
            one.close()
        assert time.monotonic() - began < Manners().request_seconds + SLACK
