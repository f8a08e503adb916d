"""Short proofs for those who hold no more than a root: an event is in the log, a newer log goes on from an older one.

Made as RFC 6962 says (sections 2.1.1 and 2.1.2), checked by the algorithms of RFC 9162 (sections 2.1.3.2 and 2.1.4.2).
A proof of a log of n events is at most about log2(n) + 1 nodes of 32 bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

from server.domain.audit.merkle import EMPTY_ROOT, TreeHash, node_hash, root_of


def inclusion_proof(leaves: Sequence[TreeHash], index: int) -> list[TreeHash]:
    """The nodes that lead from leaf `index` (from 0) of a tree to its root, lowest first.

    Raises:
        IndexError: the tree has no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError("the tree has no such leaf")
    proof: list[TreeHash] = []
    while len(leaves) > 1:
        split = _split(len(leaves))
        left, right = leaves[:split], leaves[split:]
        proof.append(root_of(right if index < split else left))
        leaves, index = (left, index) if index < split else (right, index - split)
    return proof[::-1]


def consistency_proof(leaves: Sequence[TreeHash], first: int) -> list[TreeHash]:
    """The nodes that show that a tree's first `first` leaves are an older tree's, lowest first.

    Raises:
        IndexError: the tree has not so many leaves.
    """
    if not 0 <= first <= len(leaves):
        raise IndexError("the tree has not so many leaves")
    if first in (0, len(leaves)):
        return []
    proof: list[TreeHash] = []
    known = True  # whether the subtree is the older tree itself, whose root the reader has
    while first != len(leaves):
        split = _split(len(leaves))
        left, right = leaves[:split], leaves[split:]
        if first <= split:
            proof.append(root_of(right))
            leaves = left
        else:
            proof.append(root_of(left))
            leaves, first, known = right, first - split, False
    return ([] if known else [root_of(leaves)]) + proof[::-1]


def proves_inclusion(leaf: TreeHash, index: int, size: int, root: TreeHash, proof: Sequence[TreeHash]) -> bool:
    """Whether a proof shows that the tree of `size` leaves with this root has `leaf` at `index` (from 0)."""
    if not 0 <= index < size:
        return False
    node, at, last = leaf, index, size - 1  # RFC 9162, 2.1.3.2: r, fn, sn
    for beside in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            node = node_hash(beside, node)
            at, last = _up_to_a_right_child(at, last)
        else:
            node = node_hash(node, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and node == root


def proves_consistency(
    first: int, second: int, first_root: TreeHash, second_root: TreeHash, proof: Sequence[TreeHash]
) -> bool:
    """Whether a proof shows that the tree of `second` leaves begins with the tree of `first` leaves."""
    if not 0 <= first <= second:
        return False
    if first == second:
        return not proof and first_root == second_root
    if first == 0:
        return not proof and first_root == EMPTY_ROOT  # every tree goes on from the empty one
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)  # a complete tree is its own start
    if not path:
        return False
    at, last = _up_to_a_left_child(first - 1, second - 1)  # RFC 9162, 2.1.4.2: fn, sn
    older = newer = path[0]
    for beside in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            older, newer = node_hash(beside, older), node_hash(beside, newer)
            at, last = _up_to_a_right_child(at, last)
        else:
            newer = node_hash(newer, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and older == first_root and newer == second_root


def _split(size: int) -> int:
    """The largest power of two under `size` (>= 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def _up_to_a_right_child(at: int, last: int) -> tuple[int, int]:
    """Climb while the node is a left child: at the tree's right edge it has no sibling there."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _up_to_a_left_child(at: int, last: int) -> tuple[int, int]:
    """Climb while the node is a right child."""
    while at & 1:
        at, last = at >> 1, last >> 1
    return at, last
