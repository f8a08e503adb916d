"""How the server is doing: its queue, its disk, its workers, its last backup. Nothing of what members sent."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from server.actions.desk import Desk
from server.domain.accounts import Actor
from server.domain.permissions import Verb, require_may
from server.domain.runs import RunState
from server.store.runs import count_runs
from server.store.schema import SchemaBehind, require_current_schema, revision_of

HEARTBEATS = "workers"
LAST_BACKUP = "last-backup"
FRESH_SECONDS = 60
"""A worker that has not been heard of for longer is not counted."""


@dataclass(frozen=True)
class Premises:
    """Where the server stands.

    Attributes:
        folder: the data folder.
        disk_floor: bytes that must be free for the server to be ready.
        workers: how many workers it is meant to have.
        https: whether clients reach it by TLS, its own or a proxy's.
    """

    folder: Path
    disk_floor: int = 0
    workers: int = 0
    https: bool = False


@dataclass(frozen=True)
class Status:
    """How the server is doing. Bytes; seconds; `backup_age` is None where there never was a backup."""

    version: str
    schema: str
    runs: Mapping[str, int]
    disk_free_bytes: int
    data_bytes: int
    workers: int
    backup_age: float | None


def show_status(desk: Desk, actor: Actor, premises: Premises) -> Status:
    """How the server is doing, for the operator."""
    require_may(actor, Verb.OPERATE)
    with desk.reading() as session:
        runs = count_runs(session)
    return Status(
        version=version("waylink"),
        schema=revision_of(desk.database) or "",
        runs={state: runs.get(state, 0) for state in RunState},
        disk_free_bytes=shutil.disk_usage(premises.folder).free,
        data_bytes=_bytes_in(premises.folder),
        workers=len(live_workers(premises.folder)),
        backup_age=_age(premises.folder / LAST_BACKUP),
    )


def check_readiness(desk: Desk, premises: Premises | None) -> dict[str, bool]:
    """What the server needs to do its work, each with whether it is so. Says nothing else: everybody may ask."""
    found = _look_at_database(desk)
    if premises is not None:
        found["disk"] = shutil.disk_usage(premises.folder).free >= premises.disk_floor
        found["worker"] = premises.workers == 0 or bool(live_workers(premises.folder))
    return found


def beat(folder: Path, worker: str) -> None:
    """Say that a worker lives: the time of its file under `workers/` is its heartbeat. Takes no room on a full disk."""
    file = folder / HEARTBEATS / worker
    file.parent.mkdir(mode=0o700, exist_ok=True)
    file.touch(mode=0o600)


def forget_worker(folder: Path, worker: str) -> None:
    """A worker has ended: it is not counted any more."""
    (folder / HEARTBEATS / worker).unlink(missing_ok=True)


def live_workers(folder: Path) -> list[str]:
    """The workers that were heard of within a minute."""
    place = folder / HEARTBEATS
    if not place.is_dir():
        return []
    ages = {file.name: _age(file) for file in place.iterdir()}
    return [name for name, age in ages.items() if age is not None and age <= FRESH_SECONDS]


def _look_at_database(desk: Desk) -> dict[str, bool]:
    try:
        require_current_schema(desk.database)
    except SchemaBehind:
        return {"database": True, "schema": False}
    except SQLAlchemyError:
        return {"database": False, "schema": False}
    return {"database": True, "schema": True}


def _age(file: Path) -> float | None:
    """Seconds since a file was touched, by the clock that dates files; None where there is none."""
    try:
        return max(0.0, time.time() - file.stat().st_mtime)
    except FileNotFoundError:
        return None


def _bytes_in(folder: Path) -> int:
    """What the files under a folder take; those that go meanwhile take nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(place, name)).st_size  # noqa: PTH116, PTH118 (twice as fast for tiles)
            except FileNotFoundError:
                continue
    return total
