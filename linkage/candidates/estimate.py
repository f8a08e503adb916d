"""What an exact comparison will take on this machine, from half a second of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.random import Generator

from linkage import kernel
from linkage.errors import BadInput
from schemas.encodings import Bits

Clock = Callable[[], float]
"""Seconds since some moment; only goes forward."""

CALIBRATION_SECONDS = 0.5  # long enough that threads, caches and the prefix settle
FIRST_RECORDS = 4_000  # 8 million pairs, some hundredths of a second: says how many records half a second needs
MOST_RECORDS = 60_000  # 1.8 * 10^9 pairs: no kernel here does more in half a second
LEAST_CANDIDATES = 100  # fewer say little about how many there will be: the sample is then drawn larger
BYTES_AT_LEAST = 42 << 20  # drawing and scoring a million pairs of strangers (`python -m benchmarks.estimate`)
BYTES_A_CANDIDATE = 140  # at the peak, while candidates are sorted and clustered
BYTES_A_RECORD_MORE = 64  # row, popcount, bound and label of a record, in each of the steps


@dataclass(frozen=True)
class Estimate:
    """What to expect of comparing all records of a co-op with each other.

    Attributes:
        pairs: record pairs to compare.
        pairs_per_second: as just measured, with so many `threads`.
        seconds: of comparing.
        candidates: pairs at or over the floor.
        memory_bytes: that linking needs beside the encodings themselves.
        threads: that were used.
    """

    pairs: int
    pairs_per_second: float
    seconds: float
    candidates: int
    memory_bytes: int
    threads: int

    def as_dict(self) -> dict[str, object]:
        """The estimate as data."""
        return asdict(self)


def estimate_comparing(
    bits: Sequence[Bits], floor: float, *, clock: Clock, rng: Generator, threads: int | None = None
) -> Estimate:
    """Compare a random sample of the records for about half a second, and say what all of them will take.

    Time and candidates grow with the square of the records, packing them in line. The number of candidates is an
    estimate: its standard error is that of the sample's count, which is drawn larger where it is under 100.

    Args:
        bits: for each member uint8 (records, bytes), most significant bit first; all of one length.
        floor: the least score of a candidate, in (0, 1].
        clock: tells seconds.
        rng: draws the sample.
        threads: None: all that this process may use.

    Raises:
        BadInput: there are no records.
    """
    records, workers = sum(len(one) for one in bits), threads or kernel.usable_cpus()
    if not records:
        raise BadInput("there are no records to compare")
    sample = _timed(_draw(bits, min(FIRST_RECORDS, records), rng), floor, workers, clock)
    wanted = int(np.sqrt(2 * CALIBRATION_SECONDS * sample.pairs_per_second))
    if sample.candidates < LEAST_CANDIDATES:
        wanted = max(wanted, 2 * FIRST_RECORDS)
    wanted = min(wanted, MOST_RECORDS, records)
    if wanted > sample.records:
        sample = _timed(_draw(bits, wanted, rng), floor, workers, clock)
    pairs = records * (records - 1) // 2
    candidates = round(sample.candidates * pairs / max(sample.pairs, 1))
    filter_bytes = max(one.shape[1] for one in bits)
    return Estimate(
        pairs=pairs,
        pairs_per_second=sample.pairs_per_second,
        seconds=pairs / sample.pairs_per_second + records * sample.packing / sample.records,
        candidates=candidates,
        memory_bytes=max(
            BYTES_AT_LEAST,
            # one copy of all lists, one packed by popcount, and the packed prefixes; gone before pairs are clustered
            records * (2 * filter_bytes + sample.prefix_bits // 8 + BYTES_A_RECORD_MORE),
            candidates * BYTES_A_CANDIDATE,
        ),
        threads=workers,
    )


@dataclass(frozen=True)
class _Sample:
    """What comparing some records took: seconds of packing them, then of comparing."""

    records: int
    pairs: int
    packing: float
    comparing: float
    candidates: int
    prefix_bits: int

    @property
    def pairs_per_second(self) -> float:
        return max(self.pairs, 1) / max(self.comparing, 1e-9)


def _timed(bits: Bits, floor: float, threads: int, clock: Clock) -> _Sample:
    started = clock()
    scan = kernel.start_scan(bits, None, floor)
    packed = clock()
    candidates = len(scan.take(np.inf, kernel.ALL, threads)[2])
    done = clock()
    return _Sample(len(bits), int(scan.pairs), packed - started, done - packed, candidates, scan.prefix_bits)


def _draw(bits: Sequence[Bits], records: int, rng: Generator) -> Bits:
    """That many different records out of all members', without making one list of all of them."""
    ends = np.cumsum([len(one) for one in bits])
    chosen = np.sort(rng.choice(int(ends[-1]), records, replace=False))
    parts = np.split(chosen, np.searchsorted(chosen, ends[:-1]))
    starts = ends - [len(one) for one in bits]
    return np.concatenate([one[part - start] for one, part, start in zip(bits, parts, starts, strict=True)])
