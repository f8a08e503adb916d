"""Opening the desk: the data folder, the database with its schema, the blobs, the log's key."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec

from sqlalchemy.exc import DBAPIError

from schemas.errors import NetworkFault, UsageFault
from server.actions.desk import Desk
from server.domain.audit.keys import LogKey, log_id
from server.domain.errors import ServerError
from server.premises.data_folder import (
    LOG_KEY,
    LogKeyMissing,
    NoDataFolder,
    make_data_folder,
    make_log_key,
    read_log_key,
)
from server.premises.settings import Settings
from server.store.audit import latest_head
from server.store.blobs import BlobFolder
from server.store.database import Database
from server.store.schema import migrate, require_current_schema, revision_of


class DatabaseAway(ServerError, NetworkFault):
    """The database cannot be reached."""


class DriverMissing(ServerError, UsageFault):
    """The packages for PostgreSQL are not installed."""


def now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)


def open_desk(
    settings: Settings,
    *,
    make: bool = True,
    clock: Callable[[], datetime] = now,
    random_bytes: Callable[[int], bytes] = os.urandom,
) -> Desk:
    """Open the desk of a data folder. Whoever opens it closes `desk.database`.

    Args:
        make: whether an empty folder and an empty database are made ready; else they are refused.

    Raises:
        SchemaBehind: the database is of another version of waylink.
        LogKeyMissing: there is a log, and its key is not here.
        NoDataFolder: there is nothing, and nothing is to be made.
        DatabaseAway, DriverMissing: as they say.
    """
    key = read_log_key(settings.data)
    if key is None and not make:
        raise NoDataFolder(
            "there is no waylink data in this folder",
            where=str(settings.data),
            fix=f"name the right one with --data, or run `waylink serve --data {settings.data}` first",
        )
    make_data_folder(settings.data)
    with database_faults():
        database = open_database(settings)
        try:
            key = _matched(database, settings, key, random_bytes)
            require_current_schema(database)
            _require_own_log(database, key)
        except BaseException:
            database.close()
            raise
    return Desk(database, BlobFolder(settings.data, random_bytes), clock, random_bytes, key, settings.limits)


@contextmanager
def desk_of(settings: Settings, *, make: bool = False) -> Iterator[Desk]:
    """The desk for as long as the block runs. Raises as `open_desk`."""
    desk = open_desk(settings, make=make)
    try:
        yield desk
    finally:
        desk.database.close()


def open_database(settings: Settings) -> Database:
    """Connections to the database that the settings name.

    Raises:
        DriverMissing: it is PostgreSQL, and the packages for it are not installed.
    """
    if settings.database.get_backend_name() == "postgresql" and find_spec("psycopg") is None:
        fix = "install them: pip install 'waylink[server,postgres]'"
        raise DriverMissing("the packages for PostgreSQL are not installed", where="database_url", fix=fix)
    return Database(settings.database)


def _matched(
    database: Database, settings: Settings, key: LogKey | None, random_bytes: Callable[[int], bytes]
) -> LogKey:
    """The key, after giving an empty database its schema: the key comes first, so that no log is ever without."""
    if revision_of(database) is not None:
        if key is None:
            fix = "restore it from a backup; without it the log cannot go on"
            raise LogKeyMissing("the database has a log, and its key is not here", where=LOG_KEY, fix=fix)
        return key
    key = key or make_log_key(settings.data, random_bytes)
    migrate(database)
    return key


def _require_own_log(database: Database, key: LogKey) -> None:
    with database.reading() as session:
        head = latest_head(session)
    if head is not None and head.log_id != log_id(key.public):
        fix = "restore the data folder that belongs to this database"
        raise LogKeyMissing("is the key of another log than the database's", where=LOG_KEY, fix=fix)


@contextmanager
def database_faults() -> Iterator[None]:
    """Turn the driver's errors into DatabaseAway. Of them only the kind is told: the text may hold an address."""
    try:
        yield
    except DBAPIError as error:
        raise DatabaseAway(
            f"the database cannot be reached or used ({type(error.orig).__name__})",
            where="database_url",
            fix="see that it runs, that address and password are right, that it is writable and its disk has room",
        ) from None
