"""A PostgreSQL server for the tests, of Debian's packages or of whoever sets WAYLINK_TEST_POSTGRES to a URL."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

URL = "WAYLINK_TEST_POSTGRES"
"""A running server's URL, of a role that may create databases."""

NEEDED = "WAYLINK_NEED_POSTGRES"
"""Set where a missing PostgreSQL is a failure (in CI), not a reason to skip."""


class Postgres:
    """A running server in which databases can be made."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        self._numbers = itertools.count()

    def new_database(self) -> str:
        """The URL of a new, empty database."""
        name = f"waylink_{os.getpid()}_{next(self._numbers)}"
        plain = self.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return self.url.set(database=name).render_as_string(hide_password=False)


@contextmanager
def start_postgres() -> Iterator[Postgres]:
    """A server in a folder of its own, on a socket in it, for as long as the block runs."""
    if URL in os.environ:
        yield Postgres(os.environ[URL])
        return
    programs = _programs()
    if programs is None:
        (pytest.fail if NEEDED in os.environ else pytest.skip)("PostgreSQL is not installed")
    # not pytest's own folder: each new session of pytest shuts that to all other accounts
    with tempfile.TemporaryDirectory(prefix="waylink-postgres-") as place:
        yield from _serve(programs, Path(place))


def _serve(programs: Path, folder: Path) -> Iterator[Postgres]:
    as_owner = _owner_of(folder)
    data = folder / "data"
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=80"
    _run(*as_owner, programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync")
    _run(*as_owner, programs / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
    try:
        yield Postgres(f"postgresql+psycopg://postgres@/postgres?host={folder}")
    finally:
        _run(*as_owner, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    by_path = shutil.which("initdb")
    return found[0].parent if found else Path(by_path).parent if by_path else None


def _owner_of(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root: then it runs as Debian's `postgres`, who has to reach the folder."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "postgres")
    return ["runuser", "-u", "postgres", "--"]


def _run(*command: object) -> None:
    # pg_ctl's server keeps pipes open: its output goes to a file
    with tempfile.TemporaryFile("w+") as told:
        done = subprocess.run(list(map(str, command)), stdout=told, stderr=subprocess.STDOUT)
        told.seek(0)
        assert done.returncode == 0, f"{command} failed: {told.read()}"
