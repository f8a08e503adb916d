"""The database: SQLite in WAL mode or PostgreSQL, one way of reading and one of changing.

A change is one transaction that holds its audit event: without an event it is rolled back. Changes stand in line, one
after the other, on both databases, because the audit log is one chain.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from sqlalchemy import URL, CheckConstraint, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declared_attr, mapped_column
from sqlalchemy.pool import ConnectionPoolEntry

from server.domain.errors import NoRoomLeft

BUSY_SECONDS = 30
"""How long a change waits for the one before it."""

_SQLITE_CONNECTIONS = 50
"""Kept open: all of the API's threads (anyio's 40) have one, and none has to prepare one for a single request."""

_WRITE = "waylink_write"
_LINE_NUMBER = 0x7761796C696E6B
"""The PostgreSQL advisory lock that changes stand in line for ("waylink" in ASCII)."""

_FULL_SQLITE = ("disk is full", "disk I/O error")
_FULL_POSTGRES = "53100"  # SQLSTATE disk_full


class Base(DeclarativeBase):
    """Base of all rows. Times are text: UTC, whole seconds, `2026-11-23T17:30:00Z`, so that they sort as they are."""


class Numbered:
    """Rows that keep the order in which they came: their times are whole seconds."""

    @declared_attr
    def number(cls) -> Mapped[int]:  # noqa: N805 (SQLAlchemy hands over the class)
        """1 for the first of its table; changes stand in line, so no two take the same."""
        table = cls.__tablename__  # type: ignore[attr-defined]  # every row's class has one
        return mapped_column(unique=True, default=text(f"(SELECT COALESCE(MAX(number), 0) + 1 FROM {table})"))  # noqa: S608 (our own name)


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """The database itself refuses a value that is none of these."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"known_{column}")


class DiskFull(NoRoomLeft):
    """The server's disk is full: nothing was changed."""

    def __init__(self) -> None:
        super().__init__(
            "the server has no room left on its disk; nothing was changed",
            fix="ask the operator to make room, then do the same again",
        )


class Database:
    """Connections to one database.

    Attributes:
        engine: SQLAlchemy's engine.
    """

    def __init__(self, url: str | URL) -> None:
        self.engine = _engine(make_url(url))

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of SQLite."""
        return self.engine.dialect.name == "sqlite"

    @property
    def address_for_libpq(self) -> str:
        """PostgreSQL's address for its own programs, without the password: command lines can be read by others."""
        url = self.engine.url.difference_update_query(["password"])
        open_parts = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
        return open_parts.render_as_string()

    @property
    def password(self) -> str:
        """PostgreSQL's password; "" where it asks for none."""
        return self.engine.url.password or str(self.engine.url.query.get("password", ""))

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A consistent look at the database; what is changed inside is not kept."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session  # closing gives the transaction up, and leaves what was read as it is

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """As `reading`, and everything that is read in the block is of one moment (on SQLite it always is)."""
        engine = self.engine if self.is_sqlite else self.engine.execution_options(isolation_level="REPEATABLE READ")
        with Session(engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction, after all earlier ones: committed when the block ends well, else rolled back.

        Raises:
            DiskFull: there is no room; nothing was changed.
        """
        engine = self.engine.execution_options(**{_WRITE: True})
        try:
            with Session(engine, expire_on_commit=False) as session, session.begin():
                if not self.is_sqlite:
                    session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LINE_NUMBER})
                yield session
        except DBAPIError as error:
            if _is_full(error):
                raise DiskFull from None
            raise

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=40)
    arguments = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    engine = create_engine(url, connect_args=arguments, pool_size=_SQLITE_CONNECTIONS)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Settings that SQLite keeps per connection. SQLAlchemy begins transactions itself (its docs, "pysqlite")."""
    driver: Any = connection
    driver.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # a change that was answered survives a power cut
        "foreign_keys = ON",
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        "secure_delete = ON",  # what is deleted is overwritten
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A change takes the write lock at once: two that have both read could not both write.
    writes = connection.get_execution_options().get(_WRITE)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _is_full(error: DBAPIError) -> bool:
    told = str(error.orig)
    return any(words in told for words in _FULL_SQLITE) or getattr(error.orig, "sqlstate", "") == _FULL_POSTGRES
