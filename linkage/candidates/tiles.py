"""Compare a co-op in tiles that are kept, so that work which was stopped goes on from the tiles that are done.

A tile is a block of the records of all members against another block, or a block with itself. Whoever calls keeps the
finished ones (`KeptTiles`) under names that are digests of what they were made from; where and how is not known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations_with_replacement, pairwise

import numpy as np

from linkage.candidates.compare import CandidatePairs, merge_parts, require_comparable_lists, stream_pairs
from linkage.candidates.kept import TILE_FORMAT, KeptTiles, Tile, pack_tile, unpack_tile
from linkage.candidates.pair_graph import PairGraph, offsets_of
from linkage.heeding import heeded
from schemas.console import SILENT, Advance, PartOfStage, Progress
from schemas.digest import Digest, canonical_json, sha256_of
from schemas.encodings import Bits

BLOCK_RECORDS = 1 << 16
"""Most records of a block. Two full ones make a tile of 4.3 * 10^9 pairs: seconds, which is what a stop may cost. Much
smaller tiles would cost time: each block is packed anew for every tile it is in."""


@dataclass(frozen=True, eq=False)
class _Block:
    """Some records in a row: `bits` are those of rows `start` and following; equal digests mean equal bits."""

    start: int
    bits: Bits
    digest: Digest


def compare_members_in_tiles(
    bits: Sequence[Bits],
    floor: float,
    kept: KeptTiles,
    *,
    threads: int | None = None,
    progress: Progress = SILENT,
    block_records: int | None = None,
) -> PairGraph:
    """The candidate pairs of a co-op, exactly as `compare_members` finds them, by way of tiles that are kept.

    A kept tile is read back and not compared. One that is damaged, or was made from other records or with another
    floor, is compared again.

    Args:
        bits: for each member uint8 (records, bytes), most significant bit first; all of one length.
        floor: the least score of a candidate, in (0, 1].
        kept: where tiles are kept.
        threads: None: all that this process may use. Changes the time, never the result nor the tiles.
        progress: is told record pairs, as they are done; those of a kept tile at once.
        block_records: most records of a block, 1 or more (None: BLOCK_RECORDS); blocks are as even as can be.

    Raises:
        BadInput: as for `compare_members`.
    """
    require_comparable_lists(bits, floor, threads)
    offsets = offsets_of([len(one) for one in bits])
    everyone = np.concatenate(bits) if len(bits) else np.empty((0, 0), np.uint8)
    records, found = len(everyone), []
    blocks = list(_blocks(everyone, block_records or BLOCK_RECORDS))
    with progress.stage("comparing", records * (records - 1) // 2) as advance:
        for left, right in combinations_with_replacement(blocks, 2):
            name = _name_of(left, right, floor)
            tile = unpack_tile(name, kept.get(name))
            if tile is None:
                tile = Tile(_compare(left, right, floor, threads, advance))
                kept.put(name, pack_tile(name, tile))
            else:
                advance(_pairs_of(left, right))
            found.append(tile.pairs)
        pairs = heeded(lambda: merge_parts(found), advance)
    return PairGraph(offsets, pairs.left.astype(np.int64), pairs.right.astype(np.int64), pairs.score, floor=floor)


def digest_of_lists(bits: Sequence[Bits]) -> Digest:
    """What stands for these lists where work on them is kept: equal digests mean equal lists, in this order."""
    return sha256_of(canonical_json([[*one.shape, sha256_of(np.ascontiguousarray(one).data)] for one in bits]))


def _blocks(everyone: Bits, most: int) -> Iterator[_Block]:
    count = max(-(-len(everyone) // most), 1)
    edges = [len(everyone) * number // count for number in range(count + 1)]
    for start, end in pairwise(edges):
        bits = np.ascontiguousarray(everyone[start:end])
        yield _Block(start, bits, digest_of_lists([bits]))


def _name_of(left: _Block, right: _Block, floor: float) -> str:
    """The digest of all that a tile is made from."""
    blocks = [[block.start, len(block.bits), block.digest] for block in (left, right)]
    return sha256_of(canonical_json({"format": TILE_FORMAT, "floor": float(floor).hex(), "blocks": blocks}))


def _pairs_of(left: _Block, right: _Block) -> int:
    rows = len(left.bits)
    return rows * (rows - 1) // 2 if left is right else rows * len(right.bits)


def _compare(left: _Block, right: _Block, floor: float, threads: int | None, advance: Advance) -> CandidatePairs:
    """The tile's candidate pairs, with rows over all members."""
    inside = left is right
    told = PartOfStage(advance)
    parts = stream_pairs(left.bits, None if inside else right.bits, floor, threads=threads, progress=told)
    pairs = heeded(partial(merge_parts, list(parts)), advance)
    return CandidatePairs(pairs.left + np.uint32(left.start), pairs.right + np.uint32(right.start), pairs.score)
