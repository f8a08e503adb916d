"""Projects: proposed with an agreement, approved by the members, changed, left, closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.orm import Session

from schemas import Agreement, LinkageSchema
from schemas.agreement import parse_agreement
from schemas.linkage_schema import linkage_schema, load_linkage_schema, preset_names
from schemas.toml_lines import parse_toml
from server.actions.deletion import delete_all_of, delete_uploads_of, sweep, withdraw_unpublished
from server.actions.desk import Change, Desk, agreement_in
from server.actions.reviews import do_without_reviewer
from server.domain.accounts import Actor, Role
from server.domain.audit.events import Subject
from server.domain.errors import BadRequest, NotFound
from server.domain.permissions import Verb, require_may
from server.domain.policies import (
    require_current,
    require_first_vote,
    require_known_seats,
    require_no_active_run,
    require_of_one_project,
    require_own_agreement,
    require_still_in,
)
from server.domain.projects import PROJECT_MOVES, ProjectMove, ProjectState
from server.domain.states import moved
from server.domain.votes import Outcome, Vote, tally
from server.store.accounts import seats_of
from server.store.projects import (
    AgreementRow,
    ParticipantRow,
    ProjectRow,
    VoteRow,
    agreement_of,
    is_agreed_elsewhere,
    participants,
    projects_of,
    state_of,
    votes_of,
)
from server.store.runs import active_run


@dataclass(frozen=True)
class ProjectView:
    """A project as those who take part in it see it."""

    project: ProjectRow
    text: AgreementRow
    agreement: Agreement
    participants: list[ParticipantRow]
    votes: Mapping[str, Vote]

    @property
    def waiting_for(self) -> list[str]:
        """The voters who have not voted in this round; nobody once it is decided."""
        if self.project.state != ProjectState.PROPOSED:
            return []
        return [one.seat for one in self.participants if one.left_at is None and one.seat not in self.votes]


def parse_proposal(toml: str, schema: Mapping[str, object] | None) -> tuple[Agreement, LinkageSchema]:
    """An agreement as it was sent. It names a preset, or the schema comes with it: the server opens no file for it.

    Raises:
        BadAgreement, BadLinkageSchema, BadRequest: what is wrong, with lines.
    """
    if schema is not None:
        given = linkage_schema(dict(schema), name="linkage_schema")
        return parse_agreement(toml, schema=given), given
    try:
        named = parse_toml(toml)[0].get("linkage_schema", "person-v1")
    except ValueError:
        named = "person-v1"  # no TOML at all: parse_agreement says so, with the line
    if named not in preset_names():
        raise BadRequest(
            "the agreement names a linkage schema that is no preset, and none was sent with it",
            where="linkage_schema",
            fix=f"send the schema too, or use one of {', '.join(preset_names())}",
        )
    given = load_linkage_schema(str(named))
    return parse_agreement(toml, schema=given), given


def propose_project(desk: Desk, actor: Actor, toml: str, schema: Mapping[str, object] | None = None) -> ProjectView:
    """Propose a project with its agreement; that counts as the proposer's approval."""
    require_may(actor, Verb.PROPOSE_PROJECT)
    agreement, parsed = parse_proposal(toml, schema)
    with desk.changing() as change:
        require_own_agreement(agreement, actor.seat)
        require_known_seats(agreement, seats_of(change.session))
        project = ProjectRow(
            id=desk.new_id(),
            state="proposed",
            round=0,
            agreement_digest="",
            proposer=actor.seat,
            created_at=change.now,
        )
        change.session.add(project)
        change.session.flush()
        _begin_round(change, actor, project, agreement, toml, parsed)
        change.record(actor, "project.proposed", Subject("project", project.id), agreement=agreement.digest)
        _cast(change, actor, project, agreement, Vote.APPROVE)
        return _view(change.session, project)


