"""Events: the service records that count, each with the person that the link map says it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from linkage.candidates.pair_graph import offsets_of
from linkage.errors import BadInput, LinkageError, WrongAgreement
from schemas import Agreement, Services, State, Unit
from schemas.encodings import TOKEN_BYTES, Tokens
from schemas.errors import DataFault
from schemas.periods import time_index
from schemas.services import OPEN_END

_DAY = timedelta(days=1)


class UnlinkedServices(LinkageError, DataFault):
    """Service records whose token the link map does not have."""


@dataclass(frozen=True, eq=False, repr=False)
class Events:
    """Service records that intersect the agreement's window, over all members; member by member, in file order.

    Attributes:
        members: the members' names; `member` points here.
        states: what a pathway's steps are (members or services), in name order; `state` points here.
        person: int64 (events,); whom the link map says it is about.
        member: int64 (events,); whose record it is.
        record: int64 (events,); the client record served, numbered over all members.
        state: int64 (events,).
        start, end: int32 (events,) in the agreement's unit, end inclusive; empty (0,) where there is no time.
        timed: whether start and end are there.
        is_open: bool (events,); whether the record had not ended when last heard of, so that `end` is only the last day
            that is known; empty (0,) where there is no time.
    """

    members: tuple[str, ...]
    states: tuple[str, ...]
    person: NDArray[np.int64]
    member: NDArray[np.int64]
    record: NDArray[np.int64]
    state: NDArray[np.int64]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    timed: bool
    is_open: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool))

    def __len__(self) -> int:
        return len(self.person)


def gather_events(
    agreement: Agreement,
    services: Sequence[Services],
    tokens: Sequence[Tokens],
    person: Sequence[NDArray[np.int64]],
) -> Events:
    """The events of a co-op; each sequence has one item a member, in the agreement's order.

    A record counts when it intersects the window [window_start, window_end), told apart as finely as the unit allows.
    With an as-of day, nothing is known after it: records that start later are left out and later ends are cut to it.
    Without one, open ends last until the window's end or, where there is none, stay OPEN_END.

    Args:
        agreement: says window, as-of day, unit and what a state is.
        services: each member's service records.
        tokens: uint8 (n, 16) each; the member's record tokens in the link map, no token twice.
        person: int64 (n,) each; the person of each token, numbered over all members.

    Raises:
        BadInput: not one item a member, or shapes that do not fit, or a token twice.
        WrongAgreement: services of another agreement, member or unit of time.
        UnlinkedServices: service records with a token that is not the member's in the link map.
    """
    _require_fit(agreement, services, tokens, person)
    names = _state_names(agreement, services)
    offsets = offsets_of([len(rows) for rows in tokens])
    parts = []
    for number, (mine, known, people) in enumerate(zip(services, tokens, person, strict=True)):
        rows = _rows_of(mine.tokens, known, where=agreement.members[number])
        kept, end, is_open = _counting(mine, agreement)
        row = rows[kept]
        state = _states(mine, number, names, agreement)[kept]
        member = np.full(len(row), number, np.int64)
        start = mine.start[kept] if len(mine.start) else mine.start
        parts.append((people[row], member, offsets[number] + row, state, start, end, is_open))
    whose, member, record, state, start, end, is_open = (np.concatenate(column) for column in zip(*parts, strict=True))
    timed = agreement.unit is not Unit.NONE
    return Events(agreement.members, names, whose, member, record, state, start, end, timed, is_open)


def _require_fit(
    agreement: Agreement,
    services: Sequence[Services],
    tokens: Sequence[Tokens],
    person: Sequence[NDArray[np.int64]],
) -> None:
    """Refuse what cannot belong together."""
    # (1) one item a member
    if not len(services) == len(tokens) == len(person) == len(agreement.members):
        raise BadInput("services, tokens and persons need one item for each member of the agreement")
    for name, mine, known, people in zip(agreement.members, services, tokens, person, strict=True):
        # (2) a person for each token
        if known.dtype != np.uint8 or known.shape != (len(people), TOKEN_BYTES):
            raise BadInput(f"tokens must be uint8 of shape (n, {TOKEN_BYTES}), with a person each", where=name)
        # (3) the agreement's unit of time
        if mine.unit is not agreement.unit:
            raise WrongAgreement(f"services count time in {mine.unit}, not {agreement.unit}", where=name)
        # (4) this member, this agreement, where the file says whose it is
        if mine.origin.member not in ("", name) or mine.origin.agreement_digest not in ("", agreement.digest):
            raise WrongAgreement("services of another member or agreement", where=name)


def _state_names(agreement: Agreement, services: Sequence[Services]) -> tuple[str, ...]:
    if agreement.state is State.MEMBER:
        return agreement.members
    return tuple(sorted({name for mine in services for name in mine.names}))


def _states(mine: Services, member: int, names: tuple[str, ...], agreement: Agreement) -> NDArray[np.int64]:
    if agreement.state is State.MEMBER:
        return np.full(len(mine), member, np.int64)
    return np.array([names.index(name) for name in mine.names], np.int64)[mine.service]


def _counting(mine: Services, agreement: Agreement) -> tuple[NDArray[np.intp], NDArray[np.int32], NDArray[np.bool_]]:
    """Which records count (row numbers), the ends of those that do, and whether they were still open then."""
    if mine.unit is Unit.NONE:
        return np.arange(len(mine)), np.empty(0, np.int32), np.empty(0, bool)
    bounds = np.iinfo(np.int32)
    first, last = bounds.min, OPEN_END
    if agreement.window_start is not None:
        first = time_index(agreement.window_start, agreement.unit)
    if agreement.window_end is not None:
        last = time_index(agreement.window_end - _DAY, agreement.unit)
    known_until, end = OPEN_END, np.where(mine.end == OPEN_END, np.int32(last), mine.end)
    if agreement.as_of is not None:
        known_until = time_index(agreement.as_of, agreement.unit)
        end = np.minimum(mine.end, np.int32(known_until))
    kept = np.flatnonzero((mine.start <= min(last, known_until)) & (end >= first))
    is_open = (mine.end == OPEN_END) | (mine.end > known_until)
    return kept, end[kept].astype(np.int32), is_open[kept]


def _rows_of(wanted: Tokens, known: Tokens, *, where: str) -> NDArray[np.int64]:
    """int64 (wanted,): the row of `known` that holds each wanted token."""
    both = np.ascontiguousarray(np.concatenate([known, wanted])).view(np.uint64)  # a token as two numbers
    order = np.lexsort((both[:, 1], both[:, 0]))
    ranked = both[order]
    is_new = np.ones(len(order), bool)
    is_new[1:] = (ranked[1:] != ranked[:-1]).any(axis=1)
    number = np.empty(len(order), np.int64)
    number[order] = np.cumsum(is_new) - 1
    row_of_number = np.full(int(is_new.sum()), -1, np.int64)
    row_of_number[number[: len(known)]] = np.arange(len(known))
    if (row_of_number >= 0).sum() != len(known):
        raise BadInput("the link map names two records by the same token", where=where)
    rows: NDArray[np.int64] = row_of_number[number[len(known) :]]
    if missing := int((rows < 0).sum()):
        raise UnlinkedServices(
            f"{missing} service records have a token that the link map does not have",
            where=where,
            fix="use encodings, services and link map of the same run",
        )
    return rows
