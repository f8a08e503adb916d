"""Where to cut: the score at and over which two records may be one person, found without truth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from linkage.candidates.pair_graph import PairGraph
from linkage.clustering.balance import Cluster, LinksByCut, count_links
from linkage.clustering.distance import PairCounts, Ruler, count_pairs, lay_bins
from linkage.clustering.match_model import MatchModel, errors_of_matches, fit_match_model
from linkage.clustering.score_model import BIN, ScoreCounts, ScoreModel, count_scores, fit_score_model, resample
from linkage.kernel.reference import popcounts
from schemas import Agreement, LinkageSchema
from schemas.console import SILENT, Advance, Progress, unheard
from schemas.encodings import Bits

DEFAULT_THRESHOLDS = {0: 0.81, 1: 0.73, 2: 0.69}
"""Where the data cannot tell: the best thresholds on the example co-op by number of xor folds
(`python -m benchmarks.quality --folds` measures them)."""

INSIDE_PAIRS_A_RECORD = 0.1
"""The crossing is looked for from the score with this many own-list pairs a record over it: ten times fewer than the
candidates' floor, so that pairs with few bits, which that floor (a raw Dice coefficient) cuts off, are all there."""
ENOUGH_INSIDE_PAIRS = 500  # or, in a small co-op, with this many over it
FLOOR_PAIRS_A_RECORD = 1.0  # candidates are kept from somewhat lower than that, for the averages
FLOOR_REACH = 0.12  # and never from more than this under a given threshold
SAMPLED_PAIRS = 1_000_000  # pairs drawn to see how strangers score: the floor's quantile to within some percent
LEAST_INSIDE_PAIRS = 50  # under this many own-list pairs there is no curve to fit
LEAST_CLEAR_MATCHES = 30  # nor under this many clear matches
LARGEST_ERROR = 0.03  # a threshold that is less certain than this is not used
RESAMPLES = 30  # enough to know a standard error to about an eighth of itself
F1_TOLERANCE = 0.003  # thresholds this close to the best expected F1 count as equally good


class How(StrEnum):
    """How a threshold came about."""

    GIVEN = "given"
    FOUND = "found"
    DEFAULT = "default"


@dataclass(frozen=True)
class Threshold:
    """The threshold, and what is known about it.

    Attributes:
        value: pairs with a score at or over it may be one person.
        how: given by the agreement, found from the data, or the stated default.
        why: one sentence for people.
        standard_error: of a found value, from resampled counts.
        expected_precision, expected_recall: of candidate pairs across members at this value, by the models.
        expected_matches: pairs across members that are one person, wherever they score, by the match model.
        duplicates_a_match: duplicates inside members for each match across members.
    """

    value: float
    how: How
    why: str
    standard_error: float | None = None
    expected_precision: float | None = None
    expected_recall: float | None = None
    expected_matches: float | None = None
    duplicates_a_match: float | None = None

    def as_dict(self) -> dict[str, object]:
        """The threshold as data, for run.json."""
        return {key: round(v, 4) if isinstance(v, float) else v for key, v in asdict(self).items()}


@dataclass(frozen=True)
class Strangers:
    """How strangers score: what a sample of random pairs says.

    Attributes:
        floor: candidates are kept from this score on.
        typical: the mean score of two records drawn at random; what a pair under the floor counts in an average.
    """

    floor: float
    typical: float


def default_threshold(schema: LinkageSchema) -> float:
    """The stated default for a linkage schema, by its xor folds."""
    return DEFAULT_THRESHOLDS.get(schema.xor_folds, min(DEFAULT_THRESHOLDS.values()))


def sample_strangers(
    bits: Sequence[Bits], agreement: Agreement, rng: np.random.Generator, progress: Progress = SILENT
) -> Strangers:
    """Draw random pairs inside members' lists and say from which score on candidates are worth keeping.

    Args:
        bits: each member's CLKs, uint8 (n, bytes).
        agreement: a given threshold lifts the floor.
        rng: where the pairs are drawn from.
        progress: is told members.
    """
    aim = agreement.threshold or default_threshold(agreement.linkage_schema)
    scores = _sampled_scores(bits, rng, progress)
    if not len(scores):
        return Strangers(floor=max(aim - FLOOR_REACH, BIN), typical=max(aim - 2 * FLOOR_REACH, 0.0))
    records = sum(len(member) for member in bits)
    share = min(FLOOR_PAIRS_A_RECORD * records / max(_pairs_inside(map(len, bits)), 1), 1.0)
    floor = float(np.quantile(scores, 1 - share))
    if agreement.threshold is not None:
        floor = min(max(floor, aim - FLOOR_REACH), agreement.threshold)
    return Strangers(floor=max(np.floor(floor / BIN) * BIN, BIN), typical=float(scores.mean()))


