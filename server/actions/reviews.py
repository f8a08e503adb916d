"""Reviews: who may vote on a release, until when, and what the votes come to once all are in or time is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from server.actions.desk import Change, Desk, agreement_in, instant
from server.domain.accounts import SERVER, Actor
from server.domain.audit.events import Subject
from server.domain.releases import RELEASE_MOVES, ReleaseMove, ReleaseState
from server.domain.states import moved
from server.domain.votes import Outcome, tally_hidden
from server.store.projects import AgreementRow, participants
from server.store.releases import ReleaseRow, ReviewRow, releases_of, releases_under_review, reviews_of
from server.store.runs import RunRow


def reviewers_of(session: Session, release: ReleaseRow) -> list[str]:
    """The seats whose reviews count now, by name: all that take part but the one that proposed it."""
    seats = participants(session, release.project_id)
    return [one.seat for one in seats if one.left_at is None and one.seat != release.proposer]


def review_until(session: Session, release: ReleaseRow) -> str | None:
    """When the time to review ends, counted from the end of the count; None: not counted yet, or it never ends."""
    run = session.get_one(RunRow, release.count_run)
    days = agreement_in(session.get_one(AgreementRow, (release.project_id, run.round))).review_days
    if days is None or run.ended_at is None or release.manifest_sha256 is None:
        return None
    return instant(datetime.fromisoformat(run.ended_at) + timedelta(days=days))


def is_over(session: Session, release: ReleaseRow, now: str) -> bool:
    """Whether the time to review has ended."""
    until = review_until(session, release)
    return until is not None and until <= now


def waiting_for(session: Session, release: ReleaseRow) -> list[str]:
    """The seats whose review is waited for, by name: who has reviewed stands in the log anyway, not what it said."""
    if release.state != ReleaseState.PROPOSED or release.manifest_sha256 is None:
        return []
    cast = reviews_of(session, release.id)
    return [seat for seat in reviewers_of(session, release) if seat not in cast]


def settle_overdue(desk: Desk) -> int:
    """Decide the releases whose time to review is over, by the reviews that are in; gives back how many."""
    with desk.reading() as session:
        if not any(is_over(session, one, desk.now()) for one in releases_under_review(session)):
            return 0
    with desk.noting() as change:  # another process may have kept house meanwhile
        due = [one for one in releases_under_review(change.session) if is_over(change.session, one, change.now)]
        for release in due:
            silent = " ".join(waiting_for(change.session, release))
            change.record(SERVER, "release.review_over", Subject("release", release.id), silent=silent)
            settle(change, SERVER, release)
        return len(due)


def settle(change: Change, actor: Actor, release: ReleaseRow) -> None:
    """See whether all reviews are in, or their time is over, and what they come to; only then does the log say how each
    seat voted."""
    change.session.flush()
    votes, over = reviews_of(change.session, release.id), is_over(change.session, release, change.now)
    outcome = tally_hidden(votes, reviewers_of(change.session, release), release.quorum, over=over)
    if outcome is Outcome.OPEN:
        return
    move = ReleaseMove.APPROVE if outcome is Outcome.APPROVED else ReleaseMove.DECLINE
    release.state = moved(RELEASE_MOVES, ReleaseState(release.state), move, what="release")
    release.decided_at = change.now
    subject = Subject("release", release.id)
    for seat, vote in sorted(votes.items()):
        change.record(actor, "release.review_opened", subject, seat=seat, vote=vote)
    change.record(actor, f"release.{outcome}", subject, manifest=release.manifest_sha256 or "")


def do_without_reviewer(change: Change, actor: Actor, project_id: str) -> None:
    """The actor's seat has left a project: its reviews count no more, and nobody waits for one of it."""
    for release in releases_of(change.session, project_id):
        if release.state == ReleaseState.PROPOSED:
            if (cast := change.session.get(ReviewRow, (release.id, actor.seat))) is not None:
                change.session.delete(cast)
            settle(change, actor, release)