def change_agreement(
    desk: Desk, actor: Actor, project_id: str, toml: str, schema: Mapping[str, object] | None = None
) -> ProjectView:
    """Put another agreement in place of the current one: approval starts again, what was uploaded is deleted, and
    releases that are not published are withdrawn."""
    require_may(actor, Verb.PROPOSE_PROJECT)
    agreement, parsed = parse_proposal(toml, schema)
    with desk.changing() as change:
        project = visible_project(change.session, actor, project_id)
        require_participant(change.session, actor, project)
        require_own_agreement(agreement, actor.seat)
        require_known_seats(agreement, seats_of(change.session))
        require_no_active_run(active_run(change.session, project.id) is not None)
        project.state = moved(PROJECT_MOVES, state_of(project), ProjectMove.CHANGE, what="project")
        delete_uploads_of(change, actor, project.id)
        withdraw_unpublished(change, actor, project.id)
        _begin_round(change, actor, project, agreement, toml, parsed)
        change.record(actor, "project.changed", Subject("project", project.id), agreement=agreement.digest)
        _cast(change, actor, project, agreement, Vote.APPROVE)
        view = _view(change.session, project)
    sweep(desk)
    return view


def vote_on_project(desk: Desk, actor: Actor, project_id: str, digest: str, vote: Vote) -> ProjectView:
    """Approve or decline the agreement of that digest. The last vote that is needed decides."""
    require_may(actor, Verb.VOTE)
    with desk.changing() as change:
        project = visible_project(change.session, actor, project_id)
        require_participant(change.session, actor, project)
        moved(PROJECT_MOVES, state_of(project), ProjectMove.VOTE, what="project")
        require_current(digest, project.agreement_digest)
        require_first_vote(actor.seat in votes_of(change.session, project))
        if vote is Vote.APPROVE:  # a database from before this rule may hold two
            require_of_one_project(is_agreed_elsewhere(change.session, project.id, digest))
        agreement = agreement_in(agreement_of(change.session, project))
        change.record(actor, "project.voted", Subject("project", project.id), vote=vote, agreement=digest)
        _cast(change, actor, project, agreement, vote)
        return _view(change.session, project)


def leave_project(desk: Desk, actor: Actor, project_id: str) -> None:
    """Leave: what the member uploaded is deleted, later runs and counts do without it, its vote counts no more.

    With the last member the project closes: nobody else could, and its link maps would be kept for ever.
    """
    require_may(actor, Verb.LEAVE)
    with desk.changing() as change:
        project = visible_project(change.session, actor, project_id)
        place = require_participant(change.session, actor, project)
        active = active_run(change.session, project.id)
        if active is not None and actor.seat in active.uploads:
            active.cancel_requested = True
            change.record(actor, "run.cancel_requested", Subject("run", active.id))
        place.left_at = change.now
        delete_uploads_of(change, actor, project.id, member=actor.seat)
        change.record(actor, "project.left", Subject("project", project.id))
        agreement = agreement_in(agreement_of(change.session, project))
        members_left = set(agreement.members) & set(voters_of(change.session, project))
        if not members_left and project.state != ProjectState.CLOSED:
            _close(change, actor, project)
        elif project.state == ProjectState.PROPOSED:
            _decide(change, actor, project, agreement)
        do_without_reviewer(change, actor, project.id)
    sweep(desk)


def close_project(desk: Desk, actor: Actor, project_id: str) -> ProjectView:
    """Close: nothing more is uploaded or run, and everything but the log and published releases is deleted."""
    require_may(actor, Verb.PROPOSE_PROJECT)
    with desk.changing() as change:
        project = visible_project(change.session, actor, project_id)
        require_participant(change.session, actor, project)
        require_no_active_run(active_run(change.session, project.id) is not None)
        _close(change, actor, project)
        view = _view(change.session, project)
    sweep(desk)
    return view


def list_projects(desk: Desk, actor: Actor) -> list[ProjectView]:
    """The projects that the caller's seat takes part in; the operator sees all."""
    require_may(actor, Verb.SEE_PROJECTS)
    with desk.reading() as session:
        seat = None if actor.role is Role.OPERATOR else actor.seat
        return [_view(session, project) for project in projects_of(session, seat)]


