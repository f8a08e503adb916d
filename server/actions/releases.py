"""Releases: proposed from a run, counted, reviewed by the other seats, published, withdrawn, read by those named."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from server.actions.counted import require_as_before, who_is_counted
from server.actions.deletion import sweep, withdraw
from server.actions.desk import Change, Desk, agreement_in
from server.actions.projects import require_participant, visible_project
from server.actions.reviews import is_over, review_until, reviewers_of, settle, waiting_for
from server.actions.runs import ask_to_end
from server.domain.accounts import Actor, Role
from server.domain.audit.events import Subject
from server.domain.errors import BadRequest, FilesGone, NotFound
from server.domain.permissions import Verb, require_may
from server.domain.policies import (
    require_agreed_tables,
    require_approved,
    require_counted,
    require_current_run,
    require_finished_link,
    require_first_vote,
    require_may_withdraw,
    require_no_active_run,
    require_readers,
    require_review_open,
    require_reviewer,
    require_seen,
    require_two_members,
)
from server.domain.releases import RELEASE_MOVES, ReleaseMove, ReleaseState
from server.domain.runs import ACTIVE, RunKind, RunState
from server.domain.states import moved
from server.domain.votes import Vote
from server.store.accounts import AccountRow, account_named, analysts
from server.store.blobs.errors import BlobMissing, KeyGone
from server.store.projects import AgreementRow, ParticipantRow, ProjectRow, agreement_of, projects_of, state_of
from server.store.releases import ReleaseRow, ReviewRow, published_for, release_blob, releases_of, reviews_of
from server.store.runs import RunRow, active_run

MOST_READERS = 50  # their ids stand in one event, whose texts have an end

_READ_BY_MEMBERS = (ReleaseState.PROPOSED, ReleaseState.APPROVED, ReleaseState.PUBLISHED)


@dataclass(frozen=True)
class ReleaseView:
    """A release as the caller may see it.

    Attributes:
        release: its row.
        title: the project's, of the agreement that it is counted under.
        readers: the analysts it names; an analyst sees only its own name.
        reviewers: how many seats review it.
        reviews_cast: how many have.
        own_vote: what the caller's seat said.
        votes: by seat, once all reviewers have voted or their time is over; for seats only.
        waiting_for: the seats that have not reviewed it yet; for seats only.
        review_until: when the time to review ends; None where it does not, or has not begun.
    """

    release: ReleaseRow
    title: str
    readers: list[str]
    reviewers: int
    reviews_cast: int
    own_vote: Vote | None
    votes: Mapping[str, Vote] | None
    waiting_for: list[str]
    review_until: str | None

    @property
    def ready(self) -> bool:
        """Whether the tables are counted."""
        return is_ready(self.release)


def is_ready(release: ReleaseRow) -> bool:
    """Whether a release's tables are counted and its archive is sealed."""
    return release.manifest_sha256 is not None


def propose_release(
    desk: Desk,
    actor: Actor,
    project_id: str,
    run_id: str,
    readers: Collection[str] = (),
    tables: Collection[str] = (),
) -> ReleaseView:
    """Propose to publish the agreement's tables of a linking run, for these analysts; a count run is queued.

    With `tables`, only these of them: what is released is less than what the agreement allows, never more.

    The run must be one under the agreement in force: what was sent under an earlier one is deleted, and who reviews
    has approved the tables, the minimum cell and the purpose of the current one.
    """
    require_may(actor, Verb.PROPOSE_RELEASE)
    with desk.changing() as change:
        session = change.session
        project = visible_project(session, actor, project_id)
        require_participant(session, actor, project)
        require_approved(state_of(project))
        link = _link_run(session, project, run_id)
        require_readers(readers, analysts(session))
        if len(set(readers)) > MOST_READERS:
            raise BadRequest(f"a release names {MOST_READERS} readers at most", where="readers")
        agreed = agreement_in(agreement_of(session, project)).tables
        require_agreed_tables(tables, agreed)
        counted = who_is_counted(session, link)
        require_two_members(counted.uploads)
        require_as_before(session, link, counted)
        require_no_active_run(active_run(session, project.id) is not None)
        count = _queue_count(desk, change, actor, project, link, dict(counted.uploads))
        chosen = [name for name in agreed if name in tables or not tables]
        release = _add_release(desk, change, actor, project, count, sorted(set(readers)), chosen)
        return _view(session, actor, release)


