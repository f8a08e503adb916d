"""Compare as the agreement says: exactly, by search, or whichever fits the time."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from numpy.random import Generator

from linkage.candidates.compare import compare_members
from linkage.candidates.estimate import Clock, Estimate, estimate_comparing
from linkage.candidates.kept import KeptTiles
from linkage.candidates.lsh import LshFound, LshReport, compare_members_lsh, plan_lsh
from linkage.candidates.lsh_kept import search_once
from linkage.candidates.pair_graph import PairGraph, offsets_of
from linkage.candidates.tiles import compare_members_in_tiles, digest_of_lists
from linkage.clustering.threshold import default_threshold
from linkage.errors import BadInput
from schemas import Agreement, Compare
from schemas.console import SILENT, Progress
from schemas.digest import canonical_json
from schemas.encodings import Bits

SECONDS_A_MINUTE = 60
ALWAYS_EXACT_PAIRS = 10**9
"""Record pairs that take seconds on any processor: not worth an estimate."""

CHOICE = "choice"
"""The name under which is kept what `auto` chose: it depends on the clock, so a second call might choose otherwise."""


@dataclass(frozen=True, eq=False)
class Compared:
    """The candidate pairs, and how they were found.

    Attributes:
        graph: the candidate pairs.
        how: Compare.EXACT or Compare.LSH.
        why: one sentence for people.
        lsh: what the search did, with its recall; None where every pair was compared.
    """

    graph: PairGraph
    how: Compare
    why: str
    lsh: LshReport | None = None

    def as_dict(self) -> dict[str, object]:
        """How it was done, for run.json."""
        return {"how": self.how, "why": self.why} | ({"lsh": self.lsh.as_dict()} if self.lsh else {})


def compare_as_agreed(
    bits: Sequence[Bits],
    agreement: Agreement,
    floor: float,
    rng: Generator,
    *,
    clock: Clock | None = None,
    threads: int | None = None,
    progress: Progress = SILENT,
    kept: KeptTiles | None = None,
) -> Compared:
    """Find the candidate pairs of a co-op in the way that the agreement asks for.

    Args:
        bits: for each member uint8 (records, bytes), most significant bit first; all of one length.
        agreement: `compare`, `recall`, `time_budget`, and the threshold that the recall is meant for.
        floor: the least score of a candidate.
        rng: for samples, and for the seed of the search. The seed is the same however much was sampled before.
        clock: tells seconds, to estimate with; without one `auto` compares exactly.
        threads: None: all that this process may use.
        progress: is told how far it is.
        kept: where finished work is kept and looked for; with it, a call after a stop goes on and finds the same.

    Raises:
        BadInput: `lsh` at a threshold where it would need too many tables.
    """
    choosing, searching = rng.spawn(2)

    def choose() -> tuple[Compare, str]:
        return _choose(bits, agreement, floor, choosing, clock, threads)

    how, why = (
        choose()
        if kept is None or agreement.compare is not Compare.AUTO
        else _choose_once(kept, bits, agreement, floor, choose)
    )
    if how is Compare.EXACT:
        graph = (
            compare_members(bits, floor, threads=threads, progress=progress)
            if kept is None
            else compare_members_in_tiles(bits, floor, kept, threads=threads, progress=progress)
        )
        return Compared(graph, how, why)
    seed = int(searching.integers(2**31))
    found = _search(bits, agreement, floor, seed, threads, progress, kept)
    return Compared(found.graph, how, why, found.report)


def aim_of(agreement: Agreement) -> float:
    """The score that the recall of a search is meant for: the threshold or, where it is to be found, the default."""
    return agreement.threshold or default_threshold(agreement.linkage_schema)


def _choose(
    bits: Sequence[Bits],
    agreement: Agreement,
    floor: float,
    rng: Generator,
    clock: Clock | None,
    threads: int | None,
) -> tuple[Compare, str]:
    if agreement.compare is not Compare.AUTO:
        return agreement.compare, "the agreement asks for it"
    records = sum(len(one) for one in bits)
    if clock is None or records * (records - 1) // 2 <= ALWAYS_EXACT_PAIRS:
        return Compare.EXACT, "every pair is compared in seconds" if clock else "nothing was timed"
    exact = estimate_comparing(bits, floor, clock=clock, rng=rng, threads=threads)
    return choose_for(exact, bits, agreement, rng)


def _choose_once(
    kept: KeptTiles, bits: Sequence[Bits], agreement: Agreement, floor: float, choose: Callable[[], tuple[Compare, str]]
) -> tuple[Compare, str]:
    """What was chosen before for these lists or, where nothing fitting is kept, what is chosen now."""
    about = {"lists": digest_of_lists(bits), "agreement": agreement.digest, "floor": float(floor).hex()}
    known = _read_choice(kept.get(CHOICE), about)
    if known is None:
        known = choose()
        kept.put(CHOICE, canonical_json({**about, "how": known[0].value, "why": known[1]}))
    return known


def _read_choice(data: bytes | None, about: dict[str, str]) -> tuple[Compare, str] | None:
    """None where nothing is kept, or what was chosen for something else."""
    try:
        said = json.loads(data or b"")
        return (Compare(said["how"]), str(said["why"])) if said.items() >= about.items() else None
    except (ValueError, KeyError, AttributeError):
        return None


def _search(
    bits: Sequence[Bits],
    agreement: Agreement,
    floor: float,
    seed: int,
    threads: int | None,
    progress: Progress,
    kept: KeptTiles | None,
) -> LshFound:
    aim, recall = max(aim_of(agreement), floor), agreement.recall

    def search() -> LshFound:
        return compare_members_lsh(bits, floor, aim=aim, recall=recall, seed=seed, threads=threads, progress=progress)

    if kept is None:
        return search()
    made_from = {"lists": digest_of_lists(bits), "floor": floor.hex(), "aim": aim, "recall": recall, "seed": seed}
    return search_once(kept, made_from, offsets_of([len(one) for one in bits]), floor, search)


def choose_for(exact: Estimate, bits: Sequence[Bits], agreement: Agreement, rng: Generator) -> tuple[Compare, str]:
    """With `auto`: exact comparison while its estimate is within the time budget, or a search cannot do better."""
    minutes = f"{exact.seconds / SECONDS_A_MINUTE:.1f} of {agreement.time_budget} minutes"
    if exact.seconds <= agreement.time_budget * SECONDS_A_MINUTE:
        return Compare.EXACT, f"expected to need {minutes}"
    try:
        plan = plan_lsh(bits, aim_of(agreement), recall=agreement.recall, seed=int(rng.integers(2**31)))
    except BadInput:
        return Compare.EXACT, f"expected to need {minutes}, but a search needs too many tables at this threshold"
    if not plan.pays:
        return Compare.EXACT, f"expected to need {minutes}, but a search would need more"
    return Compare.LSH, f"exact comparison is expected to need {minutes}"
