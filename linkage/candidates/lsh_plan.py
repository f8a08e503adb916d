"""Plan a bit-sampling search: how many bits, how many tables, and what it will cost.

Bit sampling is the hash family for Hamming distance of Indyk and Motwani ("Approximate Nearest Neighbors: Towards
Removing the Curse of Dimensionality", STOC 1998). A table puts the positions of a filter in a random order. Records
whose first `key_bits` sampled bits are equal, or differ in at most `radius` of them (multi-probe: Lv, Josephson, Wang,
Charikar and Li, VLDB 2007), meet; those that meet are scored in full if the first 64 sampled bits differ in at most
`limit`.

Positions are drawn evenly and without replacement from the whole filter, informative or not. So the chance that a pair
is scored is known exactly from its Hamming distance (hypergeometric), whatever the frequencies of the positions are,
and tables are independent. Choosing positions with a frequency near 1/2 would part strangers better, but the same
distance need not spread evenly over such positions, and the chance would be a guess.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from linkage.errors import BadInput

WORD_BITS = 64
"""Sampled bits of a record that a table reads (`kWordBits` in native/columns.h)."""

MOST_TABLES = 4096
"""More are refused. By then the tables' work is that of comparing thousands of records exactly with all others."""

POPULAR = 2048
"""A bucket with more records is split: it would cost each of them more than a hundred times what a table costs it."""

MOST_KEY_BITS = 28
"""As many as the native side takes: the directory of such a table is 1 GiB."""

RADII = (0, 1)
"""Two flips never paid in any measurement: several hundred buckets a record, most of them empty."""

KEY_COST, PROBE_COST, LOOK_COST, SCORE_COST, EXACT_COST = 40.0, 20.0, 1.0, 60.0, 1.0
"""What a key (reading and sorting a word), a probe (finding another bucket), a look at a pair of words, a pair of
filters scored where they lie, and a pair in the exact kernel cost beside each other: nanoseconds of one Zen 3 core, the
first four fitted to single tables of 2 x 10^6 records, the last one what a fast kernel reaches. Only ratios matter."""

_CERTAIN = 1.0 - 1e-12  # a chance of one would have an infinite logarithm

Chances = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sampled:
    """What a plan is made from.

    Attributes:
        bits: length of a filter.
        records: how many distinct filters there are.
        pairs: how many pairs of them are wanted.
        popcounts: int64 (sampled,); of records drawn at random.
        stranger_distances: int64 (bits + 1,); pairs of records drawn at random, by Hamming distance.
    """

    bits: int
    records: int
    pairs: int
    popcounts: Counts
    stranger_distances: Counts


@dataclass(frozen=True)
class LshPlan:
    """How to search, and what to expect of it.

    Attributes:
        aim: the score that the recall is meant for.
        recall: what was asked for.
        key_bits, radius, limit: see the module's text.
        tables: how many.
        planned_recall: expected share of the pairs scoring exactly `aim` that are found, with popcounts as in the
            data (each pair's two popcounts taken as equal); pairs that score more are found more often.
        keys: words to read and sort, over all tables.
        probes: other buckets to look for.
        pairs_looked_at: expected pairs of words to compare.
        pairs_scored: expected pairs of filters to score, strangers only.
        pairs: pairs that an exact comparison would score.
        work: all of this in the time of so many pairs of an exact comparison.
    """

    aim: float
    recall: float
    key_bits: int
    radius: int
    limit: int
    tables: int
    planned_recall: float
    keys: int
    probes: int
    pairs_looked_at: int
    pairs_scored: int
    pairs: int
    work: int

    @property
    def pays(self) -> bool:
        """Whether the search is expected to take less than comparing everything exactly."""
        return self.work < self.pairs

    def as_dict(self) -> dict[str, object]:
        """The plan as data."""
        return asdict(self) | {"pays": self.pays}


def make_plan(sampled: Sampled, aim: float, recall: float) -> LshPlan:
    """The plan with the least expected work whose recall at `aim` is at least `recall`.

    Raises:
        BadInput: it would take more than MOST_TABLES tables.
    """
    near, near_share = _spread_of(sampled.popcounts, sampled.bits, aim)
    plans = [
        _best_with(sampled, near, near_share, aim, recall, key_bits, radius)
        for key_bits in _key_lengths(sampled)
        for radius in RADII
    ]
    plan = min(plans, key=lambda one: one.work)
    if plan.tables > MOST_TABLES:
        raise BadInput(
            f"a search with recall {recall} at a score of {aim} would need more than {MOST_TABLES} tables",
            fix="compare exactly, lower the recall, raise the aim, or use longer filters with fewer xor folds",
        )
    return plan


def farthest(popcount: Counts, aim: float) -> Counts:
    """The Hamming distance at which two filters of such a popcount score `aim`, or just over it.

    A pair with popcounts a, b and score s is (1 - s)(a + b) apart.
    """
    common = np.ceil(np.round(aim * popcount, 9)).astype(np.int64)  # rounded: 0.7 * 10 is 7
    return 2 * (popcount - common)


