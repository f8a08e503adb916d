"""Runs and results by command, against a server that follows the contract."""

from __future__ import annotations

import csv
import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from server.domain.accounts import Role, new_token
from tests.waylink.remote.contract_server import PROJECT, RUN, ContractServer, run_body, running
from tests.waylink.remote.serving import Terminal, served
from waylink.remote.address import parse_address
from waylink.remote.connection import Connection
from waylink.remote.runs import POLL_SECONDS, watch_run

TOKENS = ["0" * 31 + digit for digit in "123"]
LINK_IDS = ["f" * 31 + digit for digit in "123"]
LINK_MAP = "token,link_id\n" + "".join(f"{t},{i}\n" for t, i in zip(TOKENS, LINK_IDS, strict=True))


@pytest.fixture
def contract() -> ContractServer:
    return ContractServer(link_map=LINK_MAP.encode())


@pytest.fixture
def address(contract) -> Iterator[str]:
    with served(contract.app()) as address:
        yield address


@pytest.fixture
def waylink(monkeypatch, capsys, address, tmp_path) -> Terminal:
    (tmp_path / "clinic").write_text(new_token(Role.STEWARD, lambda n: b"\x01" * n).reveal())
    (tmp_path / "clinic").chmod(0o600)
    monkeypatch.setattr("time.sleep", lambda _: None)
    return Terminal(monkeypatch, capsys, address, tmp_path)


