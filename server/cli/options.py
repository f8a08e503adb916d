"""What the operator's commands share: their common options, and the way from these to settings."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schemas.errors import UsageFault
from server.domain.errors import ServerError

if TYPE_CHECKING:
    from schemas.console import Console, FrontDoor
    from server.premises.settings import Settings

Data = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="The data folder. [default: waylink-data]")]
Config = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Settings. [default: waylink.toml in the data folder]")
]
Json = Annotated[bool, typer.Option("--json", help="Write the result as JSON.")]

_PACKAGES = (
    "anonlink",
    "fastapi",
    "highspy",
    "nacl",
    "pandas",
    "scipy",
    "uvicorn",
    "sqlalchemy",
    "alembic",
    "pydantic_settings",
    "structlog",
    "prometheus_client",
)


class ServerNotInstalled(ServerError, UsageFault):
    """The packages that only a server needs are not there."""


def settings_of(config: Path | None, **flags: object) -> Settings:
    """The settings of a command; what this process writes from here on is its owner's to read.

    Raises:
        ServerNotInstalled: waylink was installed as members need it.
        BadSettings: see `server.premises.settings.read_settings`.
    """
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing:
        raise ServerNotInstalled(
            f"the server's packages are not installed ({', '.join(missing)})",
            fix="install them: pip install 'waylink[server]' (with PostgreSQL: 'waylink[server,postgres]')",
        )
    from server.premises.data_folder import OPEN_TO_OWNER
    from server.premises.settings import read_settings

    os.umask(OPEN_TO_OWNER)
    return read_settings(flags, config)


def console_of(ctx: typer.Context, *, json: bool) -> Console:
    """Where a command says what it has to say."""
    door: FrontDoor = ctx.obj
    return door.for_command(json=json)
