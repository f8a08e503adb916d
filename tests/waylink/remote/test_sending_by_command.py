"""`waylink send` and `waylink withdraw` against the real API: what leaves a member, byte for byte."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from encoder.encode import LEAVING, encode_clients, write_folder
from encoder.secret import Secret
from schemas.agreement import parse_agreement
from server.app import create_app
from tests.conftest import EXAMPLE
from tests.server.conftest import AGREEMENT, SetUp
from tests.waylink.remote.serving import served


class Overheard:
    """An ASGI app in front of another: notes the body of every request."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.bodies: list[tuple[str, str, bytearray]] = []

    async def __call__(self, scope, receive, send) -> None:
        body = bytearray()
        self.bodies.append((scope["method"], scope["path"], body))

        async def listen():
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        await self.app(scope, listen, send)

    def sent(self, method: str, end: str) -> bytes:
        return b"".join(body for asked, path, body in self.bodies if asked == method and path.endswith(end))


@pytest.fixture
def overheard(coop: SetUp) -> Overheard:
    return Overheard(create_app(coop.desk))


@pytest.fixture
def server(overheard: Overheard) -> Iterator[str]:
    with served(overheard) as address:
        yield address


@pytest.fixture(scope="module")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clinic's folder, encoded under the project's agreement."""
    folder = tmp_path_factory.mktemp("encoded") / "clinic"
    clients, services = (EXAMPLE / f"clinic_{kind}.csv" for kind in ("clients", "services"))
    secret = Secret(bytes(range(32)))
    write_folder(encode_clients(clients, parse_agreement(AGREEMENT), "clinic", secret, services=services), folder)
    return folder


@pytest.fixture
def folder(encoded: Path, tmp_path: Path) -> Path:
    """The clinic's folder, to break."""
    return Path(shutil.copytree(encoded, tmp_path / "clinic"))


@pytest.fixture
def project(waylink, agreement_file) -> str:
    project = waylink("shelter", "project", "propose", agreement_file, "--json").data["id"]
    for seat in ("clients", "clinic", "school"):
        waylink(seat, "approve", project, "--yes")
    return project


def own_tokens(folder: Path) -> dict[str, str]:
    with (folder / "private" / "tokens.csv").open(newline="") as file:
        return {row["client_id"]: row["token"] for row in csv.DictReader(file)}


def test_two_files_leave_and_nothing_else(waylink, project, folder, overheard):
    overheard.bodies.clear()
    sent = waylink("clinic", "send", folder, "--project", project, "--json").data
    assert (sent["state"], sent["records"]) == ("accepted", len(own_tokens(folder)))
    for part, name in zip(("encodings", "services"), LEAVING, strict=True):
        assert overheard.sent("PATCH", part) == (folder / name).read_bytes()
    others = [(method, path.split("/")[-1]) for method, path, body in overheard.bodies if body and method != "PATCH"]
    assert others == [("POST", "uploads")]


def test_sending_again_changes_nothing(waylink, project, folder):
    first, second = (waylink("clinic", "send", folder, "--project", project, "--json").data for _ in range(2))
    assert first == second


def test_an_interrupted_sending_goes_on_where_it_stopped(waylink, project, folder, overheard, monkeypatch):
    monkeypatch.setattr("encoder.send.PIECE_BYTES", 1 << 16)
    from waylink.remote.uploads import HttpCarrier

    whole, pieces = HttpCarrier.piece, []

    def interrupted(self, upload, part, offset, data):
        pieces.append(offset)
        if len(pieces) == 3:
            raise KeyboardInterrupt
        return whole(self, upload, part, offset, data)

    monkeypatch.setattr(HttpCarrier, "piece", interrupted)
    said = waylink("clinic", "send", folder, "--project", project)
    assert said.status == 130
    assert "the same command goes on from there" in said.err
    assert waylink("clinic", "send", folder, "--project", project).status == 0
    assert pieces[2] == pieces[3] > 0
    assert overheard.sent("PATCH", "encodings") == (folder / LEAVING[0]).read_bytes()


def test_a_folder_of_another_agreement_is_not_sent(waylink, project, folder, tmp_path, overheard):
    other = tmp_path / "other.toml"
    other.write_text(AGREEMENT.replace("quarter", "month"))
    waylink("school", "project", "change", project, other, "--yes")
    overheard.bodies.clear()
    said = waylink("clinic", "send", folder, "--project", project)
    assert said.status == 4
    assert {method for method, _, _ in overheard.bodies} == {"GET"}


@pytest.mark.parametrize("name", LEAVING)
def test_a_file_that_was_altered_is_not_sent(waylink, project, folder, overheard, name):
    (folder / name).write_bytes((folder / name).read_bytes()[:-1] + b"\x00\x01")
    overheard.bodies.clear()
    assert waylink("clinic", "send", folder, "--project", project).status == 3
    assert {method for method, _, _ in overheard.bodies} == {"GET"}


def test_nothing_is_sent_before_the_agreement_is_approved(waylink, agreement_file, folder):
    project = waylink("shelter", "project", "propose", agreement_file, "--json").data["id"]
    said = waylink("clinic", "send", folder, "--project", project)
    assert said.status == 6
    assert "rule: approved-agreement" in said.err


