"""Promise: a co-op's server never holds a name, a date, a client id, the secret or a token, nor a CLK in clear.

A whole story by real processes, with people at three members who would be recognised anywhere, and with errors that
are provoked: whatever the server keeps, logs or answers is searched, while it works and afterwards.
"""

import csv
import re
import shutil
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import urllib3

from schemas import read_encodings
from server.premises.opening import desk_of
from server.premises.settings import read_settings
from server.store.blobs import BlobFolder
from server.store.blobs.errors import BlobBroken, KeyGone
from tests.conftest import EXAMPLE
from tests.promises.test_leaks import PEOPLE, forms, sentinel_values
from tests.server.conftest import AGREEMENT, COMMUNITY, MEMBERS, set_up
from tests.server.uploading import digest_header
from waylink.loopback import OPERATOR, Loopback, serving

WINDOW = 16
SIEVES = (0, 5, 10)
DATES = {"clinic": "%m/%d/%Y", "school": "%Y%m%d", "shelter": "%Y-%m-%d"}
"""How each member's file has them."""
SERVED = ("2023-05-17", "2023-06-19")
NAME, CLIENT = PEOPLE[0][1], PEOPLE[0][0]
KEEPER = "keeper"


@dataclass
class Watched:
    """The files of a folder as they are again and again seen while the server works: each content once."""

    folder: Path
    seen: dict[tuple[str, int, int, int], bytes] = field(default_factory=dict)
    _ended: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        for path in [path for path in self.folder.rglob("*") if path.is_file()]:
            try:
                stat = path.stat()
                mark = (path.name, stat.st_ino, stat.st_size, stat.st_mtime_ns)
                if mark not in self.seen:
                    self.seen[mark] = path.read_bytes()
            except FileNotFoundError:
                continue

    def watch(self) -> None:
        while not self._ended.wait(0.1):
            self.look()

    def __enter__(self):
        self._thread = threading.Thread(target=self.watch)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()
        self.look()


@dataclass
class Told:
    """What came of the story: who, what was seen on the disk, what was answered, what the server said."""

    people: Loopback
    tokens: list[str]
    watched: Watched
    answers: list[bytes]
    said: str
    backup: Path

    def kept(self) -> dict[str, bytes]:
        """Everything of the operator's folder, as it is in the end, and as it was on the way."""
        files = [path for path in self.people.home(OPERATOR).rglob("*") if path.is_file()]
        assert {"waylink.db", "log.key", "server.log"} <= {path.name for path in files}
        on_the_way = {f"{mark[0]} ({number})": data for number, (mark, data) in enumerate(self.watched.seen.items())}
        return {str(path): path.read_bytes() for path in files} | on_the_way

    def clks(self) -> list[np.ndarray]:
        return [read_encodings(self.people.home(member) / "encoded").bits for member in MEMBERS]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    people = Loopback(tmp_path_factory.mktemp("people"))
    with desk_of(read_settings({"data": people.data}), make=True) as desk:
        coop = set_up(desk)
    for name, token in coop.tokens.items():
        who = KEEPER if name == "operator" else name  # the operator's folder is the server's: its token is kept apart
        people.home(who).mkdir()
        people.token(who).write_text(token)
        people.token(who).chmod(0o600)
        (people.home(who) / "agreement.toml").write_text(AGREEMENT)
    people.must("shelter", "secret", "new", "secret.txt")
    for member in MEMBERS:
        encode(people, member)
    with serving(people) as server, Watched(people.data) as watched:
        people = replace(people, address=server.address)
        backup = tell_the_story(people)
        answers = provoke_errors(people, coop.tokens)
        metrics = ask(people, coop.tokens["operator"], "GET", "/metrics")
        assert metrics.status == 200
        server.process.terminate()
        said = str(server.first_words) + server.process.stdout.read()
        server.process.wait()
    return Told(people, list(coop.tokens.values()), watched, [*answers, metrics.data], said, backup)


def encode(people, member):
    """The example's rows, and the people who would be recognised."""
    home = people.home(member)
    if member != "shelter":
        (home / "secret.txt").write_bytes((people.home("shelter") / "secret.txt").read_bytes())
    add_rows(EXAMPLE / f"{member}_clients.csv", home / "clients.csv", people_of(member))
    served = [(person[0], member, *SERVED) for person in PEOPLE]
    add_rows(EXAMPLE / f"{member}_services.csv", home / "services.csv", served)
    who = ("--agreement", "agreement.toml", "--member", member, "--secret", "secret.txt")
    people.must(member, "encode", "clients.csv", "--services", "services.csv", *who, "--out", "encoded")


def people_of(member):
    """The people who would be recognised, in the order of every member's columns."""
    return [(*one[:4], date.fromisoformat(one[4]).strftime(DATES[member]), *one[5:]) for one in PEOPLE]


