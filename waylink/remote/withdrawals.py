"""Records taken back: they are left out of every later run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from waylink.remote.address import require_id
from waylink.remote.connection import Connection
from waylink.remote.errors import BadRequest
from waylink.remote.link_maps import tokens_listed, tokens_of_clients

MOST_AT_ONCE = 10_000  # as many as the API takes in one request


@dataclass(frozen=True)
class Withdrawn:
    """How many records were withdrawn that had not been before."""

    withdrawn: int


def withdraw_records(connection: Connection, project: str, tokens: Sequence[str]) -> int:
    """Withdraw records by their tokens; gives back how many were not withdrawn before. Doing it again does no harm."""
    path = f"/api/projects/{require_id(project, 'project')}/withdrawals"
    new = 0
    for first in range(0, len(tokens), MOST_AT_ONCE):
        batch = tokens[first : first + MOST_AT_ONCE]
        new += connection.request("POST", path, json={"tokens": list(batch)}).read_as(Withdrawn).withdrawn
    return new


def chosen_tokens(tokens: Path | None, clients: Path | None, folder: Path | None) -> list[str]:
    """The record tokens that a person named: in a file of them, or by client ids and the folder that maps these.

    Raises:
        BadRequest: neither or both were named.
        FileMissing, BrokenFile, UnknownRecords: see `link_maps`.
    """
    if tokens is not None and clients is None and folder is None:
        return tokens_listed(tokens)
    if clients is not None and folder is not None and tokens is None:
        return tokens_of_clients(clients, folder)
    raise BadRequest("which records?", fix="give --tokens FILE, or --clients FILE with --folder DIR")
