"""The server's audit log, seen from outside: heads that are kept, an export, and proofs that are checked here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.domain.audit.errors import LogAltered, UnfitHead
from server.domain.audit.export import read_export
from server.domain.audit.heads import Head, head_from, is_signed, read_head, write_head
from server.domain.audit.keys import PublicKey, log_id
from server.domain.audit.verify import Verified, verify_consistency, verify_export, verify_head
from waylink.remote.connection import Connection
from waylink.remote.errors import BadAnswer, NotThere
from waylink.remote.private_file import new_private_file

HEAD = "/api/audit/head"
EXPORT = "/api/audit/export"
_LOG = "the server's log"
_FIRST_LINE_BYTES = 1 << 16
CHECKS = {
    1: "the file is an audit log of a version that this program reads",
    2: "its public key is the one that was known before",
    3: "every event holds the hash of its fields and of the event before it; numbers and times only grow",
    4: "the head at its end is of exactly these events",
    5: "the head is signed with the log's key",
    6: "the log goes on from the head that was kept",
}
"""What `verify_export` proves, by number; 2 and 6 only against something that was known before."""


@dataclass(frozen=True)
class Proof:
    """A consistency proof as the server sends it."""

    head: dict[str, Any]
    nodes: list[str]


def fetch_head(connection: Connection) -> Head:
    """The signed head of the log as it is, signed with the key that the server gives out.

    Raises:
        LogAltered: it is not.
    """
    head = _head(connection.request("GET", HEAD).read_as(dict[str, Any]))
    verify_head(fetch_public_key(connection), head)
    return head


def keep_head(connection: Connection, path: Path) -> Head:
    """Keep the newest head in a file; one that is kept there already must be of the same log, of which this goes on.

    Raises:
        LogAltered: the log does not go on from the kept head, which stays in its file.
    """
    head = check_log(connection, read_head(path)) if path.exists() else fetch_head(connection)
    write_head(path, head)
    return head


def check_log(connection: Connection, kept: Head) -> Head:
    """Prove, with the server's consistency proof, that its log goes on from a head that was kept; gives the new head.

    Raises:
        LogAltered: it does not.
    """
    key = fetch_public_key(connection)
    if log_id(key) != kept.log_id:
        raise LogAltered("its public key is not that of the kept head", check=2, where=_LOG)
    if not is_signed(key, kept):
        raise LogAltered("is not signed with the log's key", check=6, where="the kept head")
    if kept.size == 0:
        return fetch_head(connection)  # every log goes on from an empty one
    query = {"first": kept.size}
    try:
        proof = connection.request("GET", "/api/audit/consistency", query=query).read_as(Proof)
    except NotThere:  # it signed that head, as was just seen
        raise LogAltered("the server does not know the head any more that it signed", check=6, where=_LOG) from None
    newer = _head(proof.head)
    verify_consistency(key, kept, newer, proof.nodes)
    return newer


def fetch_public_key(connection: Connection) -> PublicKey:
    """The key that the server gives out, from the first line of an export; what it is worth, the kept head says."""
    with connection.stream("GET", EXPORT) as answer:
        start = b""
        for piece in answer.pieces():
            start += piece
            if b"\n" in start or len(start) > _FIRST_LINE_BYTES:
                break
    return read_export([start.split(b"\n")[0] + b"\n"]).public_key


def export_log(connection: Connection, path: Path) -> int:
    """Write the whole log into a new file, to be verified offline; gives back its size in bytes.

    Raises:
        OutputExists: the file is there already.
        Unreachable: the connection broke; no file was left.
    """
    size = 0
    with connection.stream("GET", EXPORT) as answer, new_private_file(path) as file:
        for piece in answer.pieces():
            size += file.write(piece)
    return size


def verify_file(path: Path, kept: Path | None) -> Verified:
    """Prove an export offline, against a head that was kept where there is one.

    Raises:
        FileMissing, UnfitHead: a file.
        LogAltered: the check that failed.
    """
    return verify_export(path, read_head(kept) if kept else None)


def held(verified: Verified) -> list[int]:
    """The numbers of the checks that were made, and so held."""
    known = {2} if verified.key_was_known else set()
    went_on = {6} if verified.kept_size is not None else set()
    return sorted({1, 3, 4, 5} | known | went_on)


def _head(fields: dict[str, Any]) -> Head:
    try:
        return head_from(fields)
    except UnfitHead as error:
        raise BadAnswer(f"the server's head {error.what}", fix="is it a waylink server?") from None