def add_rows(source, target, rows):
    with target.open("w", newline="", encoding="utf-8") as file:
        file.write(source.read_text(encoding="utf-8"))
        csv.writer(file).writerows(rows)


def tell_the_story(people):
    """From the proposal to the release; a backup is made when all have sent."""
    project = people.must("shelter", "project", "propose", "agreement.toml", "--json").data["id"]
    for who in ("clinic", "school", COMMUNITY):
        people.must(who, "approve", project, "--agreement", "agreement.toml", "--yes")
    for member in MEMBERS:
        people.must(member, "send", "encoded", "--project", project)
    people.must(OPERATOR, "admin", "backup", "backup", "--data", "data")
    run = people.must("shelter", "run", "start", project, "--wait", "--json").data["id"]
    people.must("clinic", "results", run, "--out", "link_map.csv", "--folder", "encoded")
    release = people.must("shelter", "release", "propose", project, run, "--reader", "analyst", "--json").data
    people.must("shelter", "run", "watch", release["count_run"])
    for who in ("clinic", "school", COMMUNITY):
        people.must(who, "release", "review", release["id"], "--approve", "--yes", "--out", "review")
    people.must("shelter", "release", "publish", release["id"])
    people.must("analyst", "release", "download", release["id"], "--out", "release")
    return people.home(OPERATOR) / "backup"


