"""Votes: every way in which up to four seats can vote, and rules that hold for any number."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.votes import Outcome, Vote, tally, tally_hidden

SEATS = ("clients", "clinic", "school", "shelter")
SAYS = (None, Vote.APPROVE, Vote.DECLINE)


def every_vote():
    """(votes, voters, quorum) for up to four voters, with quorums from 1 to one more than there are."""
    for size in range(len(SEATS) + 1):
        for said in product(SAYS, repeat=size):
            votes = {seat: vote for seat, vote in zip(SEATS, said, strict=False) if vote is not None}
            yield from ((votes, SEATS[:size], quorum) for quorum in range(1, size + 2))


def still_possible(votes: dict[str, Vote], voters: tuple[str, ...], quorum: int) -> set[bool]:
    """Whether the quorum is met, over every way in which those who have not voted could."""
    waiting = [seat for seat in voters if seat not in votes]
    ends = [votes | dict(zip(waiting, rest, strict=True)) for rest in product(SAYS[1:], repeat=len(waiting))]
    needed = min(quorum, len(voters))
    return {sum(end[seat] is Vote.APPROVE for seat in voters) >= needed for end in ends}


def test_a_tally_is_decided_exactly_when_the_votes_to_come_cannot_change_it():
    for votes, voters, quorum in every_vote():
        if not voters:
            continue
        possible = still_possible(votes, voters, quorum)
        expected = Outcome.OPEN if len(possible) == 2 else Outcome.APPROVED if True in possible else Outcome.DECLINED
        assert tally(votes, voters, quorum) is expected, (votes, voters, quorum)


def test_a_hidden_tally_is_open_until_all_are_in_and_then_what_the_votes_say():
    for votes, voters, quorum in every_vote():
        if not voters:
            continue
        approvals = sum(vote is Vote.APPROVE for vote in votes.values())
        decided = Outcome.APPROVED if approvals >= min(quorum, len(voters)) else Outcome.DECLINED
        expected = Outcome.OPEN if len(votes) < len(voters) else decided
        assert tally_hidden(votes, voters, quorum) is expected, (votes, voters, quorum)


@pytest.mark.parametrize("counting", [tally, tally_hidden])
@pytest.mark.parametrize("quorum", [1, 2])
def test_nobody_to_vote_decides_nothing(counting, quorum):
    assert counting({}, (), quorum) is Outcome.OPEN
    assert counting({"shelter": Vote.APPROVE}, (), quorum) is Outcome.OPEN


some_seats = st.lists(st.text("abcdefgh", min_size=1, max_size=3), unique=True, min_size=1, max_size=12)
some_votes = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=3), st.sampled_from(Vote), max_size=20)


@given(some_votes, some_seats, st.integers(1, 15))
def test_votes_of_seats_that_are_no_voters_change_nothing(votes, voters, quorum):
    own = {seat: vote for seat, vote in votes.items() if seat in voters}
    assert tally(votes, voters, quorum) is tally(own, voters, quorum)
    assert tally_hidden(votes, voters, quorum) is tally_hidden(own, voters, quorum)


@given(some_votes, some_seats, st.integers(1, 15), st.randoms())
def test_the_order_of_the_voters_changes_nothing(votes, voters, quorum, chance):
    shuffled = chance.sample(voters, len(voters))
    assert tally(votes, voters, quorum) is tally(votes, shuffled, quorum)


@given(some_votes, some_seats, st.integers(1, 15))
def test_once_decided_no_further_vote_changes_it(votes, voters, quorum):
    decided = tally(votes, voters, quorum)
    waiting = [seat for seat in voters if seat not in votes]
    for vote in Vote if decided is not Outcome.OPEN else ():
        assert tally(votes | dict.fromkeys(waiting, vote), voters, quorum) is decided


@given(some_seats, st.integers(1, 15))
def test_all_approvals_approve_and_all_declines_decline_whatever_the_quorum(voters, quorum):
    assert tally_hidden(dict.fromkeys(voters, Vote.APPROVE), voters, quorum) is Outcome.APPROVED
    assert tally_hidden(dict.fromkeys(voters, Vote.DECLINE), voters, quorum) is Outcome.DECLINED


@given(some_votes, some_seats, st.integers(1, 15))
def test_when_time_is_over_silence_is_no_approval_and_no_veto(votes, voters, quorum):
    approvals = sum(votes.get(seat) is Vote.APPROVE for seat in voters)
    enough = approvals >= min(quorum, len(voters))
    assert tally_hidden(votes, voters, quorum, over=True) is (Outcome.APPROVED if enough else Outcome.DECLINED)


def test_when_time_is_over_and_nobody_is_there_nothing_is_approved():
    assert tally_hidden({}, (), 1, over=True) is Outcome.DECLINED


@given(some_votes, some_seats, st.integers(1, 15))
def test_while_somebody_has_not_voted_a_hidden_tally_says_the_same_for_all_votes(votes, voters, quorum):
    votes.pop(voters[0], None)
    assert tally_hidden(votes, voters, quorum) is Outcome.OPEN