def list_releases(desk: Desk, actor: Actor) -> list[ReleaseView]:
    """A seat's: all of its projects, from the proposal on. An analyst's: the published ones that name it."""
    require_may(actor, Verb.SEE_RELEASES)
    with desk.reading() as session:
        if actor.role is Role.ANALYST:
            rows = list(published_for(session, _name_of(session, actor)))
        else:
            projects = projects_of(session, actor.seat)
            rows = [release for project in projects for release in releases_of(session, project.id)]
        return [_view(session, actor, release) for release in rows]


def show_release(desk: Desk, actor: Actor, release_id: str) -> ReleaseView:
    """One release."""
    require_may(actor, Verb.SEE_RELEASES)
    with desk.reading() as session:
        return _view(session, actor, _visible(session, actor, release_id))


def review_release(desk: Desk, actor: Actor, release_id: str, manifest_sha256: str, vote: Vote) -> ReleaseView:
    """Approve or decline the files whose manifest has that digest. The last review decides; until then none is shown.

    The log says at once that a seat has voted, and what it said only when all have.
    """
    require_may(actor, Verb.REVIEW)
    with desk.changing() as change:
        release = _own(change.session, actor, release_id)
        require_reviewer(actor.seat, release.proposer)
        moved(RELEASE_MOVES, ReleaseState(release.state), ReleaseMove.REVIEW, what="release")
        require_counted(is_ready(release))
        require_review_open(is_over(change.session, release, change.now))
        require_seen(manifest_sha256, release.manifest_sha256)
        require_first_vote(actor.seat in reviews_of(change.session, release.id))
        review = ReviewRow(release_id=release.id, seat=actor.seat, vote=vote, account_id=actor.account, at=change.now)
        change.session.add(review)
        change.record(actor, "release.reviewed", Subject("release", release.id), manifest=manifest_sha256)
        settle(change, actor, release)
        view = _view(change.session, actor, release)
    if release.state == ReleaseState.DECLINED:
        sweep(desk)
    return view


def publish_release(desk: Desk, actor: Actor, release_id: str) -> ReleaseView:
    """Let the named analysts read an approved release; the public register shows that it is there."""
    require_may(actor, Verb.PROPOSE_RELEASE)
    with desk.changing() as change:
        release = _own(change.session, actor, release_id)
        release.state = moved(RELEASE_MOVES, ReleaseState(release.state), ReleaseMove.PUBLISH, what="release")
        release.published_at = change.now
        manifest = release.manifest_sha256 or ""
        change.record(actor, "release.published", Subject("release", release.id), manifest=manifest)
        return _view(change.session, actor, release)


def withdraw_release(desk: Desk, actor: Actor, release_id: str) -> ReleaseView:
    """Take a release back: its files are deleted here. What a reader has fetched, the server cannot take back."""
    require_may(actor, Verb.PROPOSE_RELEASE)
    with desk.changing() as change:
        release = _own(change.session, actor, release_id)
        require_may_withdraw(ReleaseState(release.state), actor.seat, release.proposer)
        withdraw(change, actor, release)
        count = change.session.get_one(RunRow, release.count_run)
        if count.state in ACTIVE:
            ask_to_end(change, actor, count)
        view = _view(change.session, actor, release)
    sweep(desk)
    return view


def read_archive(desk: Desk, actor: Actor, release_id: str) -> tuple[bytes, str]:
    """A release's files as one zip, and its SHA-256: for seats once counted, for named analysts once published."""
    require_may(actor, Verb.SEE_RELEASES)
    with desk.reading() as session:
        release = _visible(session, actor, release_id)
        if actor.role is not Role.ANALYST:
            require_participant(session, actor, session.get_one(ProjectRow, release.project_id))
        if release.state not in _READ_BY_MEMBERS:
            raise NotFound("archive")
        require_counted(is_ready(release))
    blob = release_blob(release.id)
    try:
        return desk.blobs.read_blob(blob, desk.blobs.key(blob)), release.archive_sha256 or ""
    except (KeyGone, BlobMissing):
        raise FilesGone(
            "the release's files are not on this server any more: it was restored from a backup",
            where=f"release {release.id}",
            fix="get them from somebody who has downloaded them; withdraw it if nobody has, and propose another",
        ) from None


