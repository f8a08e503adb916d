"""What the server's tests share: both databases, a desk with a clock of its own, and a co-op that is set up on it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from server.actions import accounts, projects
from server.actions.desk import Desk
from server.app import create_app
from server.domain.accounts import LOCAL_OPERATOR, Actor, Role, SeatKind
from server.domain.audit.keys import LogKey
from server.domain.votes import Vote
from server.store.blobs import BlobFolder
from server.store.database import Database
from server.store.schema import migrate
from tests.server.postgres import Postgres, start_postgres

DATABASES = ("sqlite", "postgresql")
MEMBERS = ("clinic", "school", "shelter")
COMMUNITY = "clients"
AGREEMENT = """
project = "Pathways"
purpose = "Plan together"
run = "2026-q4"
members = ["clinic", "school", "shelter"]
community = ["clients"]
opt_out = "Tell any of them."
data_level = "period"
period = "quarter"
tables = ["set_pathway", "unduplicated"]
"""


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server of the tests' own."""
    with start_postgres() as server:
        yield server


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database: each test runs on both kinds."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'waylink.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def desk(database_url: str, data_folder: Path, clock: Clock) -> Iterator[Desk]:
    """A desk over an empty database that has its schema."""
    database = Database(database_url)
    migrate(database)
    random_bytes = random.Random(4).randbytes  # noqa: S311 (tests want the same ids each time)
    yield Desk(database, BlobFolder(data_folder, random_bytes), clock, random_bytes, LogKey(random_bytes(32)))
    database.close()


@pytest.fixture
def sqlite_desk(tmp_path: Path, data_folder: Path, clock: Clock) -> Iterator[Desk]:
    """As `desk`, on SQLite only: for what does not depend on the database."""
    database = Database(f"sqlite:///{tmp_path / 'only.db'}")
    migrate(database)
    random_bytes = random.Random(5).randbytes  # noqa: S311
    yield Desk(database, BlobFolder(data_folder, random_bytes), clock, random_bytes, LogKey(random_bytes(32)))
    database.close()


@dataclass
class SetUp:
    """A co-op on a desk: three members with a steward each, a community seat, an operator, an analyst, an auditor."""

    desk: Desk
    actors: dict[str, Actor] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    projects: int = 0

    def add(self, name: str, role: Role, seat: str = "") -> None:
        accounts.create_account(self.desk, LOCAL_OPERATOR, name, role, seat)
        self.tokens[name] = accounts.issue_token(self.desk, LOCAL_OPERATOR, name).text.reveal()
        self.actors[name] = accounts.identify(self.desk, self.tokens[name])

    def propose(self, toml: str = "") -> projects.ProjectView:
        """Propose AGREEMENT or, from the second project on, the same with another label: an agreement has one."""
        if not toml:
            again = f" {self.projects}" if self.projects else ""
            toml, self.projects = AGREEMENT.replace("2026-q4", f"2026-q4{again}"), self.projects + 1
        return projects.propose_project(self.desk, self.actors["shelter"], toml)

    def approved(self, toml: str = "") -> projects.ProjectView:
        view = self.propose(toml)
        for seat in view.waiting_for:
            if view.project.state == "approved":  # by a quorum that is smaller than all
                break
            digest = view.project.agreement_digest
            view = projects.vote_on_project(self.desk, self.actors[seat], view.project.id, digest, Vote.APPROVE)
        assert view.project.state == "approved"
        return view

    def headers(self, name: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[name]}"}


def set_up(desk: Desk) -> SetUp:
    coop = SetUp(desk)
    for member in (*MEMBERS, "pantry"):  # the pantry is in no agreement at first
        accounts.create_seat(desk, LOCAL_OPERATOR, member, SeatKind.MEMBER)
        coop.add(member, Role.STEWARD, member)
    accounts.create_seat(desk, LOCAL_OPERATOR, COMMUNITY, SeatKind.COMMUNITY)
    coop.add(COMMUNITY, Role.COMMUNITY, COMMUNITY)
    for role in (Role.OPERATOR, Role.ANALYST, Role.AUDITOR):
        coop.add(role, role)
    return coop


@pytest.fixture
def coop(desk: Desk) -> SetUp:
    """The co-op, on both databases."""
    return set_up(desk)


@pytest.fixture
def sqlite_coop(sqlite_desk: Desk) -> SetUp:
    """The co-op, on SQLite only."""
    return set_up(sqlite_desk)


@pytest.fixture
def client(sqlite_coop: SetUp) -> Iterator[TestClient]:
    """The API over `sqlite_coop`; a server's fault is answered, not raised, as a client would see it."""
    with TestClient(create_app(sqlite_coop.desk), raise_server_exceptions=False) as client:
        yield client