def show_project(desk: Desk, actor: Actor, project_id: str) -> ProjectView:
    """One project, with its agreement and the votes."""
    require_may(actor, Verb.SEE_PROJECTS)
    with desk.reading() as session:
        return _view(session, visible_project(session, actor, project_id))


def visible_project(session: Session, actor: Actor, project_id: str) -> ProjectRow:
    """A project that the actor may know of: its seat takes part (or left), or it is the operator.

    Raises:
        NotFound: there is none, or it is others'.
    """
    project = session.get(ProjectRow, project_id)
    if project is None:
        raise NotFound("project")
    if actor.role is not Role.OPERATOR and session.get(ParticipantRow, (project_id, actor.seat)) is None:
        raise NotFound("project")
    return project


def require_participant(session: Session, actor: Actor, project: ProjectRow) -> ParticipantRow:
    """The actor's place in a project; Refused where its seat has left."""
    place = session.get(ParticipantRow, (project.id, actor.seat))
    if place is None:
        raise NotFound("project")
    require_still_in(place.left_at is not None)
    return place


def voters_of(session: Session, project: ProjectRow) -> list[str]:
    """The seats whose votes count now: those that the agreement names and that have not left."""
    return [one.seat for one in participants(session, project.id) if one.left_at is None]


def _begin_round(
    change: Change, actor: Actor, project: ProjectRow, agreement: Agreement, toml: str, schema: LinkageSchema
) -> None:
    """Put an agreement in force as the one to vote on. Who left, and is named again, is asked again."""
    require_of_one_project(is_agreed_elsewhere(change.session, project.id, agreement.digest))
    project.round += 1
    project.agreement_digest = agreement.digest
    project.proposer = actor.seat
    change.session.add(
        AgreementRow(
            project_id=project.id,
            round=project.round,
            digest=agreement.digest,
            toml=toml,
            schema=schema.definition,
            proposer=actor.seat,
            created_at=change.now,
        )
    )
    change.session.execute(delete(ParticipantRow).where(ParticipantRow.project_id == project.id))
    change.session.add_all(ParticipantRow(project_id=project.id, seat=seat) for seat in agreement.voters)
    change.session.flush()


def _cast(change: Change, actor: Actor, project: ProjectRow, agreement: Agreement, vote: Vote) -> None:
    change.session.add(
        VoteRow(
            project_id=project.id,
            round=project.round,
            seat=actor.seat,
            vote=vote,
            account_id=actor.account,
            at=change.now,
        )
    )
    change.session.flush()
    _decide(change, actor, project, agreement)


def _decide(change: Change, actor: Actor, project: ProjectRow, agreement: Agreement) -> None:
    """See what the votes come to, and say so in the log."""
    outcome = tally(votes_of(change.session, project), voters_of(change.session, project), agreement.quorum)
    if outcome is Outcome.OPEN:
        return
    move = ProjectMove.APPROVE if outcome is Outcome.APPROVED else ProjectMove.DECLINE
    project.state = moved(PROJECT_MOVES, state_of(project), move, what="project")
    if outcome is Outcome.APPROVED:
        project.approved_at = project.approved_at or change.now
        project.approved_round = project.round
    change.record(actor, f"project.{outcome}", Subject("project", project.id), agreement=project.agreement_digest)


def _close(change: Change, actor: Actor, project: ProjectRow) -> None:
    project.state = moved(PROJECT_MOVES, state_of(project), ProjectMove.CLOSE, what="project")
    project.closed_at = change.now
    delete_all_of(change, actor, project.id)
    change.record(actor, "project.closed", Subject("project", project.id))


def _view(session: Session, project: ProjectRow) -> ProjectView:
    text = agreement_of(session, project)
    return ProjectView(
        project, text, agreement_in(text), list(participants(session, project.id)), votes_of(session, project)
    )
