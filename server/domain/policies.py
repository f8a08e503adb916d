"""May this thing, now? Every rule by its name; docs/guides/governance.md says each in a sentence."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from schemas import Agreement
from schemas.tables import sources_missing
from server.domain.accounts import SeatKind
from server.domain.errors import Refused
from server.domain.projects import ProjectState
from server.domain.releases import ReleaseState
from server.domain.runs import RunKind, RunState

LEAST_MEMBERS = 2


class Rule(StrEnum):
    """The rules of governance, by name."""

    KNOWN_SEATS = "known-seats"
    OWN_AGREEMENT = "own-agreement"
    ONE_PROJECT = "one-project"
    CURRENT_AGREEMENT = "current-agreement"
    ONE_VOTE = "one-vote"
    STILL_A_MEMBER = "still-a-member"
    APPROVED_AGREEMENT = "approved-agreement"
    TWO_MEMBERS = "two-members"
    EVERYONE_DELIVERED = "everyone-delivered"
    ONE_RUN_AT_A_TIME = "one-run-at-a-time"
    FINISHED_RUN = "finished-run"
    NAMED_READERS = "named-readers"
    AGREED_TABLES = "agreed-tables"
    SAME_PEOPLE = "same-people"
    COUNTED_FIRST = "counted-first"
    SEEN_RELEASE = "seen-release"
    REVIEW_PERIOD = "review-period"
    PROPOSER_DOES_NOT_REVIEW = "proposer-does-not-review"
    PROPOSER_WITHDRAWS = "proposer-withdraws"
    TWO_LIVE_TOKENS = "two-live-tokens"


def require_known_seats(agreement: Agreement, seats: Mapping[str, SeatKind]) -> None:
    """An agreement can name only seats that this server has, each of its kind."""
    wanted = dict.fromkeys(agreement.members, SeatKind.MEMBER) | dict.fromkeys(agreement.community, SeatKind.COMMUNITY)
    if unknown := sorted(name for name, kind in wanted.items() if seats.get(name) is not kind):
        raise Refused(
            f"the agreement names seats that this server does not have: {', '.join(unknown)}",
            rule=Rule.KNOWN_SEATS,
            fix="have the operator create them, or correct the agreement",
        )


def require_own_agreement(agreement: Agreement, seat: str) -> None:
    """Nobody proposes for others only."""
    if seat not in agreement.members:
        raise Refused(
            "the agreement does not name the member that proposes it",
            rule=Rule.OWN_AGREEMENT,
            fix="name it as a member",
        )


def require_of_one_project(elsewhere: bool) -> None:
    """One agreement, one project: a folder encoded for two projects would be counted in both, each time for others."""
    if elsewhere:
        raise Refused(
            "another project has, or had, this very agreement",
            rule=Rule.ONE_PROJECT,
            fix='give the agreement another label, run = "..."; with it come new keys, and everybody encodes anew',
        )


def require_current(digest: str, current: str) -> None:
    """A vote is for the agreement that was read, not for whatever stands there now."""
    if digest != current:
        raise Refused(
            "that is not the agreement that is being voted on: it was changed",
            rule=Rule.CURRENT_AGREEMENT,
            fix="read the project's agreement again, then vote on its digest",
        )


def require_first_vote(voted: bool) -> None:
    """A seat votes once a round."""
    if voted:
        raise Refused("this seat has voted already", rule=Rule.ONE_VOTE)


def require_still_in(left: bool) -> None:
    """Who has left has no part in it any more."""
    if left:
        raise Refused("this seat has left the project", rule=Rule.STILL_A_MEMBER)


def require_approved(state: ProjectState) -> None:
    """No data comes, and nothing is computed, before the agreement is approved."""
    if state is not ProjectState.APPROVED:
        raise Refused(
            f"the project's agreement is not approved: the project is {state}",
            rule=Rule.APPROVED_AGREEMENT,
            fix="see who has not voted yet: waylink project show",
        )


def require_deliveries(members: Collection[str], delivered: Collection[str], without: Collection[str]) -> list[str]:
    """Every member has delivered or is named as left out; gives back who is linked, in name order."""
    waiting = sorted(set(members) - set(delivered) - set(without))
    if waiting:
        raise Refused(
            f"not everybody has delivered yet: {', '.join(waiting)}",
            rule=Rule.EVERYONE_DELIVERED,
            fix="wait for them, or name them as left out",
        )
    linked = sorted(set(delivered) & set(members) - set(without))
    require_two_members(linked)
    return linked


def require_two_members(members: Collection[str]) -> None:
    """What one member alone brings is linked with nothing, and its count would be that member's own."""
    if len(members) < LEAST_MEMBERS:
        raise Refused(
            "there is nothing to link or count with fewer than two members' data",
            rule=Rule.TWO_MEMBERS,
            fix="wait until two members take part and have delivered",
        )


