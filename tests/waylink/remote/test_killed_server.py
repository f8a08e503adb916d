"""kill -9 of the server at random moments of an upload: it goes on, and what is accepted is what was sent."""

import random
import threading

import pytest

from encoder import send
from encoder.send import LEAVING, send_folder
from server.store.audit import count_events, events_up_to
from server.store.schema import migrate
from tests.server.conftest import set_up
from tests.server.killable import Killable, desk_in
from tests.waylink.remote.test_sending import encoded_shelter as encoded_shelter  # the fixture
from waylink.remote.address import parse_address
from waylink.remote.connection import Connection
from waylink.remote.token import AccessToken
from waylink.remote.uploads import HttpCarrier

KILLS = 5
CHUNK = 1 << 16
SHORT = 0.02  # seconds: about as long as a piece takes


class Endangered(HttpCarrier):
    """A carrier during whose requests the server is killed, a little after they began, until it was so often."""

    def __init__(self, connection: Connection, server: Killable, chance: random.Random, kills: int = KILLS) -> None:
        super().__init__(connection)
        self._server, self._chance, self._kills = server, chance, kills
        self.sent = 0

    def begin(self, *asked):
        return self._in_danger(super().begin, *asked)

    def piece(self, *asked):
        self.sent += len(asked[3])
        return self._in_danger(super().piece, *asked)

    def complete(self, *asked):
        return self._in_danger(super().complete, *asked)

    def _in_danger(self, request, *asked):
        if self._server.kills == self._kills:
            return request(*asked)
        self._connection.request("GET", "/api/me")  # it is up: there is something to kill
        killer = threading.Timer(self._chance.random() * SHORT, self._server.kill_and_start)
        killer.start()
        try:
            return request(*asked)
        finally:
            killer.join()


@pytest.mark.parametrize("seed", [1, 2])
def test_an_upload_survives_its_server(tmp_path, encoded_shelter, monkeypatch, seed):
    monkeypatch.setattr(send, "PIECE_BYTES", CHUNK)
    desk = desk_in(tmp_path)
    migrate(desk.database)
    coop = set_up(desk)
    project = coop.approved().project.id
    server = Killable(tmp_path)
    connection = Connection(parse_address(server.address), AccessToken(coop.tokens["shelter"]), pause=0)
    carrier = Endangered(connection, server, random.Random(seed))  # noqa: S311
    try:
        upload = send_folder(encoded_shelter, project, carrier, wait=lambda _: None)
    finally:
        server.close()
    assert (upload.state, server.kills) == ("accepted", KILLS)
    for part, name in LEAVING.items():
        blob = f"{upload.id}-{part}"
        assert desk.blobs.read_blob(blob, desk.blobs.key(blob)) == (encoded_shelter / name).read_bytes()
    assert len(desk.blobs.key_names()) == len(LEAVING)
    assert carrier.sent <= sum((encoded_shelter / name).stat().st_size for name in LEAVING.values()) + KILLS * CHUNK
    with desk.reading() as session:
        log = [event.action for event in events_up_to(session, count_events(session))]
    assert [action for action in log if action.startswith("upload.")] == ["upload.begun", "upload.accepted"]
    desk.database.close()
