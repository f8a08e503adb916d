"""Votes: who may cast one, and what they come to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum


class Vote(StrEnum):
    """What a seat says."""

    APPROVE = "approve"
    DECLINE = "decline"


class Outcome(StrEnum):
    """What the votes come to."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"


def tally(votes: Mapping[str, Vote], voters: Collection[str], quorum: int) -> Outcome:
    """Count approvals of an agreement as they come in.

    Args:
        votes: by seat; votes of seats that are no voters (any more) do not count.
        voters: the seats whose approval counts.
        quorum: how many approvals are needed; never more than there are voters.

    Returns:
        APPROVED once enough have approved, DECLINED once so many have declined that this cannot happen any more.
    """
    needed = min(quorum, len(voters))
    cast = [votes[seat] for seat in voters if seat in votes]
    if needed and cast.count(Vote.APPROVE) >= needed:
        return Outcome.APPROVED
    if cast.count(Vote.DECLINE) > len(voters) - needed:
        return Outcome.DECLINED
    return Outcome.OPEN


def tally_hidden(votes: Mapping[str, Vote], reviewers: Collection[str], quorum: int, *, over: bool = False) -> Outcome:
    """Count reviews of a release: nothing is decided, and nothing seen, before every reviewer has voted.

    Args:
        over: the time for reviews is over: what is in decides. Silence is no approval: without enough of these, the
            release is declined.
    """
    if over:
        outcome = tally(votes, reviewers, quorum)
        return Outcome.DECLINED if outcome is Outcome.OPEN else outcome
    if any(seat not in votes for seat in reviewers):
        return Outcome.OPEN
    return tally(votes, reviewers, quorum)
