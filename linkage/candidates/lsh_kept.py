"""Search, or read back what the same search found before: one tile, as no part of a search stands alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from linkage.candidates.compare import CandidatePairs
from linkage.candidates.kept import TILE_FORMAT, KeptTiles, Tile, pack_tile, unpack_tile
from linkage.candidates.lsh import LshFound, LshReport
from linkage.candidates.lsh_plan import LshPlan
from linkage.candidates.pair_graph import PairGraph, Rows
from linkage.candidates.recall import RecallEstimate
from schemas.digest import canonical_json, sha256_of


def search_once(
    kept: KeptTiles, made_from: Mapping[str, object], offsets: Rows, floor: float, search: Callable[[], LshFound]
) -> LshFound:
    """What a search of these arguments found before or, where nothing whole is kept, what it finds now.

    Args:
        kept: where the result is kept.
        made_from: all that decides what is found, as JSON values.
        offsets: int64 (members + 1,); where each member's records start.
        floor: the least score of a pair.
        search: does the work.
    """
    name = sha256_of(canonical_json({"format": f"{TILE_FORMAT}, searched", **made_from}))
    tile = unpack_tile(name, kept.get(name))
    if tile is None:
        found = search()
        graph = found.graph
        pairs = CandidatePairs(graph.left.astype(np.uint32), graph.right.astype(np.uint32), graph.score)
        kept.put(name, pack_tile(name, Tile(pairs, json.dumps(asdict(found.report)).encode())))
        return found
    left, right = (rows.astype(np.int64) for rows in (tile.pairs.left, tile.pairs.right))
    return LshFound(PairGraph(offsets, left, right, tile.pairs.score, floor=floor), _report_of(json.loads(tile.note)))


def _report_of(said: dict[str, Any]) -> LshReport:
    plan, estimate = said.pop("plan"), said.pop("estimate")
    return LshReport(plan=LshPlan(**plan), estimate=RecallEstimate(**estimate) if estimate else None, **said)