def chances_to_be_scored(distance: Counts, bits: int, agreed: int, key_bits: int, radius: int) -> Chances:
    """How likely a table is to score a pair, for every limit.

    The first `agreed` sampled bits (those by which popular buckets were split) must be equal, of the next `key_bits`
    at most `radius` may differ, and of the word that starts with these at most `limit`.

    Args:
        distance: int64 (n,); Hamming distances of pairs.
        bits: length of a filter.

    Returns:
        float64 (n, word + 1): column l for the limit l, where the word has 64 bits or what is left of the filter.
    """
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, bits + 1)))])
    left = bits - agreed
    word = min(WORD_BITS, left)
    scored = np.zeros((len(distance), word + 1))
    for flips in range(min(radius, key_bits) + 1):
        key = _draw(log_factorial, left, distance, key_bits, np.array([flips]))
        rest = _draw(log_factorial, left - key_bits, distance - flips, word - key_bits, np.arange(word - key_bits + 1))
        within = np.minimum(np.cumsum(rest, axis=1), 1.0)
        scored[:, flips : flips + within.shape[1]] += key * within
        scored[:, flips + within.shape[1] :] += key
    return np.minimum(scored * _draw(log_factorial, bits, distance, agreed, np.array([0])), _CERTAIN)


def _draw(log_factorial: Chances, bits: int, distance: Counts, drawn: int, differing: Counts) -> Chances:
    """(n, d): the chance that of `drawn` of `bits` positions, `distance` of which differ, just so many differ."""

    def log_choose(many: Counts, few: Counts) -> Chances:
        possible = (few >= 0) & (few <= many)
        few, many = np.where(possible, few, 0), np.where(possible, many, 0)
        ways: Chances = log_factorial[many] - log_factorial[few] - log_factorial[many - few]
        return np.where(possible, ways, -np.inf)

    apart = distance[:, None]
    ways = log_choose(apart, differing[None, :]) + log_choose(bits - apart, drawn - differing[None, :])
    return np.asarray(np.exp(ways - log_choose(np.array(bits), np.array(drawn))), np.float64)


def _spread_of(popcounts: Counts, bits: int, aim: float) -> tuple[Counts, Chances]:
    """Hamming distances of pairs that score `aim`, and their shares. Empty filters score nothing and do not count."""
    counts = np.bincount(farthest(popcounts[popcounts > 0], aim), minlength=bits + 1)
    distance = np.flatnonzero(counts)
    return distance, counts[distance] / max(counts.sum(), 1)


def _key_lengths(sampled: Sampled) -> range:
    """From where buckets of strangers are far from popular to where most buckets are empty."""
    least = int(np.ceil(np.log2(max(4 * sampled.records / POPULAR, 2))))
    most = int(np.ceil(np.log2(max(sampled.records, 2)))) + 2
    longest = min(most, sampled.bits, WORD_BITS, MOST_KEY_BITS)
    return range(min(least, longest), longest + 1)


def _best_with(
    sampled: Sampled, near: Counts, near_share: Chances, aim: float, recall: float, key_bits: int, radius: int
) -> LshPlan:
    """The best limit, given the rest."""
    bits = sampled.bits
    missed = np.log1p(-chances_to_be_scored(near, bits, 0, key_bits, radius))
    tables = _tables_for(missed, near_share, 1.0 - recall)
    strangers = np.flatnonzero(sampled.stranger_distances)
    share = sampled.stranger_distances[strangers] / max(sampled.stranger_distances.sum(), 1)
    scored = sampled.pairs * (share @ chances_to_be_scored(strangers, bits, 0, key_bits, radius))
    met_at_most = sampled.records * POPULAR * (1 + radius * key_bits) / 2  # as popular buckets are split
    scored = np.minimum(scored, met_at_most)
    looked_at = scored[-1]
    probes = radius * key_bits * min(sampled.records, 1 << key_bits)
    table_cost = KEY_COST * sampled.records + PROBE_COST * probes + LOOK_COST * looked_at + SCORE_COST * scored
    limit = int(np.argmin(tables * table_cost))
    count = int(tables[limit])
    return LshPlan(
        aim=aim,
        recall=recall,
        key_bits=key_bits,
        radius=radius,
        limit=limit,
        tables=count,
        planned_recall=float(1.0 - near_share @ np.exp(count * missed[:, limit])) if len(near) else 1.0,
        keys=count * sampled.records,
        probes=count * probes,
        pairs_looked_at=int(count * looked_at),
        pairs_scored=int(count * scored[limit]),
        pairs=sampled.pairs,
        work=int(count * table_cost[limit] / EXACT_COST),
    )


def _tables_for(missed: Chances, share: Chances, may_miss: float) -> Counts:
    """(limits,): the least number of tables after which the expected share missed is at most `may_miss`.

    missed: (distances, limits); log chance that one table misses. Twice MOST_TABLES stands for "too many".
    """
    low = np.zeros(missed.shape[1], np.int64)
    high = np.full(missed.shape[1], 2 * MOST_TABLES, np.int64)
    while (high - low > 1).any():
        middle = (low + high) // 2
        enough = share @ np.exp(middle * missed) <= may_miss
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return high
