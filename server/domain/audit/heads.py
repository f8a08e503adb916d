"""Signed heads: the server's word on how long the log is and what is in it; and the file in which one is kept."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from schemas.digest import Digest, canonical_json
from schemas.errors import CannotWrite, FileMissing
from server.domain.audit.errors import UnfitHead
from server.domain.audit.events import Moment, is_count, is_digest, is_moment, written_as
from server.domain.audit.keys import LogKey, PublicKey, is_signature, log_id
from server.domain.audit.merkle import Frontier, TreeHash

_LABEL = b"waylink audit head 1\x00"  # what is signed here can be taken for nothing else that waylink signs
_SIGNATURE = re.compile(r"[0-9a-f]{128}")
_FILE_BYTES = 4096  # a head's file has under 400


@dataclass(frozen=True, slots=True)
class Head:
    """What the server signs of its log at one time. Made by `sign_head`, `head_from` and `read_head`.

    Attributes:
        size: number of events.
        root: root of the Merkle tree over them, in hexadecimal.
        at: when it was signed; never before the last event.
        log_id: SHA-256 of the public key.
        signature: Ed25519, 128 hexadecimal digits.
    """

    size: int
    root: Digest
    at: Moment
    log_id: Digest
    signature: str

    @property
    def tree_root(self) -> TreeHash:
        """The root as the tree has it."""
        return TreeHash(bytes.fromhex(self.root))

    def line(self) -> bytes:
        """The head's canonical JSON: the last line of an export (without line end), and the text of a kept file."""
        return canonical_json(asdict(self))


def sign_head(key: LogKey, tree: Frontier, *, at: Moment, last_at: Moment | None) -> Head:
    """Sign the log as it is: its tree's frontier, the time, and the last event's time (None: there is no event).

    A clock that has gone back does not stop the log: the head then bears the last event's time.

    Raises:
        UnfitHead: the time has not its form.
    """
    if not is_moment(at):
        raise UnfitHead("does not have the form of a signed head's", where="at")
    size, root, identity = tree.size, Digest(tree.root().hex()), log_id(key.public)
    moment = at if last_at is None else max(at, last_at)
    message = _message(size, root, moment, identity)
    return Head(size, root, moment, identity, key.sign(message).hex())


def is_signed(public_key: PublicKey, head: Head) -> bool:
    """Whether a head is of this key's log and signed by it."""
    message = _message(head.size, head.root, head.at, head.log_id)
    return head.log_id == log_id(public_key) and is_signature(public_key, message, bytes.fromhex(head.signature))


def _message(size: int, root: Digest, at: Moment, identity: Digest) -> bytes:
    return _LABEL + canonical_json({"size": size, "root": root, "at": at, "log_id": identity})


def head_from(fields: Mapping[str, object]) -> Head:
    """The head that has these fields, each found to have its form; the signature is not checked here.

    Raises:
        UnfitHead: names the field, never what is in it.
    """
    if fields.keys() != _FORMS.keys():
        raise UnfitHead("has not exactly the fields of a signed head")
    for name, has_form in _FORMS.items():
        if not has_form(fields[name]):
            raise UnfitHead("does not have the form of a signed head's", where=name)
    proven: dict[str, Any] = dict(fields)
    return Head(**proven)


_FORMS: dict[str, Callable[[object], bool]] = {
    "size": is_count,
    "root": is_digest,
    "at": is_moment,
    "log_id": is_digest,
    "signature": written_as(_SIGNATURE),
}


def read_head(path: Path) -> Head:
    """The head that a member kept. Its signature is checked when it is used.

    Raises:
        FileMissing: it cannot be read.
        UnfitHead: it is no head's file.
    """
    try:
        with path.open("rb") as file:
            value = json.loads(file.read(_FILE_BYTES).decode("utf-8"))
    except OSError:
        raise FileMissing("cannot be read", where=str(path)) from None
    except (ValueError, RecursionError):
        raise UnfitHead("is not a kept head", where=str(path)) from None
    if not isinstance(value, dict):
        raise UnfitHead("is not a kept head", where=str(path))
    try:
        return head_from(value)
    except UnfitHead as error:
        raise UnfitHead(f"is not a kept head: {error}", where=str(path)) from None


def write_head(path: Path, head: Head) -> None:
    """Keep a head in a file, in place of the one before; the file is never half written.

    Raises:
        CannotWrite: no permission, no room.
    """
    draft: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        draft = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(head.line() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        if draft is not None:
            draft.unlink(missing_ok=True)
        raise CannotWrite(f"cannot be written ({error.strerror})", where=str(path)) from None
