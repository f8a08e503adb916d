"""What linking would take, before it is done: `waylink link --estimate`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from linkage.candidates.estimate import Clock, Estimate, estimate_comparing
from linkage.clustering.threshold import sample_strangers
from linkage.comparing import choose_for
from linkage.linking import Step, draws_for, require_comparable
from schemas import Agreement, Compare, Encodings

FIXED_SHARE = 1.0
"""Self-check and threshold fits take about as long as sampling strangers does, whatever the records."""

CANDIDATE_SECONDS = 2.5e-6
"""Threshold, clustering and link maps, for each candidate (`python -m benchmarks.estimate`, Zen 3)."""


@dataclass(frozen=True)
class Foretold:
    """What a run of `link` is expected to take on this machine.

    Attributes:
        how, why: how the agreement would have the pairs compared, and why.
        comparing: of an exact comparison.
        seconds: of the whole run, compared exactly.
    """

    how: Compare
    why: str
    comparing: Estimate
    seconds: float

    def as_dict(self) -> dict[str, object]:
        """The expectation as data."""
        return {"how": self.how, "why": self.why, "seconds": round(self.seconds, 3)} | {
            f"exact_{key}" if key == "seconds" else key: value for key, value in self.comparing.as_dict().items()
        }


def foretell_link(
    encodings: Sequence[Encodings], agreement: Agreement, *, clock: Clock, threads: int | None = None
) -> Foretold:
    """Say what `link` of the same arguments would take, from a second of work.

    Raises:
        BadInput, MemberNotNamed, WrongAgreement, UnlikeEncodings: as `link` would.
    """
    ordered = sorted(encodings, key=lambda one: one.origin.member)
    require_comparable(ordered, agreement)
    rng, bits = draws_for(Step.COMPARING), [one.bits for one in ordered]
    started = clock()
    floor = sample_strangers(bits, agreement, draws_for(Step.STRANGERS)).floor
    sampling = clock() - started
    exact = estimate_comparing(bits, floor, clock=clock, rng=rng, threads=threads)
    how, why = agreement.compare, "the agreement asks for it"
    if how is Compare.AUTO:
        how, why = choose_for(exact, bits, agreement, rng)
    rest = sampling * (1 + FIXED_SHARE) + exact.candidates * CANDIDATE_SECONDS
    return Foretold(how, why, exact, exact.seconds + rest)
