"""Estimate how many pairs a search found: compare a random sample of records with everything, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from linkage.candidates.compare import stream_pairs
from linkage.candidates.pair_graph import Rows, offsets_of
from schemas.console import SILENT, Advance, PartOfStage, Progress
from schemas.encodings import Bits

MATCHES_WANTED = 500
"""Sampling ends when so many pairs were seen: the interval of a recall of 0.99 is then about 0.02 wide."""

MATCHES_NEEDED = 100
"""With fewer than this (counted as `effective_matches`) the interval is too wide to say whether 0.99 was reached."""

Z_95 = 1.959964
"""The 0.975 quantile of the normal distribution."""

_FIRST_SHARE = 4  # the first draw takes a quarter of the records that may be drawn: it tells how many are needed
_RESERVE = 1.2  # draw a fifth more than the first draw says, so that a third one is seldom needed


@dataclass(frozen=True)
class RecallEstimate:
    """What share of the pairs at or over the aim was found, as far as a sample tells.

    The pairs of one record are found or missed together more often than pairs of different records, so they count for
    less: `effective_matches` is (sum m)^2 / sum m^2 over the records with m pairs each, what is left if the pairs of a
    record were all found or all missed (Kish, "Survey Sampling", 1965, section 5.4, with an intraclass correlation of
    one). The interval is Wilson's (JASA 22(158), 1927) of that many trials: too wide rather than too narrow.

    Attributes:
        recall: found / matches; 1.0 where there are no matches.
        low, high: its 95 % interval.
        sampled_records: records compared with everything.
        matches: pairs at or over the aim that these have; each pair once.
        found: those that the search found.
        effective_matches: see above.
    """

    recall: float
    low: float
    high: float
    sampled_records: int
    matches: int
    found: int
    effective_matches: float

    @property
    def enough(self) -> bool:
        """Whether there were enough pairs to tell."""
        return self.effective_matches >= MATCHES_NEEDED

    def __str__(self) -> str:
        told = (
            f"{self.recall:.4f} of the pairs found (95 % interval {self.low:.4f} to {self.high:.4f}; "
            f"{self.found} of {self.matches} pairs of {self.sampled_records} records)"
        )
        return told if self.enough else f"too few pairs to tell the recall: {told}"

    def as_dict(self) -> dict[str, object]:
        """The estimate as data, for run.json."""
        return asdict(self) | {"enough": self.enough}


def estimate_recall(
    sampled_from: Sequence[Bits],
    others: Sequence[Bits] | None,
    found: tuple[Rows, Rows],
    aim: float,
    rng: Generator,
    *,
    most_pairs: int,
    threads: int | None = None,
    progress: Progress = SILENT,
) -> RecallEstimate:
    """Compare records drawn at random with all others and see which of the pairs were found.

    Args:
        sampled_from: lists of filters, uint8 (n, bytes); records are drawn from all of them alike.
        others: lists to compare them with; None: the same lists, and a record is no pair of itself.
        found: int64 (pairs,) twice; rows over all of `sampled_from` and over all of `others` (or left < right).
        aim: pairs that score at least this much count.
        rng: draws the records.
        most_pairs: at most so many record pairs are compared (at least one record is drawn).
        threads: as for `kernel.scan`.
        progress: is told record pairs: at most as many as it was promised, as sampling ends when it has seen enough.
    """
    opposite = sampled_from if others is None else others
    records, columns = (sum(map(len, lists)) for lists in (sampled_from, opposite))
    order = rng.permutation(records)
    most = min(records, max(most_pairs // max(columns, 1), 1))
    left, right = np.empty(0, np.int64), np.empty(0, np.int64)
    drawn, wanted = 0, -(-most // _FIRST_SHARE)
    with progress.stage("sampling recall", most * columns) as advance:
        while drawn < wanted:
            new = _pairs_of(np.sort(order[drawn:wanted]), sampled_from, opposite, aim, threads, advance)
            left, right = np.append(left, new[0]), np.append(right, new[1])
            drawn = wanted
            wanted = min(most, int(_RESERVE * drawn * MATCHES_WANTED / max(len(left), 1)) + 1)
            if len(left) >= MATCHES_WANTED:
                break
    if others is None:
        left, right = _each_once(left, right, order[:drawn], records)
    return _judge(left, right, found, columns, drawn, own=others is None)


def wilson(found: float, trials: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a share; (0, 1) where there were no trials."""
    if trials <= 0:
        return 0.0, 1.0
    share, spread = found / trials, Z_95**2 / trials
    middle = (share + spread / 2) / (1 + spread)
    half = np.sqrt(share * (1 - share) * spread + spread**2 / 4) / (1 + spread)
    return float(max(0.0, min(share, middle - half))), float(min(1.0, max(share, middle + half)))  # but for rounding


def _pairs_of(
    rows: Rows, lists: Sequence[Bits], opposite: Sequence[Bits], aim: float, threads: int | None, advance: Advance
) -> tuple[Rows, Rows]:
    """All pairs of these rows (over all lists) with the opposite lists' rows."""
    offsets = offsets_of([len(one) for one in lists])
    bits = np.concatenate(
        [
            one[rows[(rows >= start) & (rows < start + len(one))] - start]
            for one, start in zip(lists, offsets, strict=False)
        ]
    )
    left, right = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for one, start in zip(opposite, offsets_of([len(one) for one in opposite]), strict=False):
        told = PartOfStage(advance)
        for part in stream_pairs(bits, one, aim, threads=threads, progress=told):
            left.append(rows[part.left])
            right.append(part.right.astype(np.int64) + start)
    return np.concatenate(left), np.concatenate(right)


def _each_once(left: Rows, right: Rows, sampled: Rows, records: int) -> tuple[Rows, Rows]:
    """Without pairs of a record and itself, and without the second sight of a pair of which both records were drawn."""
    drawn = np.zeros(records, np.bool_)
    drawn[sampled] = True
    kept = (left != right) & ~(drawn[right] & (right < left))
    return left[kept], right[kept]


def _judge(left: Rows, right: Rows, found: tuple[Rows, Rows], columns: int, drawn: int, *, own: bool) -> RecallEstimate:
    first, second = (np.minimum(left, right), np.maximum(left, right)) if own else (left, right)
    hit = np.isin(_numbers(first, second, columns), _numbers(*_touching(left, found, own=own), columns))
    pairs_of_record = np.unique(left, return_counts=True)[1].astype(np.float64)
    effective = float(pairs_of_record.sum() ** 2 / (pairs_of_record**2).sum()) if len(left) else 0.0
    recall = float(hit.mean()) if len(left) else 1.0
    low, high = wilson(recall * effective, effective)
    return RecallEstimate(recall, low, high, drawn, len(left), int(hit.sum()), effective)


def _touching(sampled: Rows, found: tuple[Rows, Rows], *, own: bool) -> tuple[Rows, Rows]:
    """Of the found pairs, those with one of these records: the others need not be looked at."""
    touched = np.zeros(max(int(rows.max(initial=0)) for rows in (sampled, *found)) + 1, np.bool_)
    touched[sampled] = True
    kept = touched[found[0]]
    if own:
        kept |= touched[found[1]]
    return found[0][kept], found[1][kept]


def _numbers(first: Rows, second: Rows, columns: int) -> NDArray[np.int64]:
    """A pair as one number (rows are under 2^31)."""
    return first * columns + second
