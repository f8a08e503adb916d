"""Verify the audit log offline: the proof that nothing in it was changed, removed, added or moved.

Anybody can do it, with the export, the head they kept the last time, and no trust in the server. What it proves: the
export is a log that the holder of the key signed, and it goes on from the log whose head was kept.

What it can not prove. Without a kept head and without a pinned key, an export speaks for itself alone: someone could
have made all of it. The holder of the key can rewrite what came *after* the kept head, and can hand out a genuine
export that is old, as long as it is newer than the kept head; members who compare their heads find both. The times
are the server's word. And what was never written is in no log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.digest import Digest
from server.domain.audit.chain import BEFORE_THE_FIRST, hash_of
from server.domain.audit.errors import LogAltered
from server.domain.audit.events import Event, Moment, is_digest
from server.domain.audit.export import EventLine, Export, open_export, read_export
from server.domain.audit.heads import Head, is_signed
from server.domain.audit.keys import PublicKey, log_id
from server.domain.audit.merkle import Frontier, TreeHash, leaf_hash
from server.domain.audit.proofs import proves_consistency, proves_inclusion

_KEPT = "the kept head"
_NEWER = "the newer head"
_PROOF = "the proof"


@dataclass(frozen=True, slots=True)
class Verified:
    """An export that has been proved.

    Attributes:
        head: the export's signed head, which is the one to keep from now on.
        last_at: time of the last event (None: there is none).
        kept_size: events that were already under the kept head (None: no head was kept).
        key_was_known: whether the key was pinned or that of the kept head; if not, the export spoke for itself alone.
    """

    head: Head
    last_at: Moment | None
    kept_size: int | None
    key_was_known: bool

    @property
    def size(self) -> int:
        """Number of events."""
        return self.head.size

    @property
    def root(self) -> Digest:
        """Root of the Merkle tree over them."""
        return self.head.root


def verify_export(
    source: Path | Iterable[bytes], kept: Head | None = None, pinned: PublicKey | None = None
) -> Verified:
    """Prove an export, given as a file or as its lines (each with its line end), in one pass; memory O(log n).

    (1) The first line is the header of this format and version.
    (2) The key in it is the pinned one, and that of the kept head.
    (3) Every event has its form, spelled canonically; its number is one more, its time not less, its `previous` the
        hash of the event before, and its hash that of its own fields.
    (4) The last line is a head of so many events, with the root of their tree, signed not before the last of them.
    (5) The head is signed with the key.
    (6) The kept head is signed with the key, and the tree of its first events has the kept root.

    Raises:
        FileMissing: the file cannot be read.
        LogAltered: the first check that failed (attribute `check`), and on which line.
    """
    if isinstance(source, Path):
        with open_export(source) as lines:
            return verify_export(lines, kept, pinned)
    export = read_export(source)  # (1)
    _require_known_key(export, kept, pinned)  # (2)
    if kept is not None:  # (6), first half: a kept head that is not the server's proves nothing further on
        _require_signed(export.public_key, kept, check=6, where=_KEPT)
    tree, last = Frontier(), None
    _require_kept_root(tree, kept, export.last_line)
    for line in export.events():  # (3), form
        _require_follows(last, line)  # (3), chain
        tree.append(leaf_hash(line.raw))
        last = line.event
        _require_kept_root(tree, kept, line.number)  # (6), second half
    _require_head_of(tree, last, export)  # (4)
    _require_signed(export.public_key, export.head, check=5, line=export.last_line)  # (5)
    if kept is not None and tree.size < kept.size:  # (6): the kept root was never come to
        raise LogAltered("there are fewer events than under the kept head", check=6, line=export.last_line)
    return Verified(
        head=export.head,
        last_at=last.at if last else None,
        kept_size=kept.size if kept else None,
        key_was_known=kept is not None or pinned is not None,
    )


def verify_head(public_key: PublicKey, head: Head) -> None:
    """Prove that a head was signed with the key.

    Raises:
        LogAltered: (check 5) it was not.
    """
    _require_signed(public_key, head, check=5, where="the head")


def verify_consistency(public_key: PublicKey, kept: Head, newer: Head, proof: Sequence[str]) -> None:
    """Prove, from two heads and a consistency proof (nodes in hexadecimal), that the newer log goes on from the kept.

    Raises:
        LogAltered: a head is not signed with the key (check 5, 6), or the newer does not go on from the kept (6).
    """
    _require_signed(public_key, newer, check=5, where=_NEWER)
    _require_signed(public_key, kept, check=6, where=_KEPT)
    if newer.size < kept.size:
        raise LogAltered("has fewer events than the kept head", check=6, where=_NEWER)
    nodes = _nodes(proof, check=6)
    if not proves_consistency(kept.size, newer.size, kept.tree_root, newer.tree_root, nodes):
        raise LogAltered("does not show that the newer log goes on from the kept head's", check=6, where=_PROOF)


def verify_inclusion(public_key: PublicKey, head: Head, event: Event, proof: Sequence[str]) -> None:
    """Prove, from a head and an inclusion proof (nodes in hexadecimal), that the log has this event at its place.

    Raises:
        LogAltered: the event is not that of its hash (check 3), the head not signed with the key (5), or the event is
            not in the head's tree (4).
    """
    if event.hash != hash_of(event):
        raise LogAltered("has not the hash of its fields", check=3, where="the event")
    verify_head(public_key, head)
    nodes = _nodes(proof, check=4)
    if not proves_inclusion(leaf_hash(event.line()), event.seq - 1, head.size, head.tree_root, nodes):
        raise LogAltered("does not show that the event is in the log", check=4, where=_PROOF)


def _require_signed(public_key: PublicKey, head: Head, *, check: int, line: int | None = None, where: str = "") -> None:
    if not is_signed(public_key, head):
        raise LogAltered("is not signed with the log's key", check=check, line=line, where=where)


def _require_known_key(export: Export, kept: Head | None, pinned: PublicKey | None) -> None:
    if pinned is not None and export.public_key != pinned:
        raise LogAltered("its public key is not the pinned one", check=2, line=export.last_line)
    if kept is not None and log_id(export.public_key) != kept.log_id:
        raise LogAltered("its public key is not that of the kept head", check=2, line=export.last_line)


def _require_follows(last: Event | None, line: EventLine) -> None:
    event = line.event
    faults = {
        "its number is not one more than the last": event.seq != (last.seq + 1 if last else 1),
        "it does not name the event before it": event.previous != (last.hash if last else BEFORE_THE_FIRST),
        "its time is before that of the event before it": last is not None and event.at < last.at,
        "it has not the hash of its fields": event.hash != hash_of(event),
    }
    for what, is_so in faults.items():
        if is_so:
            raise LogAltered(what, check=3, line=line.number)


def _require_kept_root(tree: Frontier, kept: Head | None, line: int) -> None:
    if kept is not None and tree.size == kept.size and tree.root() != kept.tree_root:
        raise LogAltered("the log up to here is another than the kept head's", check=6, line=line)


def _require_head_of(tree: Frontier, last: Event | None, export: Export) -> None:
    head, line = export.head, export.last_line
    if head.size != tree.size:
        raise LogAltered("the head is not of as many events as there are", check=4, line=line)
    if head.tree_root != tree.root():
        raise LogAltered("the head has not the root of these events", check=4, line=line)
    if last is not None and head.at < last.at:
        raise LogAltered("the head was signed before the last event", check=4, line=line)


def _nodes(proof: Sequence[str], check: int) -> list[TreeHash]:
    if not all(is_digest(node) for node in proof):
        raise LogAltered("is not a list of the tree's nodes", check=check, where=_PROOF)
    return [TreeHash(bytes.fromhex(node)) for node in proof]