def _link_run(session: Session, project: ProjectRow, run_id: str) -> RunRow:
    run = session.get(RunRow, run_id)
    if run is None or run.project_id != project.id:
        raise NotFound("run")
    require_finished_link(RunKind(run.kind), RunState(run.state))
    require_current_run(run.round, project.round)
    return run


def _queue_count(
    desk: Desk, change: Change, actor: Actor, project: ProjectRow, link: RunRow, uploads: dict[str, str]
) -> RunRow:
    run = RunRow(
        id=desk.new_id(),
        project_id=project.id,
        kind=RunKind.COUNT,
        state=RunState.QUEUED,
        round=project.round,
        agreement_digest=project.agreement_digest,
        requested_by=actor.seat,
        uploads=uploads,
        link_run=link.id,
        created_at=change.now,
    )
    change.session.add(run)
    change.session.flush()
    facts = {"kind": run.kind, "agreement": run.agreement_digest}
    change.record(actor, "run.requested", Subject("run", run.id), **facts)
    return run


def _add_release(
    desk: Desk,
    change: Change,
    actor: Actor,
    project: ProjectRow,
    count: RunRow,
    readers: list[str],
    tables: list[str],
) -> ReleaseRow:
    agreement = agreement_in(agreement_of(change.session, project))
    release = ReleaseRow(
        id=desk.new_id(),
        project_id=project.id,
        link_run=count.link_run,
        count_run=count.id,
        state=ReleaseState.PROPOSED,
        proposer=actor.seat,
        readers=readers,
        quorum=agreement.quorum,  # never more than there are reviewers: `tally` sees to it
        tables=tables,
        created_at=change.now,
    )
    change.session.add(release)
    change.session.flush()
    change.record(
        actor,
        "release.proposed",
        Subject("release", release.id),
        run=count.link_run or "",
        count_run=count.id,
        agreement=project.agreement_digest,
        readers=" ".join(_id_of(change.session, name) for name in readers),
    )
    return release


def _visible(session: Session, actor: Actor, release_id: str) -> ReleaseRow:
    """A release that the actor may know of; NotFound where there is none, and where it is others'."""
    release = session.get(ReleaseRow, release_id)
    if release is None:
        raise NotFound("release")
    if actor.role is Role.ANALYST:
        named = _name_of(session, actor) in release.readers
        seen = named and release.state == ReleaseState.PUBLISHED
    else:
        seen = session.get(ParticipantRow, (release.project_id, actor.seat)) is not None
    if not seen:
        raise NotFound("release")
    return release


def _own(session: Session, actor: Actor, release_id: str) -> ReleaseRow:
    """A release of a project that the actor's seat takes part in; Refused where the seat has left."""
    release = _visible(session, actor, release_id)
    require_participant(session, actor, session.get_one(ProjectRow, release.project_id))
    return release


def _name_of(session: Session, actor: Actor) -> str:
    account = session.get(AccountRow, actor.account)
    return account.name if account is not None else ""


def _id_of(session: Session, name: str) -> str:
    account = account_named(session, name)
    return account.id if account is not None else ""


def _view(session: Session, actor: Actor, release: ReleaseRow) -> ReleaseView:
    run = session.get_one(RunRow, release.count_run)
    title = agreement_in(session.get_one(AgreementRow, (release.project_id, run.round))).project
    votes = reviews_of(session, release.id)
    reviewers = len(votes) if release.decided_at is not None else len(reviewers_of(session, release))
    if actor.role is Role.ANALYST:
        own = [name for name in release.readers if name == _name_of(session, actor)]
        return ReleaseView(release, title, own, reviewers, len(votes), None, None, [], None)
    shown = votes if release.decided_at is not None else None
    return ReleaseView(
        release,
        title,
        list(release.readers),
        reviewers,
        len(votes),
        votes.get(actor.seat),
        shown,
        waiting_for(session, release),
        review_until(session, release),
    )
