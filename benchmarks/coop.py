"""A co-op to measure a server with: members' folders as `waylink encode` writes them, and a project that is approved.

`people_folders` are of made-up people, encoded with person-v1 as members would, a third of whom are at other members
too; `random_folder` is of random bits that pass the server's checks, for where only their number matters.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from benchmarks.people import FIELDS, Names, People, draw_people, read_names, take, write_down
from encoder.cleaning.recipe import CLEANING_VERSION
from encoder.distinct import Distinct
from encoder.hashing.clk import encode_columns
from encoder.hashing.clkhash_spec import Recipe, read_recipe
from encoder.receipt import Summary, receipt
from encoder.secret import Secret, key_check
from encoder.table import software_version
from schemas import Agreement, Encodings, Origin, Services, write_encodings, write_services
from schemas.agreement import parse_agreement
from schemas.encodings import TOKEN_BYTES, Bits
from schemas.receipt import FILE_NAME as RECEIPT
from waylink.loopback import OPERATOR, Loopback, ServerProcess, serving
from waylink.remote.address import parse_address
from waylink.remote.connection import Connection
from waylink.remote.projects import Project, vote_on_project
from waylink.remote.token import AccessToken, read_token

SECRET = hashlib.sha256(b"a benchmark is no secret, is it?").digest()
LEAVING = ("encodings.safetensors", "services.safetensors")
SHARED = 3  # one record in so many is of a person whom other members may have too
POOL = 2  # of those people there are so many times as many as one member has: a person is at 2.5 of five members
SERVICES_A_RECORD = 2
FIRST_MONTH, MONTHS = 648, 24  # months since 1970: 2024 and 2025
LONGEST_STAY = 6
AGREEMENT = """
project = "{title}"
purpose = "Measure"
run = "1"
members = {members}
data_level = "period"
period = "month"
compare = "exact"
tables = ["set_pathway"]
minimum_cell = 11
opt_out = "Ask"
"""


@dataclass(frozen=True)
class Delivery:
    """What one member sends: its name, and the folder."""

    member: str
    folder: Path

    @property
    def bytes(self) -> int:
        """Length of both files."""
        return sum((self.folder / name).stat().st_size for name in LEAVING)


def agreement_text(title: str, members: Sequence[str]) -> str:
    """An agreement of these members, as TOML."""
    return AGREEMENT.format(title=title, members=json.dumps(sorted(members)))


def people_folders(text: str, records: int, seed: int, cache: Path) -> list[Delivery]:
    """A folder for each member of an agreement, of so many records each; kept in `cache`, and found there again.

    Raises:
        ModuleNotFoundError: the package `names` is not installed and the folders are not there.
    """
    agreement = parse_agreement(text)
    root = cache / f"coop-{seed}-{records}-{agreement.digest[:8]}-{_maker()}"
    if not root.is_dir():
        draft = root.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        rng, names = np.random.default_rng(seed), read_names()
        shared = draw_people(rng, names, max(records * POOL // SHARED, 1))
        recipe = read_recipe(agreement.linkage_schema.bound_to(agreement.digest), SECRET)
        for member in agreement.members:
            bits = _encoded(rng, names, shared, records, recipe)
            _write_folder(draft / member, bits, agreement, member, rng)
        draft.replace(root)
    return [Delivery(member, root / member) for member in agreement.members]


def random_folder(text: str, member: str, records: int, seed: int, folder: Path) -> Delivery:
    """A folder of random bits, five sixteenths of them set: no record is fuller than person-v1 makes people's."""
    agreement, rng = parse_agreement(text), np.random.default_rng(seed)
    one, two, three, four = (_random(rng, records, agreement.linkage_schema.bits // 8) for _ in range(4))
    _write_folder(folder, one & (two | three & four), agreement, member, rng)
    return Delivery(member, folder)


def _encoded(rng: Generator, names: Names, shared: People, records: int, recipe: Recipe) -> Bits:
    """One member's records, in random order: some of the shared people, and people of its own."""
    common = min(records // SHARED, len(shared[FIELDS[0]].codes))
    known = take(shared, rng.choice(len(shared[FIELDS[0]].codes), common, replace=False))
    own = draw_people(rng, names, records - common)
    bits = [
        encode_columns([_used(written[field]) for field in FIELDS], recipe)
        for written in (write_down(rng, names, people) for people in (known, own))
    ]
    shuffled: Bits = np.concatenate(bits)[rng.permutation(records)]
    return shuffled


def _used(column: Distinct) -> Distinct:
    used, codes = np.unique(column.codes, return_inverse=True)
    return Distinct([column.texts[code] for code in used], codes.astype(np.int32))


def _write_folder(folder: Path, bits: Bits, agreement: Agreement, member: str, rng: Generator) -> None:
    schema, secret = agreement.linkage_schema.digest, Secret(SECRET)
    check = key_check(secret, agreement.digest, schema, CLEANING_VERSION)
    origin = Origin(member, agreement.digest, schema, check, CLEANING_VERSION, software_version("waylink"))
    encodings = Encodings(bits, _random(rng, len(bits), TOKEN_BYTES), origin)
    folder.mkdir(parents=True)
    write_encodings(encodings, folder / LEAVING[0])
    services = _services(encodings, agreement, rng)
    write_services(services, folder / LEAVING[1])
    rows = len(bits)
    summary = Summary(rows, rows, len(services), 0, services.names, {}, {}, [], 0.0)
    (folder / RECEIPT).write_text(json.dumps(receipt(folder, LEAVING, agreement, origin, summary)), encoding="utf-8")


def _services(encodings: Encodings, agreement: Agreement, rng: Generator) -> Services:
    """Some months of service, as many as SERVICES_A_RECORD a record, of whoever they fall to."""
    rows = SERVICES_A_RECORD * len(encodings)
    start = rng.integers(FIRST_MONTH, FIRST_MONTH + MONTHS, rows, np.int32)
    end = start + rng.integers(LONGEST_STAY, size=rows, dtype=np.int32)
    whose = encodings.tokens[rng.integers(len(encodings), size=rows)]
    origin = replace(encodings.origin, key_check="")
    return Services(whose, np.zeros(rows, np.uint16), ("visit",), agreement.unit, start, end, origin)


def _random(rng: Generator, rows: int, width: int) -> NDArray[np.uint8]:
    return np.frombuffer(rng.bytes(rows * width), np.uint8).reshape(rows, width)


def _maker() -> str:
    """Eight digits that change with the sources that make the folders, so that no old one is sent."""
    made_by = [Path(__file__), Path(__file__).with_name("people.py")]
    return hashlib.sha256(b"".join(path.read_bytes() for path in made_by)).hexdigest()[:8]


@dataclass
class Host:
    """A real `waylink serve` on an empty folder, with an operator.

    Attributes:
        people: whose folders lie beside the server's.
        server: the process; its pid is the API's.
    """

    people: Loopback
    server: ServerProcess

    def __post_init__(self) -> None:
        self._admin = self.connection(read_token(self.people.token("keeper")))

    def connection(self, token: AccessToken) -> Connection:
        """A connection of whoever has the token."""
        return Connection(parse_address(self.server.address), token)

    def stewards(self, member: str, count: int = 1) -> list[Connection]:
        """New stewards of a member; its seat is made, if it is new."""
        if member not in {seat["name"] for seat in self._ask("GET", "/api/seats")}:
            self._ask("POST", "/api/seats", {"name": member, "kind": "member"})
        return [self._steward(member, f"{member}-{number}") for number in range(count)]

    def approved_project(self, text: str, stewards: Iterable[Connection]) -> str:
        """Propose a project and have a steward of each member approve it; gives back its id."""
        proposer, *others = stewards
        project = proposer.request("POST", "/api/projects", json={"agreement": text}).read_as(Project)
        for steward in others:
            project = vote_on_project(steward, project.id, project.agreement_digest, "approve")
        if project.state != "approved":
            raise AssertionError("not everybody has approved")
        return project.id

    def _steward(self, member: str, name: str) -> Connection:
        self._ask("POST", "/api/accounts", {"name": name, "role": "steward", "seat": member})
        made = self._ask("POST", f"/api/accounts/{name}/tokens", {})
        return self.connection(AccessToken(made["token"]))

    def _ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 (JSON)
        return json.loads(self._admin.request(method, path, json=body).body)


@contextmanager
def hosting(root: Path, *flags: object) -> Iterator[Host]:
    """Run a server in an empty folder while the block runs, with an operator's account."""
    people = Loopback(root)
    people.home("keeper").mkdir(parents=True)
    with serving(people, *flags) as server:
        people.must(OPERATOR, "admin", "account", "add", "keeper", "--role", "operator", "--data", "data")
        people.must(OPERATOR, "admin", "token", "new", "keeper", "--out", "../keeper/token.txt", "--data", "data")
        yield Host(people, server)
