"""The Merkle tree of RFC 6962 (section 2.1): one hash for any number of events, and its frontier.

Leaves and inner nodes are hashed under different first bytes, so that no node can be passed off as a leaf. A tree of n
leaves is a complete tree of the largest power of two under n, joined with the tree of the rest; its *frontier* is the
roots of the complete trees that n's binary digits name, which is all that appending ever needs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NewType

from server.domain.audit.errors import UnfitHead
from server.domain.audit.events import is_digest

TreeHash = NewType("TreeHash", bytes)
"""32 bytes: a node of the tree."""

EMPTY_ROOT = TreeHash(hashlib.sha256(b"").digest())
"""The root of a tree without leaves (RFC 6962, section 2.1)."""


def leaf_hash(data: bytes) -> TreeHash:
    """The node of a leaf: an event's `line()`."""
    return TreeHash(hashlib.sha256(b"\x00" + data).digest())


def node_hash(left: TreeHash, right: TreeHash) -> TreeHash:
    """The node over two nodes."""
    return TreeHash(hashlib.sha256(b"\x01" + left + right).digest())


class Frontier:
    """A tree's size and the roots of its complete subtrees: appending and the new root take O(log n)."""

    __slots__ = ("_peaks",)

    def __init__(self) -> None:
        # _peaks[k] is the root of the complete tree of 2**k leaves; None where the size's binary digit k is 0.
        self._peaks: list[TreeHash | None] = []

    @property
    def size(self) -> int:
        """Number of leaves."""
        return sum(1 << level for level, peak in enumerate(self._peaks) if peak is not None)

    def append(self, leaf: TreeHash) -> None:
        """Add a leaf (its `leaf_hash`) at the right: counting up in binary, where a carry joins two equal trees."""
        for level, peak in enumerate(self._peaks):
            if peak is None:
                self._peaks[level] = leaf
                return
            self._peaks[level] = None
            leaf = node_hash(peak, leaf)
        self._peaks.append(leaf)

    def root(self) -> TreeHash:
        """The root of the whole tree: the smallest subtree is the rightmost."""
        root: TreeHash | None = None
        for peak in self._peaks:
            if peak is not None:
                root = peak if root is None else node_hash(peak, root)
        return EMPTY_ROOT if root is None else root

    def as_list(self) -> list[str]:
        """As JSON data: for each power of two from 1 on its subtree's root in hexadecimal, "" where there is none."""
        return ["" if peak is None else peak.hex() for peak in self._peaks]

    @classmethod
    def from_list(cls, peaks: Sequence[str]) -> Frontier:
        """The frontier that `as_list` wrote.

        Raises:
            UnfitHead: it is no such list.
        """
        if not all(peak == "" or is_digest(peak) for peak in peaks) or (peaks and peaks[-1] == ""):
            raise UnfitHead("is not the frontier of a tree")
        frontier = cls()
        frontier._peaks = [TreeHash(bytes.fromhex(peak)) if peak else None for peak in peaks]
        return frontier


def root_of(leaves: Iterable[TreeHash]) -> TreeHash:
    """The root of the tree over some leaves, in order."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()
