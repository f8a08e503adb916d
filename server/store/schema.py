"""The database's schema: made, brought up to date and compared by Alembic; nothing runs on one that is behind."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from schemas.errors import UsageFault
from server.domain.errors import ServerError
from server.store import accounts, audit, projects, releases, runs, uploads
from server.store.database import Base, Database

MODELS = (accounts, audit, projects, releases, runs, uploads)
"""Every file that defines rows: importing them is what fills `Base.metadata`."""

_FOLDER = Path(__file__).parent / "migrations"


class SchemaBehind(ServerError, UsageFault):
    """The database is of another version of waylink."""


def migrate(database: Database) -> None:
    """Bring the database to this version's schema; a new one gets all of it."""
    with database.writing() as session:
        config = _config(session.connection())
        command.upgrade(config, "head")


def revision_of(database: Database) -> str | None:
    """The schema's revision that the database has; None for an empty one."""
    with database.reading() as session:
        return MigrationContext.configure(session.connection()).get_current_revision()


def newest_revision() -> str | None:
    """The schema's revision of this version of waylink."""
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def require_current_schema(database: Database) -> None:
    """Refuse a database of another version: an older one is first migrated, a newer one needs a newer waylink.

    Raises:
        SchemaBehind: says which command to run.
    """
    if (found := revision_of(database)) != (newest := newest_revision()):
        raise SchemaBehind(
            f"the database's schema is {found or 'empty'}, this waylink needs {newest}",
            where="database",
            fix="run `waylink admin migrate`, which backs up first; if the database is the newer one, update waylink",
        )


def differences(database: Database) -> list[object]:
    """What the rows' classes say and the database does not, or the other way round: nothing, if all is well."""
    with database.reading() as session:
        return list(compare_metadata(MigrationContext.configure(session.connection()), Base.metadata))


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
