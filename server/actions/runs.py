"""Runs: a member asks for one under an approved agreement, all who take part see it; cancelling; fetching link maps.

How a worker takes and ends them is told in `run_queue.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from server.actions.deletion import withdraw_uncounted
from server.actions.desk import Change, Desk, agreement_in
from server.actions.projects import require_participant, visible_project
from server.domain.accounts import Actor
from server.domain.audit.events import Subject
from server.domain.errors import BadRequest, NotFound, Refused
from server.domain.permissions import Verb, require_may
from server.domain.policies import Rule, require_approved, require_deliveries, require_no_active_run
from server.domain.runs import RUN_MOVES, RunKind, RunMove, RunState
from server.domain.states import moved
from server.store.blobs.errors import BlobMissing, KeyGone
from server.store.projects import ProjectRow, agreement_of, participants, state_of
from server.store.runs import RunRow, active_run, links_blob, runs_of
from server.store.uploads import accepted_uploads

ASKED_FOR = frozenset({RunKind.ESTIMATE, RunKind.LINK})
"""The kinds that a member asks for; a count comes with the release that is proposed."""

_LONGEST_FACT = 2000  # characters that an event can hold; a hundred long names of members are more

if TYPE_CHECKING:
    from server.domain.links import RunLinks


@dataclass(frozen=True)
class RunView:
    """A run as those who take part in its project see it: nothing of the lease, nor of what the server keeps.

    Attributes:
        members: who is linked, in name order.
        progress: {stage, done (0 to 1), seconds_left} while it runs.
        result: what it found, once it is done.
        error: {what, where, fix}, where it failed.
    """

    id: str
    project_id: str
    kind: RunKind
    state: RunState
    agreement_digest: str
    requested_by: str
    members: list[str]
    created_at: str
    started_at: str | None
    ended_at: str | None
    progress: Mapping[str, object] | None
    result: Mapping[str, object] | None
    error: Mapping[str, object] | None

    @classmethod
    def of(cls, row: RunRow) -> RunView:
        """The view of a row."""
        return cls(
            id=row.id,
            project_id=row.project_id,
            kind=RunKind(row.kind),
            state=RunState(row.state),
            agreement_digest=row.agreement_digest,
            requested_by=row.requested_by,
            members=sorted(row.uploads),
            created_at=row.created_at,
            started_at=row.started_at,
            ended_at=row.ended_at,
            progress=row.progress,
            result=row.result,
            error=row.error,
        )


def start_run(
    desk: Desk, actor: Actor, project_id: str, kind: RunKind, *, without: Collection[str] = frozenset()
) -> RunView:
    """Put a run into the queue, of what every member has sent by now.

    Args:
        kind: an estimate, or linking.
        without: members that are left out, whether they have delivered or not.

    Raises:
        Refused: the agreement is not approved; somebody has neither delivered nor is left out; fewer than two members
            are left; a run of the project waits or runs.
        BadRequest: no kind that is asked for, or a name that is no member's.
    """
    require_may(actor, Verb.START_RUN)
    if kind not in ASKED_FOR:
        raise BadRequest("a count comes with a release", where="kind", fix="propose a release")
    with desk.changing() as change:
        project = visible_project(change.session, actor, project_id)
        require_participant(change.session, actor, project)
        require_approved(state_of(project))
        require_no_active_run(active_run(change.session, project.id) is not None)
        uploads = _uploads_to_use(change.session, project, without)
        run = RunRow(
            id=desk.new_id(),
            project_id=project.id,
            kind=kind,
            state=RunState.QUEUED,
            round=project.round,
            agreement_digest=project.agreement_digest,
            requested_by=actor.seat,
            uploads=uploads,
            created_at=change.now,
            attempts=0,
            cancel_requested=False,
        )
        change.session.add(run)
        change.session.flush()
        facts = {"kind": kind, "agreement": run.agreement_digest, "members": ", ".join(uploads)[:_LONGEST_FACT]}
        change.record(actor, "run.requested", Subject("run", run.id), **facts)
        return RunView.of(run)


def list_runs(desk: Desk, actor: Actor, project_id: str) -> list[RunView]:
    """The runs of a project, oldest first."""
    require_may(actor, Verb.SEE_RUNS)
    with desk.reading() as session:
        project = visible_project(session, actor, project_id)
        return [RunView.of(run) for run in runs_of(session, project.id)]


def show_run(desk: Desk, actor: Actor, run_id: str) -> RunView:
    """One run."""
    require_may(actor, Verb.SEE_RUNS)
    with desk.reading() as session:
        return RunView.of(visible_run(session, actor, run_id))


def cancel_run(desk: Desk, actor: Actor, run_id: str) -> RunView:
    """Have a run ended: one that waits ends at once, one that runs within seconds. Asking twice is no fault.

    Raises:
        Refused: it has ended already.
    """
    require_may(actor, Verb.START_RUN)
    with desk.noting() as change:
        run = visible_run(change.session, actor, run_id)
        require_participant(change.session, actor, change.session.get_one(ProjectRow, run.project_id))
        moved(RUN_MOVES, RunState(run.state), RunMove.CANCEL, what="run")
        ask_to_end(change, actor, run)
        return RunView.of(run)


def fetch_link_map(desk: Desk, actor: Actor, run_id: str) -> bytes:
    """The caller's own member's link map as CSV, under link ids that no other member has: the same bytes each time.

    Raises:
        NotFound: the run did not link the caller's member, or what it found was deleted with the project.
        Refused: it is not done, or the member has left.
    """
    from linkage.link_map import link_map_bytes  # NumPy: an idle worker, which reads this file too, does without

    return link_map_bytes(_own_links(desk, actor, run_id, "link map").of_member(actor.seat))


def fetch_elsewhere(desk: Desk, actor: Actor, run_id: str) -> bytes:
    """Which records of the caller's own member are known elsewhere, as randomised answers: the same CSV each time.

    Raises:
        NotFound: the agreement does not ask for it, the run did not link the caller's member, or what it found was
            deleted with the project.
        Refused: it is not done, or the member has left.
    """
    from linkage.elsewhere import elsewhere_bytes

    own = _own_links(desk, actor, run_id, "list of answers").elsewhere_of(actor.seat)
    if own is None:
        raise NotFound("list of answers")
    return elsewhere_bytes(own)


def _own_links(desk: Desk, actor: Actor, run_id: str, what: str) -> RunLinks:
    """What a run found, for its part about the caller's member."""
    from server.domain.links import unpack_links

    require_may(actor, Verb.FETCH_LINK_MAP)
    with desk.reading() as session:
        run = visible_run(session, actor, run_id)
        require_participant(session, actor, session.get_one(ProjectRow, run.project_id))
    if run.kind != RunKind.LINK or actor.seat not in run.uploads:
        raise NotFound(what)
    if run.state != RunState.DONE:
        raise Refused(
            f"the run is {run.state}: it has no link maps", rule=Rule.FINISHED_RUN, fix="wait until it is done"
        )
    try:
        blob = links_blob(run.id)
        return unpack_links(desk.blobs.read_blob(blob, desk.blobs.key(blob)))
    except (KeyGone, BlobMissing):
        raise NotFound(what) from None


