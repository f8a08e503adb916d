"""Copies of the database: SQLite's online backup, PostgreSQL's pg_dump, both of the moment that a session sees."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import cast

from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from server.store.backups.errors import BackupBroken, DumpFailed, DumpMissing, NotEmpty
from server.store.backups.manifest import DUMP, SQLITE
from server.store.database import Database

_PREFIX = "pg_dump: error: "


def copy_database(database: Database, session: Session, folder: Path) -> str:
    """Copy the database as `session`, of `database.snapshot()`, sees it; others go on reading and writing meanwhile.

    Returns:
        The copy's name in `folder`.

    Raises:
        DumpFailed, DumpMissing: PostgreSQL only.
    """
    if not database.is_sqlite:
        _dump(database, session, folder / DUMP)
        return DUMP
    session.execute(text("SELECT count(*) FROM sqlite_master"))  # the moment is that of the first look
    source = cast(sqlite3.Connection, session.connection().connection.driver_connection)
    with closing(sqlite3.connect(folder / SQLITE)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, with no log beside it
    return SQLITE


def require_whole(file: Path) -> None:
    """Prove a copy's inside.

    Raises:
        BackupBroken: (check 3) SQLite finds a fault in it, or pg_restore cannot read it.
    """
    if file.name == DUMP:
        _run(["pg_restore", "--list", str(file)], "", fault="its dump cannot be read")
        return
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as copy:
            sound = copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            sound = sound and not copy.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.DatabaseError:
        sound = False
    if not sound:
        raise BackupBroken("SQLite finds faults in the database", check=3, where=file.name)


def require_empty(database: Database) -> None:
    """Refuse a database that has tables: a restore goes over nothing."""
    with database.reading() as session:
        if inspect(session.connection()).get_table_names():
            raise NotEmpty("the database has tables", where="database_url", fix="name a new, empty database")


def load_dump(database: Database, dump: Path) -> None:
    """Fill an empty PostgreSQL database from a dump: all of it or nothing."""
    options = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]
    address = ["--dbname", database.address_for_libpq]
    _run(["pg_restore", *options, *address, str(dump)], database.password, fault="pg_restore failed")


def _dump(database: Database, session: Session, target: Path) -> None:
    moment = session.scalar(text("SELECT pg_export_snapshot()"))
    options = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={moment}", f"--file={target}"]
    address = ["--dbname", database.address_for_libpq]
    _run(["pg_dump", *options, *address], database.password, fault="pg_dump failed")


def _run(command: list[str], password: str, *, fault: str) -> None:
    """Run one of PostgreSQL's programs; the password goes by the environment, which only its owner can read."""
    program = shutil.which(command[0])
    if program is None:
        raise DumpMissing(f"{command[0]} is not installed", fix="install PostgreSQL's client programs")
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True, env=environment, check=False)  # noqa: S603
    if done.returncode:
        told = next((line.removeprefix(_PREFIX) for line in done.stderr.splitlines() if line.startswith(_PREFIX)), "")
        raise DumpFailed(f"{fault} (exit status {done.returncode}) {told}".strip(), fix="run it by hand to see why")