def test_what_was_sent_is_listed_for_its_own_member_and_taken_back(waylink, project, folder):
    assert waylink("clinic", "upload", "list", project).out == "nothing was sent\n"
    upload = waylink("clinic", "send", folder, "--project", project, "--json").data["id"]
    [listed] = waylink("clinic", "upload", "list", project, "--json").data["uploads"]
    assert (listed["id"], listed["state"], listed["records"]) == (upload, "accepted", len(own_tokens(folder)))
    shown = waylink("clinic", "upload", "list", project).out
    assert upload in shown
    assert "100%" in shown
    assert waylink("school", "upload", "list", project, "--json").data["uploads"] == []
    assert waylink("school", "upload", "delete", upload, "--yes").status == 2  # as if there were none
    assert waylink("clinic", "upload", "delete", upload, "--yes", "--json").data == {"upload": upload, "deleted": True}
    assert [one["state"] for one in waylink("clinic", "upload", "list", project, "--json").data["uploads"]] == [
        "deleted"
    ]
    assert waylink("clinic", "upload", "delete", upload, "--yes").status == 0  # what is gone stays gone


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_nothing_is_taken_back_that_nobody_confirmed(waylink, project, folder, options):
    upload = waylink("clinic", "send", folder, "--project", project, "--json").data["id"]
    said = waylink("clinic", "upload", "delete", upload, *options)
    assert said.status == 2
    assert "nothing was done" in said.out + said.err
    assert waylink("clinic", "upload", "list", project, "--json").data["uploads"][0]["state"] == "accepted"


def test_who_sent_first_with_a_secret_of_its_own_is_told_by_the_list(waylink, project, folder, monkeypatch):
    waylink("clinic", "send", folder, "--project", project)
    assert "secret" not in waylink("clinic", "upload", "list", project).out
    monkeypatch.setattr("server.actions.uploads.doubting", lambda *_: ["school", "shelter"])
    listed = waylink("clinic", "upload", "list", project)
    assert "school and shelter agree on another secret than that of upload" in listed.out


def test_clients_are_withdrawn_by_their_tokens_and_their_ids_stay(waylink, project, folder, tmp_path, overheard):
    waylink("clinic", "send", folder, "--project", project)
    tokens = own_tokens(folder)
    chosen = sorted(tokens)[:3]
    listed = tmp_path / "leaving.csv"
    listed.write_text("client_id\n" + "\n".join(chosen) + "\n")
    overheard.bodies.clear()
    said = waylink("clinic", "withdraw", project, "--clients", listed, "--folder", folder, "--json")
    assert (said.data["records"], said.data["withdrawn"]) == (3, 3)
    asked = overheard.sent("POST", "withdrawals").decode()
    assert all(tokens[client] in asked and client not in asked for client in chosen)
    again = waylink("clinic", "withdraw", project, "--clients", listed, "--folder", folder, "--json")
    assert again.data["withdrawn"] == 0
    assert all(client not in text for text in waylink.all_said for client in chosen)


def test_tokens_are_withdrawn_in_requests_that_the_server_takes(waylink, project, tmp_path, overheard, monkeypatch):
    monkeypatch.setattr("waylink.remote.withdrawals.MOST_AT_ONCE", 4)
    listed = tmp_path / "tokens.txt"
    listed.write_text("".join(f"{number:032x}\n" for number in range(10)))
    overheard.bodies.clear()
    said = waylink("clinic", "withdraw", project, "--tokens", listed, "--json")
    assert (said.data["records"], said.data["withdrawn"]) == (10, 10)
    assert sum(path.endswith("withdrawals") for _, path, _ in overheard.bodies) == 3


def test_a_client_that_the_folder_does_not_know_stops_it_and_is_not_named(
    waylink, project, folder, tmp_path, overheard
):
    listed = tmp_path / "leaving.txt"
    listed.write_text(f"{min(own_tokens(folder))}\nZebulonius\n")
    overheard.bodies.clear()
    said = waylink("clinic", "withdraw", project, "--clients", listed, "--folder", folder)
    assert said.status == 3
    assert "line 2" in said.err
    assert "Zebulonius" not in said.err
    assert overheard.bodies == []


@pytest.mark.parametrize("content", ["Zebulonius\n", "token,x\nZebulonius,1\n", "a,b\n1,2\n", "", "token\n"])
def test_a_list_that_holds_no_tokens_is_refused_and_not_repeated(waylink, project, tmp_path, content):
    listed = tmp_path / "tokens.txt"
    listed.write_text(content)
    said = waylink("clinic", "withdraw", project, "--tokens", listed)
    assert said.status == 3
    assert "Zebulonius" not in said.err


@pytest.mark.parametrize("options", [[], ["--clients", "x"], ["--folder", "x"], ["--tokens", "x", "--clients", "y"]])
def test_which_records_must_be_clear(waylink, project, options):
    assert waylink("clinic", "withdraw", project, *options).status == 2
