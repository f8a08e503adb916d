"""One's own account on the server: who one is to it, and one's access tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from waylink.remote.address import require_id
from waylink.remote.connection import Connection
from waylink.remote.private_file import new_private_file

TOKENS = "/api/me/tokens"


@dataclass(frozen=True)
class Self:
    """Who the caller is to the server."""

    account: str
    role: str
    seat: str
    scopes: list[str]


@dataclass(frozen=True)
class LiveToken:
    """A token that works, without its text."""

    id: str
    scopes: list[str]
    created_at: str
    expires_at: str


@dataclass(frozen=True)
class _MadeToken:
    """A token that was just made: here its text comes, once."""

    id: str
    account: str
    expires_at: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class StoredToken:
    """A token that was just made and is in a file."""

    id: str
    account: str
    expires_at: str
    file: str


def see_self(connection: Connection) -> Self:
    """Who the caller is to the server."""
    return connection.request("GET", "/api/me").read_as(Self)


def list_tokens(connection: Connection) -> list[LiveToken]:
    """The caller's live tokens."""
    return connection.request("GET", TOKENS).read_as(list[LiveToken])


def make_token(connection: Connection, out: Path, scopes: Sequence[str] = (), days: int | None = None) -> StoredToken:
    """Make another token for the caller's own account and write it to a new file (mode 600), never to the screen.

    Args:
        out: the file; it is there, empty, before the token is asked for, so that none is made that has no place.
        scopes: what it is for; none: all that the token that asks has.
        days: how long it lives; None: as long as the server lets tokens live.

    Raises:
        OutputExists, CannotWrite: the file; no token was made.
    """
    asked = ({"scopes": list(scopes)} if scopes else {}) | ({"days": days} if days is not None else {})
    with new_private_file(out) as file:
        made = connection.request("POST", TOKENS, json=asked).read_as(_MadeToken)
        file.write(f"{made.token}\n".encode())
    return StoredToken(made.id, made.account, made.expires_at, str(out))


def revoke_token(connection: Connection, token_id: str) -> None:
    """Revoke a token by its id; it is refused from the next request on."""
    connection.request("DELETE", f"/api/tokens/{require_id(token_id, 'token')}")
