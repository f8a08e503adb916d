"""The tree is RFC 6962's: the known answers of Certificate Transparency's reference, and a naive recursion."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.audit.errors import UnfitHead
from server.domain.audit.merkle import Frontier, leaf_hash, node_hash, root_of
from server.domain.audit.proofs import consistency_proof, inclusion_proof, proves_consistency, proves_inclusion
from tests.server.domain.audit.reference_tree import (
    CONSISTENCY,
    INCLUSION,
    LEAVES,
    ROOTS,
    naive_consistency,
    naive_inclusion,
    naive_root,
)

KNOWN = [leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES]
LARGEST = 70  # past 64: seven levels, with every shape of a right edge
TREE = [leaf_hash(f"leaf {n}".encode()) for n in range(LARGEST)]
TREE_ROOTS = [naive_root(TREE[:n]) for n in range(LARGEST + 1)]
sizes = st.integers(1, LARGEST)


def hexadecimal(nodes):
    return [node.hex() for node in nodes]


@pytest.mark.parametrize("size", range(9))
def test_known_roots(size):
    assert root_of(KNOWN[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "proof"), INCLUSION)
def test_known_inclusion_proofs(index, size, proof):
    assert hexadecimal(inclusion_proof(KNOWN[:size], index)) == proof
    nodes = [bytes.fromhex(node) for node in proof]
    assert proves_inclusion(KNOWN[index], index, size, bytes.fromhex(ROOTS[size]), nodes)


@pytest.mark.parametrize(("first", "second", "proof"), CONSISTENCY)
def test_known_consistency_proofs(first, second, proof):
    assert hexadecimal(consistency_proof(KNOWN[:second], first)) == proof
    nodes = [bytes.fromhex(node) for node in proof]
    assert proves_consistency(first, second, bytes.fromhex(ROOTS[first]), bytes.fromhex(ROOTS[second]), nodes)


def test_a_leaf_that_looks_like_a_node_has_another_hash():
    left, right = TREE[:2]
    assert leaf_hash(left + right) != node_hash(left, right)
    assert leaf_hash(b"x") == hashlib.sha256(b"\0x").digest()


def test_the_frontier_has_the_naive_root_after_every_leaf():
    frontier = Frontier()
    for size, leaf in enumerate(TREE, start=1):
        frontier.append(leaf)
        assert (frontier.size, frontier.root()) == (size, TREE_ROOTS[size])


@given(st.integers(0, LARGEST), st.integers(0, 5))
def test_a_frontier_that_was_written_and_read_goes_on_as_if_it_had_not_been(size, more):
    written = Frontier()
    for leaf in TREE[:size]:
        written.append(leaf)
    frontier = Frontier.from_list(json.loads(json.dumps(written.as_list())))
    for leaf in TREE[size : size + more]:
        frontier.append(leaf)
    assert frontier.size == min(size + more, LARGEST)
    assert frontier.root() == TREE_ROOTS[frontier.size]
    assert len(written.as_list()) == size.bit_length()


@pytest.mark.parametrize("peaks", [[""], ["00" * 32, ""], ["00"], ["AA" * 32], [5], [None]])
def test_what_is_no_frontier_is_refused(peaks):
    with pytest.raises(UnfitHead):
        Frontier.from_list(peaks)


@given(sizes, st.data())
def test_proofs_are_those_of_the_naive_recursion_and_hold(size, data):
    index, first = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    leaves = TREE[:size]
    inclusion, consistency = inclusion_proof(leaves, index), consistency_proof(leaves, first)
    assert inclusion == naive_inclusion(index, leaves)
    assert consistency == (naive_consistency(first, leaves) if first else [])
    assert proves_inclusion(TREE[index], index, size, TREE_ROOTS[size], inclusion)
    assert proves_consistency(first, size, TREE_ROOTS[first], TREE_ROOTS[size], consistency)


def altered_proofs(proof):
    """Every proof that is one step away: a node changed, left out, twice, or one more."""
    other = leaf_hash(b"of no tree")
    for at in range(len(proof)):
        yield [*proof[:at], other, *proof[at + 1 :]]
        yield [*proof[:at], *proof[at + 1 :]]
        yield [*proof[: at + 1], *proof[at:]]
    yield [other, *proof]
    yield [*proof, other]


@given(sizes, st.data())
def test_an_inclusion_proof_holds_for_nothing_else(size, data):
    index = data.draw(st.integers(0, size - 1))
    root, proof = TREE_ROOTS[size], inclusion_proof(TREE[:size], index)
    assert not any(proves_inclusion(TREE[index], index, size, root, altered) for altered in altered_proofs(proof))
    others = [other for other in range(-1, size + 2) if other != index]
    assert not any(proves_inclusion(TREE[index], other, size, root, proof) for other in others)
    assert not proves_inclusion(leaf_hash(b"another"), index, size, root, proof)
    assert not proves_inclusion(TREE[index], index, size, TREE_ROOTS[size - 1], proof)


@given(sizes, st.data())
def test_a_consistency_proof_holds_for_nothing_else(size, data):
    first = data.draw(st.integers(0, size))
    older, newer, proof = TREE_ROOTS[first], TREE_ROOTS[size], consistency_proof(TREE[:size], first)
    assert not any(proves_consistency(first, size, older, newer, altered) for altered in altered_proofs(proof))
    assert not proves_consistency(first, size, leaf_hash(b"another"), newer, proof)
    assert first == 0 or not proves_consistency(first, size, older, leaf_hash(b"another"), proof)
    assert not proves_consistency(size + 1, size, older, newer, proof)
    assert not proves_consistency(-1, size, older, newer, proof)


@given(sizes, sizes, sizes)
def test_a_tree_with_another_past_cannot_be_proved_to_go_on_from_it(first, size, changed):
    first, size = sorted((first, size))
    leaves = TREE[:size]
    leaves[(changed - 1) % first] = leaf_hash(b"rewritten")
    proof = consistency_proof(leaves, first)
    assert not proves_consistency(first, size, TREE_ROOTS[first], naive_root(leaves), proof)


def test_a_proof_has_the_length_that_the_sizes_ask_for_even_where_its_hashes_come_out_right():
    a, b, c, d = TREE[:4]
    assert not proves_inclusion(a, 0, 1, node_hash(b, a), [b])
    assert not proves_consistency(2, 4, a, a, [])
    older, newer = node_hash(c, a), node_hash(c, node_hash(a, b))
    assert proves_consistency(3, 4, older, newer, [a, b, c])
    assert not proves_consistency(3, 4, node_hash(d, older), node_hash(d, newer), [a, b, c, d])


def test_there_is_no_proof_of_what_a_tree_has_not():
    for index in (-1, 3):
        with pytest.raises(IndexError):
            inclusion_proof(TREE[:3], index)
    for first in (-1, 4):
        with pytest.raises(IndexError):
            consistency_proof(TREE[:3], first)
