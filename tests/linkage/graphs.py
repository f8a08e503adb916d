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


@st.composite
def columns_of_anonlink(draw: st.DrawFn) -> tuple:
    """Candidate pairs as anonlink takes them, as ugly as it allows.

    Pairs inside a member, pairs that come twice or turned round, a record with itself, more members than bits in a
    word, row numbers up to the last.
    """
    members = draw(st.sampled_from([[0], [0, 1], [0, 1, 2], [0, 1, 63, 64, 65, 128], [7, 2**32 - 1]]))
    rows = draw(st.sampled_from([[0, 1, 2], [0, 1, 2, 3, 4, 5], [0, 5, 2**32 - 1]]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = (2, draw(st.integers(0, 60)))
    both = [tuple(side) for side in (rng.choice(np.array(values, np.uint32), shape) for values in (members, rows))]
    return np.linspace(1.0, 0.5, shape[1]), *both


def random_graph(seed: int, sizes: Sequence[int], pairs: int, *, steps: int = 0) -> PairGraph:
    """That many pairs at random (less those drawn twice); scores in `steps` steps, for ties, or any where it is 0."""
    rng = np.random.default_rng(seed)
    ends = np.sort(rng.integers(0, sum(sizes), (pairs, 2)), axis=1)
    ends = np.unique(ends[ends[:, 0] < ends[:, 1]], axis=0)
    score = rng.random(len(ends))
    if steps:
        score = np.ceil(score * steps) / steps
    order = np.lexsort((ends[:, 1], ends[:, 0], -score))
    return PairGraph(offsets_of(sizes), ends[order, 0], ends[order, 1], score[order], 0.0)
