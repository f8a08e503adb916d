"""Linking: members' encodings in, groups of records held to be one person out. A pure function of its arguments."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from linkage.candidates.estimate import Clock
from linkage.candidates.kept import KeptTiles
from linkage.candidates.selfcheck import SelfCheck, check_against_anonlink
from linkage.clustering.distance import ruler_of
from linkage.clustering.groups import Groups
from linkage.clustering.people import People, find_people
from linkage.clustering.recuts import Recut
from linkage.clustering.score_bands import ScoreBands
from linkage.clustering.threshold import How, Strangers, Threshold, sample_strangers
from linkage.comparing import Compared, compare_as_agreed
from linkage.elsewhere import draw_answers
from linkage.errors import BadInput, NothingInCommon, UnlikeEncodings, WrongAgreement
from linkage.kernel.reference import popcounts
from linkage.link_detail import LinkDetail
from linkage.link_map import LinkMap, draw_link_maps
from linkage.linkage_error.link_rates import LinkRates, estimate_link_rates
from schemas import Agreement, Clustering, Encodings, Member
from schemas.console import SILENT, Progress
from schemas.encodings import Bits

SEED = 20_250_101  # any number: samples are drawn for estimates and checks, never for secrecy


class Step(IntEnum):
    """What random numbers are drawn for; each step has its own, so none depends on what was drawn before it."""

    STRANGERS = 1
    COMPARING = 2
    CHECKING = 3
    CLUSTERING = 4
    JUDGING = 5


def draws_for(step: Step) -> Generator:
    """The random numbers of a step: the same at every call."""
    return np.random.default_rng([SEED, step])


@dataclass(frozen=True, eq=False)
class Linked:
    """What a run found.

    Attributes:
        members: the members linked, in name order; groups and link maps are in this order.
        groups: records held to be one person.
        link_maps: one a member: its tokens and the link ids of this run.
        threshold: where the candidate pairs were cut, and how that was found.
        recuts: the groups at a cut a little lower and a little higher.
        scores: the candidate pairs by score.
        answers: one a member, bool (n,): `elsewhere.draw_answers`; none where the agreement does not ask for them.
        bits_set: one a member, int64 (n,): how many bits of each CLK are set.
        strangers: from which score candidates were kept, and what a pair below counts.
        compared: the candidate pairs, and how they were found.
        selfcheck: what was scored again with anonlink, with the same result.
        rates: expected precision and recall of the links; None where the data cannot tell.
    """

    members: tuple[Member, ...]
    groups: Groups
    link_maps: tuple[LinkMap, ...]
    threshold: Threshold
    recuts: tuple[Recut, ...]
    scores: ScoreBands
    answers: tuple[NDArray[np.bool_], ...]
    bits_set: tuple[NDArray[np.int64], ...]
    strangers: Strangers
    compared: Compared
    selfcheck: SelfCheck
    rates: LinkRates | None = None

    @property
    def detail(self) -> LinkDetail:
        """What the linker keeps beside the link maps; records in their order."""
        sizes = [len(one.tokens) for one in self.link_maps]
        persons = (
            np.array([one.groups.of_member(number) for one in self.recuts], np.int32).reshape(len(self.recuts), size)
            for number, size in enumerate(sizes)
        )
        return LinkDetail(
            dict(zip(self.members, persons, strict=True)),
            {name: bits.astype(np.int32) for name, bits in zip(self.members, self.bits_set, strict=True)},
            np.array([self.scores.low, self.scores.pairs, self.scores.people], np.int64),
        )


def link(
    encodings: Sequence[Encodings],
    agreement: Agreement,
    *,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    clock: Clock | None = None,
    threads: int | None = None,
    progress: Progress = SILENT,
    kept: KeptTiles | None = None,
    block_records: int | None = None,
) -> Linked:
    """Find which records of the members are one person.

    Compares every record with every other one, exactly (or searches, where the agreement says so); finds or takes the
    threshold; clusters; scores a sample again with anonlink. Equal encodings give equal groups; only the link ids are
    random. With `kept`, a call after one that was stopped goes on from what that one had finished, and finds the same.

    Args:
        encodings: one of each member, in any order.
        agreement: what the members approved; it says threshold, clustering and whether lists may hold duplicates.
        random_bytes: gives that many random bytes, for the link ids (default: the operating system's).
        clock: tells seconds, to estimate with where the agreement leaves the comparison to the time it takes; without
            one everything is compared.
        threads: how many to use (None: all that this process may).
        progress: told how far each step is; what it raises ends the run, so that one can be cancelled.
        kept: where finished tiles of the comparison are kept and looked for; of this run alone.
        block_records: with `kept`, most records of a tile's side (None: as many as take seconds).

    Raises:
        BadInput: fewer than two members, or one of them twice.
        MemberNotNamed, WrongAgreement: encodings that the agreement does not cover.
        UnlikeEncodings: other secrets, schemas, cleaning or lengths than the other members'.
        SelfCheckFailed: anonlink finds other pairs.
        NothingInCommon: no two members share anyone.
    """
    ordered = sorted(encodings, key=lambda one: one.origin.member)
    require_comparable(ordered, agreement)
    bits = [one.bits for one in ordered]
    strangers = sample_strangers(bits, agreement, draws_for(Step.STRANGERS), progress)
    found = compare_as_agreed(
        bits,
        agreement,
        strangers.floor,
        draws_for(Step.COMPARING),
        clock=clock,
        threads=threads,
        progress=progress,
        kept=kept,
        block_records=block_records,
    )
    selfcheck = check_against_anonlink(
        bits, found.graph, draws_for(Step.CHECKING), complete=found.lsh is None, progress=progress
    )
    people = find_people(
        found.graph, bits, agreement, strangers, draws_for(Step.CLUSTERING), threads=threads, progress=progress
    )
    threshold, groups = people.threshold, people.groups
    _require_links(people, agreement)
    link_maps = draw_link_maps(groups, [one.tokens for one in ordered], random_bytes)
    members = tuple(Member(one.origin.member) for one in ordered)
    answers = draw_answers(groups, random_bytes) if agreement.equity else ()
    about = (people.recuts, people.scores, answers, tuple(popcounts(one) for one in bits))
    rates = _judge_links(people, found, bits, members, agreement, progress)
    return Linked(members, groups, link_maps, threshold, *about, strangers, found, selfcheck, rates)


def _require_links(people: People, agreement: Agreement) -> None:
    threshold = people.threshold
    if not people.groups.linked:
        raise NothingInCommon(
            f"no person was found at two members (threshold {threshold.value:.2f}, {threshold.why})",
            where=agreement.project,
            fix="ask the members whether columns and date formats were read rightly; see each receipt's problems",
        )


def _judge_links(
    people: People,
    found: Compared,
    bits: Sequence[Bits],
    members: Sequence[Member],
    agreement: Agreement,
    progress: Progress,
) -> LinkRates | None:
    """Expected precision and recall. Not where candidates were searched: pairs that were not found look like none."""
    if found.lsh is not None:
        return None
    ruler = ruler_of(bits, agreement.linkage_schema.xor_folds)
    with progress.stage("judging links", 1) as advance:
        rates = estimate_link_rates(
            people.judged,
            people.groups,
            members,
            people.threshold,
            ruler,
            draws_for(Step.JUDGING),
            is_balanced=people.threshold.how is How.FOUND and agreement.clustering is Clustering.AVERAGE,
            advance=advance,
        )
        advance(1)
    return rates


def require_comparable(encodings: Sequence[Encodings], agreement: Agreement) -> None:
    """Prove that these encodings may and can be compared.

    (1) at least two members, each once; (2) each is named by the agreement; (3) each was made under this agreement
    (4) and its linkage schema; (5) each has records, of the schema's length; (6) all have the same key check: the
    same secret and cleaning; (7) no record token stands at two members.
    """
    names = [one.origin.member for one in encodings]
    if len(set(names)) < 2 or len(set(names)) < len(names):  # (1)
        raise BadInput("linking needs encodings of two members or more, each once", where=", ".join(names))
    for one in encodings:
        name = agreement.require_member(one.origin.member)  # (2)
        if one.origin.agreement_digest != agreement.digest:  # (3)
            raise WrongAgreement(
                "was encoded under another agreement", where=name, fix="have the member encode with this agreement"
            )
        if one.origin.schema_digest != agreement.linkage_schema.digest:  # (4)
            raise UnlikeEncodings("was encoded with another linkage schema", where=name, fix="encode again")
        if not len(one) or one.bits_per_record != agreement.linkage_schema.bits:  # (5)
            raise UnlikeEncodings("has no records, or CLKs of another length than the schema's", where=name)
    _require_one_secret(encodings)  # (6)
    _require_own_tokens([one.tokens for one in encodings])  # (7)


def _require_one_secret(encodings: Sequence[Encodings]) -> None:
    using: dict[tuple[str, str], list[str]] = {}
    for one in encodings:
        using.setdefault((one.origin.key_check, one.origin.cleaning_version), []).append(one.origin.member)
    if len(using) > 1:
        sides = " | ".join(", ".join(members) for members in using.values())
        raise UnlikeEncodings(
            f"the key checks differ ({sides}): the members used different secrets or versions of cleaning",
            where="key check",
            fix="have all members encode with the same secret file and version of waylink",
        )


def _require_own_tokens(tokens: Sequence[NDArray[np.uint8]]) -> None:
    everyone = np.concatenate(tokens)
    if len(np.unique(np.ascontiguousarray(everyone).view("V16"))) < len(everyone):
        raise UnlikeEncodings(
            "a record token stands at two members", where="tokens", fix="was one file given twice? encode again"
        )