def provoke_errors(people, tokens):
    """Requests that must fail, full of what must not be repeated; gives back the answers."""
    steward, operator = tokens["clinic"], tokens["operator"]
    (project,) = ask(people, steward, "GET", "/api/projects").json()
    here = f"/api/projects/{project['id']}"
    other = f'project = "{NAME}'.encode()  # no TOML
    mistyped = steward[:-3] + ("aaa" if steward[-3:] != "aaa" else "bbb")
    declared = {part: {"bytes": 1 << 16, "sha256": "0" * 64} for part in ("encodings", "services")}
    begun = ask(people, steward, "POST", f"{here}/uploads", json=declared, headers={"Idempotency-Key": "broken"}).json()
    part = f"/api/uploads/{begun['id']}/parts/encodings"
    piece = (CLIENT.encode() * (1 << 16))[: 1 << 16]
    at = {"Upload-Offset": "0", "Content-Digest": digest_header(b"another")}
    asked = [
        ask(people, mistyped, "GET", "/api/me"),
        ask(people, f"{NAME}_{CLIENT}", "GET", "/api/me"),
        ask(people, steward, "GET", f"/api/runs/{CLIENT}"),
        ask(people, steward, "GET", f"/api/{NAME}?client={CLIENT}"),
        ask(people, steward, "POST", f"{here}/runs", json={"kind": NAME, "without": [CLIENT]}),
        ask(people, steward, "POST", f"{here}/runs", json={"kind": "link", "without": [NAME]}),
        ask(people, steward, "POST", f"{here}/withdrawals", json={"tokens": [CLIENT]}),
        ask(people, steward, "POST", "/api/projects", body=f'{{"agreement": "{NAME}'.encode()),
        ask(people, steward, "POST", "/api/projects", json={"agreement": other.decode()}),
        ask(people, steward, "POST", f"{here}/votes", json={"agreement_digest": "0" * 64, "vote": "approve"}),
        ask(people, steward, "POST", f"{here}/uploads", json=declared, headers={"Idempotency-Key": f"{NAME} {CLIENT}"}),
        ask(people, steward, "PATCH", part, body=piece, headers=at),
        ask(people, steward, "PATCH", part, body=piece, headers=at | {"Upload-Offset": NAME}),
        ask(people, steward, "PATCH", part, body=piece * 2, headers=at | {"Content-Digest": CLIENT}),
        ask(people, steward, "POST", f"/api/uploads/{begun['id']}/complete"),
        ask(people, operator, "DELETE", f"/api/accounts/{NAME}"),
    ]
    assert ask(people, steward, "DELETE", f"/api/uploads/{begun['id']}").status == 204
    assert {answer.status // 100 for answer in asked} == {4}, [answer.status for answer in asked]
    return [answer.data + str(answer.headers).encode() for answer in asked]


def ask(people, token, method, path, **more):
    headers = {"Authorization": f"Bearer {token}"} | more.pop("headers", {})
    return urllib3.request(method, people.address + path, headers=headers, retries=False, **more)


def values_of_people():
    """What would name somebody, as any member's file has it."""
    return sentinel_values() | {person[4] for member in MEMBERS for person in people_of(member)}


def found(data: bytes, values: Iterable[str]) -> set[str]:
    """Which values are in the data, in any form but a few digits that a digest may hold by chance."""
    return {value for value in values if any(form in data for form in telling(value))}


@cache
def telling(value: str) -> tuple[bytes, ...]:
    return tuple(form for form in forms(value) if len(form) >= WINDOW or form.lower().strip(b"0123456789abcdef"))


def parts_of_tokens(told):
    """Every token, the random part of it, and pieces of that."""
    parts = set()
    for token in told.tokens:
        chance = token.removeprefix("waylink_").partition("_")[2].rpartition("_")[0]
        assert len(chance) >= 40
        parts |= {token, chance, *(chance[start : start + WINDOW] for start in range(0, len(chance) - WINDOW, 8))}
    return parts


def parts_of_secret(told):
    text = (told.people.home("shelter") / "secret.txt").read_text()
    return {part for word in text.split() for part in re.split("[:-]", word) if len(part) >= WINDOW}


def raw_secret(told):
    """Its bytes."""
    return {bytes.fromhex(part) for part in parts_of_secret(told) if re.fullmatch("[0-9a-f]{64}", part)}


def everything(told):
    """What the server keeps, logs, says and answers."""
    spoken = {f"answer {number}": answer for number, answer in enumerate(told.answers)}
    return told.kept() | spoken | {"stdout": told.said.encode()}


class Windows:
    """All 16-byte windows of some CLKs, to be looked for at any place of any file."""

    def __init__(self, clks):
        whole = [np.lib.stride_tricks.sliding_window_view(bits, WINDOW, axis=1).reshape(-1, WINDOW) for bits in clks]
        self.rows = np.ascontiguousarray(np.concatenate(whole))
        self._whole = set(self.rows.view(f"V{WINDOW}").ravel().tolist())
        self._sieves = []  # by bytes 0 to 2, 5 to 7, 10 to 12: few places of other bytes pass all three
        for start in SIEVES:
            sieve = np.zeros(1 << 24, np.bool_)
            sieve[threes(self.rows[:, start : start + 3].T)] = True
            self._sieves.append(sieve)

    def are_in(self, data):
        """Whether any 16 bytes in a row of the data are 16 bytes in a row of a CLK."""
        raw = np.frombuffer(data, np.uint8)
        if len(raw) < WINDOW:
            return False
        here = threes((raw[:-2], raw[1:-1], raw[2:]))
        count = len(raw) - WINDOW + 1
        passed = [sieve[here[start : start + count]] for start, sieve in zip(SIEVES, self._sieves, strict=True)]
        places = np.flatnonzero(np.logical_and.reduce(passed))
        return any(data[place : place + WINDOW] in self._whole for place in places)


def threes(columns):
    """Three bytes as one number."""
    first, second, third = (column.astype(np.uint32) for column in columns)
    return first << 16 | second << 8 | third


def test_nothing_of_a_person_is_in_what_the_server_keeps_logs_says_or_answers(told):
    values = values_of_people()
    assert {name: hits for name, data in everything(told).items() if (hits := found(data, values))} == {}


def test_no_token_and_no_part_of_one_is_in_it(told):
    parts = parts_of_tokens(told)
    assert {name for name, data in everything(told).items() if found(data, parts)} == set()


def test_the_secret_is_not_in_it(told):
    parts, raw = parts_of_secret(told), raw_secret(told)
    assert raw, "the secret file holds 256 bits in hex"
    for name, data in everything(told).items():
        assert found(data, parts) == set(), name
        assert not [one for one in raw if one in data], name


def test_no_piece_of_a_clk_was_ever_in_a_file_of_the_server_nor_is_in_its_backup(told):
    windows, kept = Windows(told.clks()), told.kept()
    assert any(name.partition(" ")[0].endswith("-encodings") for name in kept), "uploads were seen while they lay there"
    assert [name for name, data in kept.items() if windows.are_in(data)] == []


def test_with_the_key_gone_a_backup_from_before_the_run_cannot_be_deciphered(told, tmp_path):
    assert not list((told.people.data / "keys").glob("*-encodings"))
    assert not list(told.backup.rglob("keys"))
    now, then = BlobFolder(told.people.data), BlobFolder(shutil.copytree(told.backup, tmp_path / "then"))
    encodings = [name for name in then.blob_names() if name.endswith("-encodings")]
    assert len(encodings) == len(MEMBERS)
    for name in encodings:
        for folder in (now, then):
            with pytest.raises(KeyGone):
                folder.key(name)
        for other in now.key_names():  # nor does any key that is left open it
            with pytest.raises(BlobBroken):
                then.read_blob(name, now.key(other))


def test_the_search_would_find_all_of_it(told):
    home = told.people.home("shelter")
    assert found((home / "encoded" / "private" / "tokens.csv").read_bytes(), values_of_people())
    assert found((home / "clients.csv").read_bytes(), values_of_people())
    assert found(told.people.token("shelter").read_bytes(), parts_of_tokens(told))
    assert found((home / "secret.txt").read_bytes(), parts_of_secret(told))
    windows = Windows(told.clks())
    assert windows.are_in((home / "encoded" / "encodings.safetensors").read_bytes())
    assert windows.are_in(b"odd" + bytes(windows.rows[-1]))
    assert not windows.are_in(bytes(windows.rows[-1][1:]) + b"odd")
