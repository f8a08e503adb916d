"""The database's schema: made, brought up to date and compared by Alembic; nothing runs on one that is behind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from schemas.errors import UsageFault
from server.domain.errors import ServerError
from server.store import accounts, audit, projects, releases, runs, uploads
from server.store.database import Base, Database

if TYPE_CHECKING:
    from alembic.config import Config

MODELS = (accounts, audit, projects, releases, runs, uploads)
"""Every file that defines rows: importing them is what fills `Base.metadata`."""

_REVISION_TABLE = "alembic_version"
_FOLDER = Path(__file__).parent / "migrations"


class SchemaBehind(ServerError, UsageFault):
    """The database is of another version of waylink."""


def migrate(database: Database) -> None:
    """Bring the database to this version's schema; a new one gets all of it."""
    from alembic import command  # 12 MB, for what is done once: not in every process of the server

    with database.writing() as session:
        config = _config(session.connection())
        command.upgrade(config, "head")


def revision_of(database: Database) -> str | None:
    """The schema's revision that the database has; None for an empty one."""
    with database.reading() as session:
        if not inspect(session.connection()).has_table(_REVISION_TABLE):
            return None
        found: str | None = session.scalar(text(f"SELECT version_num FROM {_REVISION_TABLE}"))  # noqa: S608 (no input)
        return found


def known_revisions() -> list[str]:
    """The schema's revisions up to that of this version of waylink, oldest first: the migrations' names tell them."""
    return sorted(path.name.partition("_")[0] for path in (_FOLDER / "versions").glob("[0-9]*_*.py"))


def newest_revision() -> str:
    """The schema's revision of this version of waylink."""
    return known_revisions()[-1]


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
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with database.reading() as session:
        return list(compare_metadata(MigrationContext.configure(session.connection()), Base.metadata))


def _config(connection: Connection | None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