def visible_run(session: Session, actor: Actor, run_id: str) -> RunRow:
    """A run of a project that the actor may know of.

    Raises:
        NotFound: there is none, or it is others'.
    """
    run = session.get(RunRow, run_id)
    if run is None:
        raise NotFound("run")
    try:
        visible_project(session, actor, run.project_id)
    except NotFound:
        raise NotFound("run") from None
    return run


def ask_to_end(change: Change, actor: Actor, run: RunRow) -> None:
    """Have an active run ended: one that waits is ended here, one that runs by its worker."""
    if not run.cancel_requested:
        run.cancel_requested = True
        change.record(actor, "run.cancel_requested", Subject("run", run.id))
    if run.state == RunState.QUEUED:
        end_run(change, actor, run, RunMove.CANCEL)


def end_run(change: Change, actor: Actor, run: RunRow, move: RunMove) -> None:
    """Bring a run to its end, by FINISH, FAIL or CANCEL, and say so in the log. Its scratch goes at the next sweep.

    A count that does not get done takes its release with it: there is nothing to review.
    """
    run.state = moved(RUN_MOVES, RunState(run.state), move, what="run")
    run.ended_at = change.now
    run.lease_owner = run.lease_until = run.progress = None
    change.record(actor, f"run.{run.state}", Subject("run", run.id), kind=run.kind)
    if run.kind == RunKind.COUNT and move is not RunMove.FINISH:
        withdraw_uncounted(change, actor, run)


def _uploads_to_use(session: Session, project: ProjectRow, without: Collection[str]) -> dict[str, str]:
    """The upload of each member that is linked, by member, in name order."""
    agreement = agreement_in(agreement_of(session, project))
    if set(without) - set(agreement.members):  # whatever was written there is not repeated
        fix = f"use some of {', '.join(agreement.members)}"
        raise BadRequest("the agreement names no such member", where="without", fix=fix)
    there = {one.seat for one in participants(session, project.id) if one.left_at is None}
    accepted = accepted_uploads(session, project.id)
    members = [member for member in agreement.members if member in there]
    return {member: accepted[member].id for member in require_deliveries(members, accepted, without)}