@pytest.fixture
def folder(tmp_path):
    """What the clinic's encoding left with the clinic."""
    private = tmp_path / "encoded" / "private"
    private.mkdir(parents=True)
    rows = zip(("zoe", "ann", 'b"ob'), TOKENS, strict=True)
    with (private / "tokens.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("client_id", "token"), *rows])
    return tmp_path / "encoded"


class Bars:
    """A `Progress` that notes its stages and how far each went."""

    def __init__(self) -> None:
        self.stages: list[tuple[str, int]] = []

    @contextmanager
    def stage(self, title, total):
        assert total == 100
        self.stages.append((title, 0))

        def advance(units):
            self.stages[-1] = (title, self.stages[-1][1] + units)

        yield advance


def test_watching_shows_each_stage_and_never_goes_back(contract, address):
    contract.runs = [
        run_body(),
        running("comparing", 0.2),
        running("comparing", 0.5),
        running("comparing", 0.3),
        running("comparing", 0.9),
        running("clustering", 0.4),
        run_body(state="done", result={}),
    ]
    bars, slept = Bars(), []
    ended = watch_run(Connection(parse_address(address)), RUN, bars, slept.append)
    assert ended.state == "done"
    assert bars.stages == [("waiting", 0), ("comparing", 90), ("clustering", 40)]
    assert set(slept) == {POLL_SECONDS}


def test_start_gives_back_at_once_and_with_wait_at_the_end(waylink, contract):
    assert waylink("clinic", "run", "start", PROJECT, "--json").data["state"] == "queued"
    contract.runs = [run_body(), running("comparing", 0.5), run_body(state="done", result={"threshold": 0.8})]
    ended = waylink("clinic", "run", "start", PROJECT, "--without", "school", "--wait", "--json").data
    assert (ended["state"], ended["result"]) == ("done", {"threshold": 0.8})
    assert contract.asked[-1] == ("POST", f"projects/{PROJECT}/runs", {"kind": "link", "without": ["school"]})


def test_an_estimate_is_waited_for_and_told(waylink, contract):
    result = {"pairs": 3e6, "seconds": 12.5, "memory_mib": 300, "how": "exact", "checks": {"all_equal": True}}
    contract.runs = [run_body(kind="estimate"), run_body(kind="estimate", state="done", result=result)]
    said = waylink("clinic", "run", "estimate", PROJECT)
    told = dict(line.split(maxsplit=1) for line in said.out.replace("memory mib", "memory").splitlines())
    assert (told["pairs"], told["seconds"], told["memory"]) == ("3,000,000", "12.5", "300")
    assert told["checks"] == "all equal yes"
    assert contract.asked == [("POST", f"projects/{PROJECT}/runs", {"kind": "estimate", "without": []})]


FAILED = run_body(state="failed", error={"what": "too few", "where": "clinic", "fix": "send again"})


CANCELLED = run_body(state="cancelled")


@pytest.mark.parametrize("command", [("start", PROJECT, "--wait"), ("estimate", PROJECT), ("watch", RUN)])
def test_a_run_that_failed_is_no_success_and_says_why(waylink, contract, command):
    contract.runs = [FAILED]
    said = waylink("clinic", "run", *command)
    assert said.status == 3
    assert said.err == "error: clinic: the run failed: too few\n  fix: send again\n"
    assert waylink("clinic", "run", "show", RUN).status == 0


@pytest.mark.parametrize("command", [("start", PROJECT, "--wait"), ("estimate", PROJECT), ("watch", RUN)])
def test_a_run_that_was_cancelled_is_no_success_either(waylink, contract, command):
    contract.runs = [running("comparing", 0.5), CANCELLED]
    said = waylink("clinic", "run", *command)
    assert said.status == 6
    assert said.err.startswith(f"error: {RUN}: the run was cancelled\n")
    assert json.loads(waylink("clinic", "run", "watch", RUN, "--json").out)["error"] == "RunCancelled"


def test_only_a_run_that_is_done_ends_the_watching_well(waylink, contract):
    contract.runs = [running("comparing", 0.5), run_body(state="done", result={})]
    assert waylink("clinic", "run", "watch", RUN, "--json").data["state"] == "done"


def test_an_interrupt_stops_the_watching_and_not_the_run(waylink, contract, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", interrupt)
    contract.runs = [running("comparing", 0.5)]
    said = waylink("clinic", "run", "watch", RUN)
    assert said.status == 130
    assert f"the run goes on: waylink run watch {RUN}" in said.err
    assert "nothing was written" not in said.err
    assert contract.asked == []


def test_show_says_how_far_a_run_is(waylink, contract):
    contract.runs = [running("comparing", 0.25, 90.0)]
    said = waylink("clinic", "run", "show", RUN).out
    assert "comparing, 25%" in said
    assert "about 90" in said


def test_runs_are_listed_with_whole_ids(waylink):
    assert RUN in waylink("clinic", "run", "list", PROJECT).out
    assert waylink("clinic", "run", "list", PROJECT, "--json").data["runs"][0]["id"] == RUN


def test_cancelling_asks_for_just_that(waylink, contract):
    assert waylink("clinic", "run", "cancel", RUN).status == 0
    assert contract.asked == [("POST", f"runs/{RUN}/cancel", None)]


def test_results_are_for_their_owner_alone(waylink, tmp_path):
    out = tmp_path / "links.csv"
    assert waylink("clinic", "results", RUN, "--out", out, "--json").data["records"] == 3
    assert out.read_text() == LINK_MAP
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_what_is_known_of_records_elsewhere_is_for_their_owner_alone(waylink, contract, tmp_path):
    out, elsewhere = tmp_path / "links.csv", tmp_path / "elsewhere.csv"
    assert waylink("clinic", "results", RUN, "--out", out, "--elsewhere", elsewhere).status == 0
    assert elsewhere.read_bytes() == contract.elsewhere
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o600


def test_results_get_the_members_own_client_ids_here(waylink, tmp_path, folder):
    out = tmp_path / "links.csv"
    said = waylink("clinic", "results", RUN, "--out", out, "--folder", folder)
    with out.open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["client_id", "token", "link_id"]
    assert {row[0]: row[2] for row in rows} == dict(zip(("zoe", "ann", 'b"ob'), LINK_IDS, strict=True))
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert "zoe" not in said.out + said.err


@pytest.mark.parametrize(
    "body", [b"", b"a,b\n", b"token,link_id\nx,y\n", LINK_MAP.encode() + b"\xff", LINK_MAP.encode() + b"a,b,c\n"]
)
def test_what_is_no_link_map_leaves_no_file(waylink, contract, tmp_path, body):
    contract.link_map = body
    assert waylink("clinic", "results", RUN, "--out", tmp_path / "links.csv").status == 3
    assert not (tmp_path / "links.csv").exists()


def test_a_link_map_that_did_not_arrive_as_it_was_sent_leaves_no_file(waylink, contract, tmp_path):
    contract.digest = "sha-256=:AAAA:"
    assert waylink("clinic", "results", RUN, "--out", tmp_path / "links.csv").status == 3
    assert not (tmp_path / "links.csv").exists()


def test_a_link_map_of_other_records_leaves_no_file_and_names_nobody(waylink, tmp_path, folder, contract):
    contract.link_map = LINK_MAP.encode() + f"{'9' * 32},{'f' * 32}\n".encode()
    said = waylink("clinic", "results", RUN, "--out", tmp_path / "links.csv", "--folder", folder)
    assert said.status == 3
    assert "1 of its 4 records" in said.err
    assert "9" * 32 not in said.err
    assert not (tmp_path / "links.csv").exists()


def test_results_are_never_written_over_a_file(waylink, tmp_path):
    (tmp_path / "links.csv").write_text("mine")
    assert waylink("clinic", "results", RUN, "--out", tmp_path / "links.csv").status == 2
    assert (tmp_path / "links.csv").read_text() == "mine"


def test_an_error_is_one_object_with_json(waylink, contract):
    contract.runs = [FAILED]
    said = waylink("clinic", "run", "watch", RUN, "--json")
    assert said.status == 3
    assert json.loads(said.out)["fix"] == "send again"
    assert said.err == ""
