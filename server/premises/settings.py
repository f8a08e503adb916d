"""Settings of `waylink serve` and `waylink admin`: flags, then WAYLINK_*, then waylink.toml, then what stands here."""

from __future__ import annotations

import ipaddress
import json
import os
import ssl
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from schemas.errors import UsageFault
from server.actions.desk import Limits
from server.domain.errors import ServerError

PREFIX = "WAYLINK_"
FILE = "waylink.toml"
DATA = Path("waylink-data")
MOST_WORKERS = 64
WITHOUT_FLAG = ("database_url",)
"""What may hold a password is no flag: everybody on a machine can read its processes' command lines."""

_SQLITE, _POSTGRES = "sqlite", "postgresql"
_POSTGRES_DRIVER = "postgresql+psycopg"


class LogLevel(StrEnum):
    """How much the log says."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class BadSettings(ServerError, UsageFault):
    """A setting is not what it has to be; names each, and never repeats what was set: it may hold a password."""


class Settings(BaseSettings):
    """How the server runs. Read by `read_settings`.

    Attributes:
        data: the data folder.
        database_url: SQLite or PostgreSQL; None is SQLite in the data folder.
        host, port: where to listen; port 0 is any free one.
        tls_certificate, tls_key: PEM files, both or none.
        behind_proxy: a reverse proxy on this machine or network does TLS.
        upload_bytes, upload_records, unfinished_hours, token_days: see `server.actions.desk.Limits`.
        workers: processes that take runs off the queue; 0 runs none here.
        worker_threads: threads of each; all of the machine's processors but one, at least one.
        disk_floor_mib: with less room than this the server says that it is not ready.
        log_level: how much the log says.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, env_ignore_empty=True, hide_input_in_errors=True
    )

    data: Path = DATA
    database_url: SecretStr | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8765
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    behind_proxy: bool = False
    upload_bytes: Annotated[int, Field(ge=1)] = Limits.upload_bytes
    upload_records: Annotated[int, Field(ge=1)] = Limits.upload_records
    unfinished_hours: Annotated[int, Field(ge=1)] = Limits.unfinished_hours
    token_days: Annotated[int, Field(ge=1, le=3650)] = Limits.token_days
    workers: Annotated[int, Field(ge=0, le=MOST_WORKERS)] = 1
    worker_threads: Annotated[int, Field(ge=1)] = max(1, (os.cpu_count() or 1) - 1)
    disk_floor_mib: Annotated[int, Field(ge=0)] = 512
    log_level: LogLevel = LogLevel.INFO

    @field_validator("database_url")
    @classmethod
    def _is_known_database(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None:
            _parsed(given)
        return given

    @property
    def database(self) -> URL:
        """Where the database is."""
        if self.database_url is None:
            return URL.create(_SQLITE, database=str(self.data / "waylink.db"))
        return _parsed(self.database_url)

    @property
    def limits(self) -> Limits:
        """What the server takes, and for how long."""
        return Limits(self.upload_bytes, self.upload_records, self.unfinished_hours, self.token_days)

    @property
    def has_tls(self) -> bool:
        """Whether the server does TLS itself."""
        return self.tls_certificate is not None

    def as_line(self) -> bytes:
        """All of it as one line, for a process of our own; it holds what may be a password: not for a log."""
        shown = {"database_url": self.database_url.get_secret_value()} if self.database_url else {}
        return json.dumps(self.model_dump(mode="json") | shown).encode() + b"\n"

    def require_safe_door(self) -> None:
        """Refuse to listen in clear where others could listen too.

        Raises:
            BadSettings: TLS by halves, files that are not there or no pair, or an open address without TLS or proxy.
        """
        # (1) TLS is both files, and they are there
        files = {"tls_certificate": self.tls_certificate, "tls_key": self.tls_key}
        if len([file for file in files.values() if file is None]) == 1:
            raise BadSettings("TLS needs both files", where="tls_certificate, tls_key", fix="give both, or none")
        for name, file in files.items():
            if file is not None and not os.access(file, os.R_OK):
                raise BadSettings("the file cannot be read", where=name, fix="name a PEM file that the server can read")
        # (2) and a pair that TLS can be done with
        if self.tls_certificate is not None and self.tls_key is not None:
            _require_pair(self.tls_certificate, self.tls_key)
        # (3) without it, this machine only
        if not (self.has_tls or self.behind_proxy or is_loopback(self.host)):
            raise BadSettings(
                "access tokens would cross the network in clear",
                where="host",
                fix="give --tls-certificate and --tls-key, or --behind-proxy if a proxy does TLS, or leave --host out",
            )


def read_settings(flags: Mapping[str, object], config: Path | None = None) -> Settings:
    """Read the settings.

    Args:
        flags: what the command line gave; None is not given.
        config: a TOML file in place of `waylink.toml` in the data folder.

    Raises:
        BadSettings: names every setting that is wrong, and how it is set.
    """
    given: dict[str, Any] = {name: value for name, value in flags.items() if value is not None}
    file = settings_file(flags, config)
    written = _read_file(file, must_be_there=config is not None)
    if config is None and "data" in written:
        raise BadSettings("a file in the data folder cannot say where that is", where="data", fix="take the line out")

    class Read(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            *_: PydanticBaseSettingsSource,
            **named: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return named["init_settings"], named["env_settings"], InitSettingsSource(settings_cls, written)

    try:
        return Read(**given)
    except ValidationError as error:
        raise _told(error) from None


def settings_file(flags: Mapping[str, object], config: Path | None = None) -> Path:
    """The file that settings are read from, whether it is there or not; arguments as `read_settings`."""
    return config or Path(str(flags.get("data") or os.environ.get(f"{PREFIX}DATA") or DATA)) / FILE


def holds_password(file: Path) -> bool:
    """Whether a settings file says how to get into a database."""
    said = _read_file(file, must_be_there=False).get("database_url")
    if not isinstance(said, str):
        return False
    url = make_url(said)
    return url.password is not None or "password" in url.query


def settings_from_line(line: bytes) -> Settings:
    """The settings that `as_line` wrote, whatever this process' environment says."""
    return Settings(**json.loads(line))


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach that address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _require_pair(certificate: Path, key: Path) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")  # asks nobody
    except (ssl.SSLError, OSError, ValueError):
        raise BadSettings(
            "they are no certificate (PEM) and the private key that belongs to it, without a password",
            where="tls_certificate, tls_key",
            fix="name the certificate (with its chain) first, and its own key",
        ) from None


def _read_file(file: Path, *, must_be_there: bool) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:
            return tomllib.load(opened)
    except FileNotFoundError:
        if must_be_there:
            raise BadSettings("there is no such file", where=str(file), fix="name a TOML file with --config") from None
        return {}
    except OSError as error:
        raise BadSettings(f"cannot be read ({error.strerror})", where=str(file)) from None
    except ValueError:  # tomllib's text quotes the line
        raise BadSettings("is no TOML", where=str(file), fix='write lines like port = 8765 or host = "::1"') from None


def _parsed(given: SecretStr) -> URL:
    try:
        url = make_url(given.get_secret_value())
    except (ArgumentError, ValueError):
        raise ValueError("is no database's URL") from None
    if url.get_backend_name() == _POSTGRES:
        return url.set(drivername=_POSTGRES_DRIVER)
    if url.get_backend_name() == _SQLITE and url.database not in (None, "", ":memory:"):
        return url
    raise ValueError("should begin with postgresql:// or sqlite:/// and name a database")


def _told(error: ValidationError) -> BadSettings:
    faults = [(str(one["loc"][0]), one["msg"].removeprefix("Value error, ")) for one in error.errors()]
    ways = "; ".join(_ways_to_set(name) for name in sorted({name for name, _ in faults}))
    said = "; ".join(f"{name}: {rule}" for name, rule in faults)
    return BadSettings(said, where="settings", fix=f"correct what was given as {ways}")


def _ways_to_set(name: str) -> str:
    if name not in Settings.model_fields:
        return f"{name} in {FILE}: there is no such setting"
    flag = [] if name in WITHOUT_FLAG else [f"--{name.replace('_', '-')}"]
    return " or ".join([*flag, f"{PREFIX}{name.upper()}", f"{name} in {FILE}"])