def settle_threshold(
    graph: PairGraph,
    agreement: Agreement,
    rng: np.random.Generator,
    ruler: Ruler,
    cluster: Cluster | None = None,
    advance: Advance = unheard,
) -> Threshold:
    """The agreement's threshold or, where it says `auto`, the one found from the candidate pairs' scores.

    Found is the one at which wrong links and missed links balance: then the counts of people are neither too low nor
    too high. With `cluster` that is after clustering, where as many pairs are linked as there are matches. Without, it
    is pair by pair, among the thresholds whose expected F1 is within F1_TOLERANCE of the best.

    Args:
        graph: candidate pairs, each member's own included.
        agreement: its threshold, or the linkage schema that the default belongs to.
        rng: for the resampled counts of the standard error.
        ruler: of these filters.
        cluster: clusters the graph at a threshold; called about six times.
        advance: told 0 between steps; what it raises ends the work.
    """
    if agreement.threshold is not None:
        return Threshold(agreement.threshold, How.GIVEN, "the agreement gives it")
    counts = crossing_counts(graph)
    if counts is None:
        return _fall_back(agreement, "too few pairs to find one")
    if counts.across[counts.clear].sum() < LEAST_CLEAR_MATCHES:
        return _fall_back(agreement, "too few clear matches to find one")
    advance(0)
    model = fit_score_model(counts)
    middle = float(model.edges[_best_cut(model)])
    pairs = count_pairs(graph, lay_bins(ruler, middle, float(model.edges[0])), counts.ratio)
    matches = fit_match_model(pairs)
    if cluster is None:
        value, error = middle, _error_pair_by_pair(model, counts, rng, advance)
    else:
        links = count_links(cluster, middle, float(model.edges[0]))
        value, error = links.cut_for(matches.all_matches), _error_of_balance(matches, pairs, links, rng, advance)
    if not error <= LARGEST_ERROR:
        return _fall_back(agreement, f"the one found is uncertain by {error:.3f}")
    return _found(value, error, model, matches.all_matches)


def _found(value: float, error: float, model: ScoreModel, matches: float) -> Threshold:
    right, wrong = (float(np.interp(value, model.edges[:-1], c)) for c in (model.right_links(), model.wrong_links()))
    return Threshold(
        value=round(value, 4),
        how=How.FOUND,
        why="where wrong and missed links balance, as the scores inside and across members tell",
        standard_error=error,
        expected_precision=right / max(right + wrong, BIN),
        expected_recall=min(right / max(matches, BIN), 1.0),
        expected_matches=matches,
        duplicates_a_match=model.duplicates,
    )


def _fall_back(agreement: Agreement, reason: str) -> Threshold:
    value = default_threshold(agreement.linkage_schema)
    return Threshold(value, How.DEFAULT, f"{reason}; the default for {agreement.linkage_schema.xor_folds} xor folds")


def _best_cut(model: ScoreModel) -> int:
    """Index of the edge to cut at."""
    right, wrong = model.right_links(), model.wrong_links()
    f1 = 2 * right / np.maximum(right + wrong + right[0], BIN)
    imbalance = np.abs(wrong - (right[0] - right))
    imbalance[f1 < f1.max() - F1_TOLERANCE] = np.inf
    return int(np.argmin(imbalance))


def _error_pair_by_pair(model: ScoreModel, counts: ScoreCounts, rng: np.random.Generator, advance: Advance) -> float:
    """The standard error of the best cut, from resampled counts."""
    cuts = []
    for _ in range(RESAMPLES):
        advance(0)
        again = fit_score_model(resample(model, counts, rng), model.coefficients)
        cuts.append(float(again.edges[_best_cut(again)]))
    return float(np.std(cuts))


def _error_of_balance(
    model: MatchModel, pairs: PairCounts, links: LinksByCut, rng: np.random.Generator, advance: Advance
) -> float:
    """The standard error of the cut that balances, from resampled counts."""
    cuts = []
    for factor in errors_of_matches(model, pairs, RESAMPLES, rng):
        advance(0)
        cuts.append(links.cut_for(model.all_matches * factor))
    return float(np.std(cuts))


def crossing_counts(graph: PairGraph) -> ScoreCounts | None:
    """Histograms from the score with INSIDE_PAIRS_A_RECORD own-list pairs a record over it; None if few."""
    pairs_inside = _pairs_inside(np.diff(graph.offsets).tolist())
    pairs_across = graph.records * (graph.records - 1) // 2 - pairs_inside
    inside = graph.inside
    own = graph.score[inside]  # falling, as the graph's scores are
    wanted = max(int(INSIDE_PAIRS_A_RECORD * graph.records), ENOUGH_INSIDE_PAIRS)
    if len(own) < LEAST_INSIDE_PAIRS or not pairs_across:
        return None
    lowest = max(own[min(wanted, len(own)) - 1], graph.floor)
    return count_scores(
        graph.score, inside, round(float(np.ceil(round(lowest / BIN, 6)) * BIN), 4), pairs_across / pairs_inside
    )


def _pairs_inside(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def _sampled_scores(bits: Sequence[Bits], rng: np.random.Generator, progress: Progress) -> NDArray[np.float64]:
    """Dice coefficients of random pairs inside members' lists, float64, in no order."""
    pairs_inside = _pairs_inside(map(len, bits))
    if not pairs_inside:
        return np.empty(0)
    scores = []
    with progress.stage("sampling", len(bits)) as advance:
        for member in bits:
            draws = SAMPLED_PAIRS * _pairs_inside([len(member)]) // pairs_inside
            if draws:
                left, right = rng.integers(0, len(member), (2, draws))
                apart = left != right
                scores.append(_dice(member, left[apart], right[apart]))
            advance(1)
    return np.concatenate(scores) if scores else np.empty(0)


def _dice(bits: Bits, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
    popcount = popcounts(bits)
    common = np.concatenate(
        [
            popcounts(bits[some_left] & bits[some_right])
            for some_left, some_right in zip(*(_pieces(rows) for rows in (left, right)), strict=True)
        ]
    )
    scores: NDArray[np.float64] = 2.0 * common / np.maximum(popcount[left] + popcount[right], 1)
    return scores


def _pieces(rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    piece = 65_536  # pairs at a time: 8 MiB a side at 1024 bits
    return [rows[start : start + piece] for start in range(0, len(rows), piece)]
