"""Small candidate graphs for tests, and what hypothesis draws them from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from linkage.candidates.pair_graph import PairGraph, offsets_of

STEP = 64  # scores are multiples of 1/64: their sums are exact, so ties are ties


def graph_of(sizes: Sequence[int], pairs: dict[tuple[int, int], float], floor: float = 0.5) -> PairGraph:
    """A graph from record pairs (left < right) and scores, in the order that `PairGraph` states."""
    ordered = sorted(pairs.items(), key=lambda item: (-item[1], item[0]))
    left, right = (np.array([pair[side] for pair, _ in ordered], np.int64) for side in (0, 1))
    return PairGraph(offsets_of(sizes), left, right, np.array([s for _, s in ordered], np.float64), floor)


@st.composite
def graphs(draw: st.DrawFn) -> PairGraph:
    """Graphs of up to four members and a dozen records, with many ties."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    records = sum(sizes)
    every = [(a, b) for a in range(records) for b in range(a + 1, records)]
    score = st.integers(STEP // 2, STEP).map(lambda steps: steps / STEP) | st.sampled_from([0.75, 0.875])
    chosen = draw(st.lists(st.sampled_from(every), unique=True)) if every else []
    return graph_of(sizes, {pair: draw(score) for pair in chosen})