def require_no_active_run(active: bool) -> None:
    """One run of a project at a time."""
    if active:
        raise Refused(
            "a run of this project is waiting or running",
            rule=Rule.ONE_RUN_AT_A_TIME,
            fix="wait for it, or cancel it",
        )


def require_finished_link(kind: RunKind, state: RunState) -> None:
    """What a release is counted from."""
    if kind is not RunKind.LINK or state is not RunState.DONE:
        raise Refused(
            "a release is counted from a linking run that is done", rule=Rule.FINISHED_RUN, fix="see waylink run list"
        )


def require_current_run(run_round: int, current_round: int) -> None:
    """A release is counted under the agreement in force: what was sent under an earlier one is deleted."""
    if run_round != current_round:
        raise Refused(
            "that run was made under an earlier agreement of the project",
            rule=Rule.CURRENT_AGREEMENT,
            fix="link anew under the current one, then propose a release of that run",
        )


def require_counted(ready: bool) -> None:
    """Nobody votes on tables that are not there yet, and nobody reads them."""
    if not ready:
        raise Refused(
            "the release's tables are not counted yet", rule=Rule.COUNTED_FIRST, fix="wait for its count run to end"
        )


def require_seen(manifest_sha256: str, current: str | None) -> None:
    """A review is of the files that were read, not of whatever lies there."""
    if manifest_sha256 != current:
        raise Refused(
            "that is not the manifest of this release",
            rule=Rule.SEEN_RELEASE,
            fix="fetch the release's archive, read it, then vote with the SHA-256 of its manifest.json",
        )


def require_review_open(over: bool) -> None:
    """Where the agreement gives reviews so many days, a later one is none: the others' decide."""
    if over:
        raise Refused("the time to review this release is over", rule=Rule.REVIEW_PERIOD, fix="see what was decided")


def require_reviewer(seat: str, proposer: str) -> None:
    """The proposer does not review."""
    if seat == proposer:
        raise Refused("the seat that proposed a release does not review it", rule=Rule.PROPOSER_DOES_NOT_REVIEW)


def require_may_withdraw(state: ReleaseState, seat: str, proposer: str) -> None:
    """While a release is under review, only the seat that proposed it takes it back; the others decline it."""
    if state is ReleaseState.PROPOSED and seat != proposer:
        raise Refused(
            "a release under review is withdrawn by the seat that proposed it",
            rule=Rule.PROPOSER_WITHDRAWS,
            fix="decline it, or ask the proposer",
        )


def require_same_people(now: str, earlier: Collection[str]) -> None:
    """A linking run is counted for one set of people: two counts, one person apart, would tell of that person."""
    if set(earlier) - {now}:
        raise Refused(
            "since this run was counted, records were taken back or a member left: two counts would show whose",
            rule=Rule.SAME_PEOPLE,
            fix="link again, then propose a release of the new run",
        )


def require_agreed_tables(named: Collection[str], agreed: Collection[str]) -> None:
    """A release has tables that the agreement allows and no other, each with the one that it is made of."""
    if more := sorted(set(named) - set(agreed)):
        raise Refused(
            f"the agreement does not allow table {', '.join(more)}",
            rule=Rule.AGREED_TABLES,
            fix=f"it allows {', '.join(agreed)}",
        )
    for table, source in sources_missing(named):
        raise Refused(
            f"table {table} is made of {source}", rule=Rule.AGREED_TABLES, fix=f"name {source}, too, or leave it out"
        )


def require_readers(named: Collection[str], analysts: Collection[str]) -> None:
    """A release is read by analysts whom it names."""
    if unknown := sorted(set(named) - set(analysts)):
        raise Refused(
            f"no analyst's account has that name: {', '.join(unknown)}",
            rule=Rule.NAMED_READERS,
            fix="have the operator create the account",
        )


def require_room_for_token(live: int, most: int) -> None:
    """Two live tokens: enough to change one for another, too few to lose track of."""
    if live >= most:
        raise Refused(
            f"this account has {live} live tokens already",
            rule=Rule.TWO_LIVE_TOKENS,
            fix="revoke one that is not used any more",
        )
