"""Reviews: who may vote on a release, and what the votes come to once all are in."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.actions.desk import Change
from server.domain.accounts import Actor
from server.domain.audit.events import Subject
from server.domain.releases import RELEASE_MOVES, ReleaseMove, ReleaseState
from server.domain.states import moved
from server.domain.votes import Outcome, tally_hidden
from server.store.projects import participants
from server.store.releases import ReleaseRow, ReviewRow, releases_of, reviews_of


def reviewers_of(session: Session, release: ReleaseRow) -> list[str]:
    """The seats whose reviews count now, by name: all that take part but the one that proposed it."""
    seats = participants(session, release.project_id)
    return [one.seat for one in seats if one.left_at is None and one.seat != release.proposer]


def settle(change: Change, actor: Actor, release: ReleaseRow) -> None:
    """See whether all reviews are in and what they come to; only then does the log say how each seat voted."""
    change.session.flush()
    votes = reviews_of(change.session, release.id)
    outcome = tally_hidden(votes, reviewers_of(change.session, release), release.quorum)
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
