"""Find nearly all candidate pairs without comparing everything: bit-sampling LSH over the filters.

Every pair that is returned has its exact score; what may be missing is a pair. How many is planned (`lsh_plan.py`),
counted again where popular buckets had to be split, and estimated with an interval from a sample that is compared
exactly (`recall.py`).

Memory, beside the members' filters: a second copy of the distinct filters (turned over), 40 bytes a record, for each
thread 24 bytes a record and 4 bytes for each key of a table (2^key_bits), and 24 bytes for each pair found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from linkage import kernel
from linkage.candidates import _native
from linkage.candidates.compare import CandidatePairs, require_comparable_lists
from linkage.candidates.lsh_plan import (
    MOST_TABLES,
    POPULAR,
    WORD_BITS,
    Chances,
    Counts,
    LshPlan,
    Sampled,
    chances_to_be_scored,
    farthest,
    make_plan,
)
from linkage.candidates.pair_graph import PairGraph, offsets_of
from linkage.candidates.recall import RecallEstimate, estimate_recall
from linkage.errors import BadInput
from linkage.heeding import heeded
from schemas.console import SILENT, Progress
from schemas.encodings import Bits

DEFAULT_RECALL = 0.99

SAMPLED_RECORDS = 2048
"""Records on each side of the sample that a plan is made from: four million pairs show how strangers are spread."""

CHECK_SHARE = 0.1
"""The exact sample may take this share of the planned work,"""

LEAST_CHECKED_PAIRS = 1 << 28
"""but always so many pairs, a second or less: in small searches it is dearer than the search."""

MORE_TABLES_SHARE = 8
"""Where splitting cost recall, an eighth of the planned tables are added at a time,"""

MOST_TIMES_PLANNED = 8
"""up to so many times the planned ones; what recall is then expected stands in the report."""

_PLAN, _TABLE, _CHECK = range(3)  # what a random stream is for: each is drawn from the seed and this number


@dataclass(frozen=True)
class LshReport:
    """What a search did.

    Attributes:
        plan: what was planned.
        distinct_records: filters after identical ones were put together.
        tables: searched; more than planned where splitting cost recall.
        expected_recall: of pairs at the aim, from the plan's chances and what splitting cost: a mean over the records
            that never stood in or beside a split bucket or over those that did, whichever is less. A record counts by
            what was asked of the others to be found with it; see `estimate` for what came true.
        buckets_split: popular buckets that were split, over all tables.
        pairs_looked_at: pairs of words compared.
        pairs_scored: pairs of filters scored in full, some of them by several tables.
        estimate: the recall that an exact sample shows; None where it was not asked for.
    """

    plan: LshPlan
    distinct_records: int
    tables: int
    expected_recall: float
    buckets_split: int
    pairs_looked_at: int
    pairs_scored: int
    estimate: RecallEstimate | None

    def as_dict(self) -> dict[str, object]:
        """The report as data, for run.json."""
        nested = {"plan": self.plan.as_dict(), "estimate": self.estimate.as_dict() if self.estimate else None}
        return asdict(self) | nested


@dataclass(frozen=True, eq=False)
class LshFound:
    """The candidate pairs of a co-op that a search found.

    Attributes:
        graph: as `compare_members` makes it, except that pairs may be missing: of those at or over the aim about
            1 - recall, of those between the floor and the aim more, the lower they score.
        report: how it was done, and how many pairs it is likely to have missed.
    """

    graph: PairGraph
    report: LshReport


@dataclass(frozen=True, eq=False)
class LshPairs:
    """The candidate pairs of two lists that a search found; some may be missing."""

    pairs: CandidatePairs
    report: LshReport


def compare_members_lsh(
    bits: Sequence[Bits],
    floor: float,
    *,
    aim: float,
    recall: float = DEFAULT_RECALL,
    seed: int,
    threads: int | None = None,
    progress: Progress = SILENT,
    checked_pairs: int | None = None,
) -> LshFound:
    """Nearly all candidate pairs of a co-op: every member with every other, and with itself.

    The same for one seed whatever the threads.

    Args:
        bits: for each member uint8 (records, bytes), most significant bit first; all of one length.
        floor: the least score of a pair that is given back, in (0, 1].
        aim: the score at which the recall is meant, from `floor` to 1.
        recall: expected share of the pairs scoring `aim` that are found, between 0 and 1.
        seed: for the sampled positions and the samples, 0 or more.
        threads: None: all that this process may use. Changes the time (and the memory), never the result.
        progress: is told that a plan is made, then tables, then the record pairs of the exact sample.
        checked_pairs: how many pairs the exact sample may compare; 0: there is none; None: see CHECK_SHARE.

    Raises:
        BadInput: arguments out of range, or a plan of too many tables.
        MemoryError: the pairs do not fit in memory.
    """
    with progress.stage("planning", 1) as advance:
        search = heeded(lambda: _Search(bits, floor, aim, seed, threads, apart=False), advance)
        plan = heeded(lambda: search.plan(recall), advance)
        advance(1)
    done = search.run(plan, progress)
    left, right, score = search.pairs()
    estimate = search.check(bits, None, (left, right), _budget(checked_pairs, plan), progress)
    graph = PairGraph(offsets_of([len(one) for one in bits]), left, right, score, floor=floor)
    return LshFound(graph, search.report(plan, done, estimate))


def candidate_pairs_lsh(
    left_bits: Bits,
    right_bits: Bits,
    threshold: float,
    *,
    recall: float = DEFAULT_RECALL,
    seed: int,
    threads: int | None = None,
    progress: Progress = SILENT,
    checked_pairs: int | None = None,
) -> LshPairs:
    """Nearly all pairs of a record of one list and a record of another whose score is `threshold` or over.

    Args and errors: as for `compare_members_lsh`; the recall is meant at the threshold.
    """
    search = _Search([left_bits, right_bits], threshold, threshold, seed, threads, apart=True)
    plan = search.plan(recall)
    done = search.run(plan, progress)
    left, right, score = search.pairs()
    right -= len(left_bits)
    estimate = search.check([left_bits], [right_bits], (left, right), _budget(checked_pairs, plan), progress)
    pairs = CandidatePairs(left.astype(np.uint32), right.astype(np.uint32), score)
    return LshPairs(pairs, search.report(plan, done, estimate))


def plan_lsh(
    bits: Sequence[Bits], aim: float, *, recall: float = DEFAULT_RECALL, seed: int, threads: int | None = None
) -> LshPlan:
    """What `compare_members_lsh` would do: compare `plan.work` with `plan.pairs`, or ask `plan.pays`.

    Args and errors: as for `compare_members_lsh`.
    """
    return _Search(bits, aim, aim, seed, threads, apart=False).plan(recall)


_Records = NDArray[np.uint32]
_TableDone = tuple[int, int, int, _Records, _Records, _Records, _Records]
"""As the native `run` gives it back for one table."""


@dataclass(frozen=True)
class _Done:
    tables: int
    expected_recall: float
    buckets_split: int
    pairs_looked_at: int
    pairs_scored: int


class _Search:
    """A search under way: the native side, and the random streams of its seed."""

    def __init__(
        self, bits: Sequence[Bits], floor: float, aim: float, seed: int, threads: int | None, *, apart: bool
    ) -> None:
        _check(bits, floor, aim, seed, threads)
        self.aim, self.seed, self.apart = aim, seed, apart
        self.threads = threads or kernel.usable_cpus()
        self.bits = bits[0].shape[1] * 8 if bits else 0
        self.native = _native.Search([np.ascontiguousarray(one) for one in bits], apart, floor, self.threads)
        self.popcounts: Counts = self.native.popcounts().astype(np.int64)

    def plan(self, recall: float) -> LshPlan:
        if not 0.0 < recall < 1.0:
            raise BadInput("the recall must be over 0 and under 1", fix="compare exactly to find every pair")
        records, rng = self.native.records, self._stream(_PLAN)
        split = self.native.first_right if self.apart else 0
        pairs = split * (records - split) if self.apart else records * (records - 1) // 2
        sides = [
            np.sort(rng.choice(side, min(SAMPLED_RECORDS, len(side)), replace=False)).astype(np.uint32)
            for side in (np.arange(split) if self.apart else np.arange(records), np.arange(split, records))
        ]
        distances = self.native.distances(*sides).astype(np.int64)
        return make_plan(Sampled(self.bits, records, pairs, self.popcounts[sides[0]], distances), self.aim, recall)

    def run(self, plan: LshPlan, progress: Progress) -> _Done:
        """Searches the planned tables, and more while what splitting cost is not made up for."""
        chances = _ChancesLeft(plan, self.bits, self.popcounts)
        tables = looked_at = scored = split = 0
        goal = plan.tables if self.bits and self.native.records > 1 else 0
        most = min(MOST_TIMES_PLANNED * goal, MOST_TABLES)
        while tables < goal:
            with progress.stage("searching", goal - tables) as advance:
                for batch in _batches(tables, goal, self.threads):
                    for done in self._run_tables(batch, plan):
                        looked_at, scored, split = looked_at + done[0], scored + done[1], split + done[2]
                        chances.table(*done[3:])
                    advance(len(batch))
            tables = goal
            if chances.recall() < plan.recall:
                goal = min(tables + -(-plan.tables // MORE_TABLES_SHARE), most)
        return _Done(tables, chances.recall(), split, looked_at, scored)

    def pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        left, right, score = self.native.pairs()
        return left.astype(np.int64), right.astype(np.int64), score

    def check(
        self,
        sampled_from: Sequence[Bits],
        others: Sequence[Bits] | None,
        found: tuple[NDArray[np.int64], NDArray[np.int64]],
        most_pairs: int,
        progress: Progress,
    ) -> RecallEstimate | None:
        if most_pairs == 0 or not sampled_from:
            return None
        return estimate_recall(
            sampled_from,
            others,
            found,
            self.aim,
            self._stream(_CHECK),
            most_pairs=most_pairs,
            threads=self.threads,
            progress=progress,
        )

    def report(self, plan: LshPlan, done: _Done, estimate: RecallEstimate | None) -> LshReport:
        return LshReport(plan=plan, distinct_records=self.native.records, estimate=estimate, **asdict(done))

    def _run_tables(self, tables: range, plan: LshPlan) -> list[_TableDone]:
        positions = np.stack([self._positions(table) for table in tables])
        return self.native.run(
            positions.astype(np.uint32), plan.key_bits, plan.radius, plan.limit, POPULAR, len(tables)
        )

    def _positions(self, table: int) -> NDArray[np.int64]:
        """The order in which a table samples; the words of tables that follow each other take no position twice.

        Each order by itself is drawn evenly from all orders. As a difference that falls into one word is missing from
        the next, a pair is missed by both less often than by independent tables, as which the plan counts them
        (negative association of permutations: Joag-Dev and Proschan, Annals of Statistics 11(1), 1983, theorem 2.11);
        and what is found depends less on the seed.
        """
        word = min(WORD_BITS, self.bits)
        round_of_words, place = divmod(table, self.bits // word)
        return np.roll(self._stream(_TABLE, round_of_words).permutation(self.bits), -place * word)

    def _stream(self, *purpose: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, *purpose])


class _ChancesLeft:
    """Each record's chance that no table so far would have scored a pair of it at the aim."""

    def __init__(self, plan: LshPlan, bits: int, popcounts: Counts) -> None:
        self._plan, self._bits, self._popcounts = plan, bits, popcounts
        self._distance = farthest(np.arange(bits + 1), plan.aim)
        self._known: dict[tuple[int, int, int], Chances] = {}
        self._whole = self._missed(0, plan.key_bits, plan.radius)
        self._more = np.zeros(0)  # log chance over what it would be without splits; as long as the records once needed
        self._tables = 0

    def table(self, record: _Records, *conditions: _Records) -> None:
        """Another table was searched; these records were split (agreed bits, key bits and radius of each)."""
        self._tables += 1
        if not len(record):
            return
        if not len(self._more):
            self._more = np.zeros(len(self._popcounts))
        kinds, kind = np.unique(np.stack(conditions), axis=1, return_inverse=True)
        for number, condition in enumerate(kinds.T.tolist()):
            of_kind = record[kind == number]
            popcount = self._popcounts[of_kind]
            self._more[of_kind] += self._missed(*condition)[popcount] - self._whole[popcount]

    def recall(self) -> float:
        """Expected recall of pairs at the aim: of the records that were split or of the others, whichever is less."""
        missed = self._tables * self._whole[self._popcounts] + (self._more if len(self._more) else 0.0)
        split = self._more != 0.0 if len(self._more) else np.zeros(len(missed), np.bool_)
        groups = [(self._popcounts > 0) & one for one in (split, ~split)]
        return min((float(1.0 - np.exp(missed[one]).mean()) for one in groups if one.any()), default=1.0)

    def _missed(self, agreed: int, key_bits: int, radius: int) -> Chances:
        """(bits + 1,): log chance that one table misses, by popcount."""
        condition = (agreed, key_bits, radius)
        if condition not in self._known:
            scored = chances_to_be_scored(self._distance, self._bits, *condition)
            limit = -(-self._plan.limit * self._bits // max(self._bits - agreed, 1))  # as `Join::split` has it
            self._known[condition] = np.log1p(-scored[:, min(limit, scored.shape[1] - 1)])
        return self._known[condition]


def _budget(checked_pairs: int | None, plan: LshPlan) -> int:
    return max(int(CHECK_SHARE * plan.work), LEAST_CHECKED_PAIRS) if checked_pairs is None else checked_pairs


def _batches(start: int, end: int, threads: int) -> Iterator[range]:
    """Tables that are searched side by side: between two batches progress is told and an interrupt is heard."""
    for first in range(start, end, threads):
        yield range(first, min(first + threads, end))


def _check(bits: Sequence[Bits], floor: float, aim: float, seed: int, threads: int | None) -> None:
    # (1) lists, threshold and threads as an exact comparison wants them
    require_comparable_lists(bits, floor, threads)
    # (2) an aim that means something (NaN fails this too)
    if not floor <= aim <= 1.0:
        raise BadInput("the aim must be at least the threshold and at most 1")
    # (3) a seed that NumPy takes
    if seed < 0:
        raise BadInput("the seed must be 0 or more")
