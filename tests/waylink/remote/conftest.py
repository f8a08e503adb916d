"""The real API on a real port, with the co-op of the server's tests; and the same terminal for every person."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.actions.desk import Desk
from server.app import create_app
from server.domain.audit.keys import LogKey
from server.store.blobs import BlobFolder
from server.store.database import Database
from server.store.schema import migrate
from tests.server.conftest import AGREEMENT, Clock, SetUp, set_up
from tests.waylink.remote.serving import Terminal, served


@pytest.fixture
def coop(tmp_path: Path) -> Iterator[SetUp]:
    """Members, seats and tokens on a desk over SQLite."""
    database = Database(f"sqlite:///{tmp_path / 'server.db'}")
    migrate(database)
    random_bytes = random.Random(6).randbytes  # noqa: S311 (tests want the same ids each time)
    blobs = BlobFolder(tmp_path / "data", random_bytes)
    yield set_up(Desk(database, blobs, Clock(), random_bytes, LogKey(random_bytes(32))))
    database.close()


@pytest.fixture
def server(coop: SetUp) -> Iterator[str]:
    """The address of the real API over `coop`."""
    with served(create_app(coop.desk)) as address:
        yield address


@pytest.fixture
def token_files(tmp_path: Path, coop: SetUp) -> Path:
    """A folder with everybody's token, each in a file of its own."""
    folder = tmp_path / "tokens"
    folder.mkdir()
    for name, text in coop.tokens.items():
        (folder / name).write_text(f"{text}\n")
        (folder / name).chmod(0o600)
    return folder


@pytest.fixture
def waylink(monkeypatch, capsys, server: str, token_files: Path, coop: SetUp) -> Iterator[Terminal]:
    """The command line at the real API; in the end, no token was ever shown on it."""
    terminal = Terminal(monkeypatch, capsys, server, token_files)
    yield terminal
    assert [text for text in terminal.all_said for token in coop.tokens.values() if token in text] == []


@pytest.fixture
def agreement_file(tmp_path: Path) -> Path:
    path = tmp_path / "agreement.toml"
    path.write_text(AGREEMENT)
    return path
