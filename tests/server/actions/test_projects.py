"""Projects: nothing happens without the members, and all of it is in the log."""

import pytest

from server.actions import projects
from server.actions.audit import export_log
from server.domain.audit.events import parse_event
from server.domain.errors import Forbidden, NotFound, Refused
from server.domain.policies import Rule
from server.domain.votes import Vote
from server.store.audit import count_events, events_up_to
from server.store.projects import AgreementRow, ParticipantRow, ProjectRow
from tests.server.conftest import AGREEMENT, MEMBERS
from tests.server.delivered import deliver, encodings_of


def log_of(desk) -> list[str]:
    with desk.reading() as session:
        return [event.action for event in events_up_to(session, count_events(session))]


def test_a_proposal_waits_for_everybody_but_its_proposer(coop):
    view = coop.propose()
    assert view.project.state == "proposed"
    assert view.waiting_for == ["clients", "clinic", "school"]


def test_the_last_approval_that_is_needed_approves(coop):
    view = coop.approved()
    assert view.waiting_for == []
    assert log_of(coop.desk)[-2:] == ["project.voted", "project.approved"]


def test_one_decline_where_all_must_approve_declines(coop):
    view = coop.propose()
    digest = view.project.agreement_digest
    view = projects.vote_on_project(coop.desk, coop.actors["clients"], view.project.id, digest, Vote.DECLINE)
    assert view.project.state == "declined"


def test_the_operator_can_approve_nothing(coop):
    view = coop.propose()
    digest = view.project.agreement_digest
    with pytest.raises(Forbidden) as refused:
        projects.vote_on_project(coop.desk, coop.actors["operator"], view.project.id, digest, Vote.APPROVE)
    assert refused.value.rule == "role"


def test_a_changed_agreement_starts_again(coop):
    view = coop.approved()
    changed = projects.change_agreement(
        coop.desk, coop.actors["clinic"], view.project.id, AGREEMENT + "minimum_cell = 20"
    )
    assert changed.project.state == "proposed"
    assert changed.waiting_for == ["clients", "school", "shelter"]
    old = view.agreement.digest
    with pytest.raises(Refused) as refused:
        projects.vote_on_project(coop.desk, coop.actors["school"], view.project.id, old, Vote.APPROVE)
    assert refused.value.rule == Rule.CURRENT_AGREEMENT


def test_a_seat_votes_once(coop):
    view = coop.propose()
    digest = view.project.agreement_digest
    with pytest.raises(Refused) as refused:
        projects.vote_on_project(coop.desk, coop.actors["shelter"], view.project.id, digest, Vote.APPROVE)
    assert refused.value.rule == Rule.ONE_VOTE


def test_a_project_of_others_looks_like_none(coop):
    view = coop.propose()
    with pytest.raises(NotFound) as foreign:
        projects.show_project(coop.desk, coop.actors["pantry"], view.project.id)
    with pytest.raises(NotFound) as missing:
        projects.show_project(coop.desk, coop.actors["pantry"], "0" * 32)
    assert str(foreign.value) == str(missing.value)


def test_who_leaves_is_waited_for_no_more(coop):
    view = coop.propose()
    digest = view.project.agreement_digest
    for seat in ("clinic", "clients"):
        projects.vote_on_project(coop.desk, coop.actors[seat], view.project.id, digest, Vote.APPROVE)
    projects.leave_project(coop.desk, coop.actors["school"], view.project.id)
    assert projects.show_project(coop.desk, coop.actors["shelter"], view.project.id).project.state == "approved"


def test_once_it_is_decided_nobody_is_waited_for(coop):
    view = coop.propose()
    declined = projects.vote_on_project(
        coop.desk, coop.actors["clinic"], view.project.id, view.project.agreement_digest, Vote.DECLINE
    )
    assert (declined.project.state, declined.waiting_for) == ("declined", [])
    closed = projects.close_project(coop.desk, coop.actors["shelter"], view.project.id)
    assert closed.waiting_for == []


@pytest.mark.parametrize("approved", [True, False])
def test_with_its_last_member_a_project_closes(coop, approved):
    project = (coop.approved() if approved else coop.propose()).project.id
    states = []
    for seat in MEMBERS:
        projects.leave_project(coop.desk, coop.actors[seat], project)
        states.append(projects.show_project(coop.desk, coop.actors["clients"], project).project.state)
    before = "approved" if approved else "proposed"
    assert states == [before, before, "closed"]
    projects.leave_project(coop.desk, coop.actors["clients"], project)  # it may still go


def refused_as_of_another_project(coop, act) -> None:
    before = log_of(coop.desk)
    with pytest.raises(Refused) as refused:
        act()
    assert refused.value.rule == Rule.ONE_PROJECT
    assert log_of(coop.desk) == before


@pytest.mark.parametrize("first", ["propose", "approved"])
def test_an_agreement_belongs_to_one_project(coop, first):
    getattr(coop, first)()
    refused_as_of_another_project(coop, lambda: coop.propose(AGREEMENT))
    refused_as_of_another_project(coop, lambda: coop.propose(f"# said otherwise\n{AGREEMENT}"))
    assert coop.propose(AGREEMENT.replace("2026-q4", "2026-q4 again")).project.state == "proposed"


def test_an_agreement_stays_that_of_its_project_when_this_closes_or_changes(coop):
    view, other = coop.approved(), AGREEMENT + "minimum_cell = 20"
    projects.change_agreement(coop.desk, coop.actors["clinic"], view.project.id, other)
    refused_as_of_another_project(coop, lambda: coop.propose(AGREEMENT))
    projects.close_project(coop.desk, coop.actors["clinic"], view.project.id)
    refused_as_of_another_project(coop, lambda: coop.propose(AGREEMENT))


def test_a_project_is_not_changed_to_anothers_agreement_and_may_go_back_to_its_own(coop):
    view, other = coop.approved(), AGREEMENT + "minimum_cell = 20"
    second = coop.propose(other).project.id
    change = projects.change_agreement
    refused_as_of_another_project(coop, lambda: change(coop.desk, coop.actors["clinic"], view.project.id, other))
    refused_as_of_another_project(coop, lambda: change(coop.desk, coop.actors["clinic"], second, AGREEMENT))
    third = AGREEMENT + "minimum_cell = 30"
    change(coop.desk, coop.actors["clinic"], view.project.id, third)
    back = change(coop.desk, coop.actors["clinic"], view.project.id, AGREEMENT)
    assert back.agreement.digest == view.agreement.digest


@pytest.mark.parametrize("act", ["closed", "changed"])
def test_the_log_shows_every_member_who_closed_or_changed_a_project_and_what_went_with_it(coop, act):
    view = coop.approved()
    for encodings in encodings_of(view.agreement, MEMBERS, 10).values():
        deliver(coop.desk, view, encodings)
    if act == "closed":
        projects.close_project(coop.desk, coop.actors["school"], view.project.id)
    else:
        other = AGREEMENT + "minimum_cell = 20"
        projects.change_agreement(coop.desk, coop.actors["school"], view.project.id, other)
    _, *lines, _ = export_log(coop.desk, coop.actors["clinic"])  # between the key and the head
    events = [parse_event(line.rstrip(b"\n")) for line in lines]
    [done] = [event for event in events if event.action == f"project.{act}"]
    gone = [event for event in events if event.action == "upload.deleted"]
    assert (done.seat, done.subject.id) == ("school", view.project.id)
    assert [event.seat for event in gone] == ["school"] * len(MEMBERS)


@pytest.mark.parametrize("end", ["declined", "closed"])
def test_an_agreement_that_nobody_approved_can_be_proposed_again(coop, end):
    view = coop.propose()
    if end == "declined":
        digest = view.project.agreement_digest
        projects.vote_on_project(coop.desk, coop.actors["clinic"], view.project.id, digest, Vote.DECLINE)
    else:
        projects.close_project(coop.desk, coop.actors["shelter"], view.project.id)
    assert coop.propose(AGREEMENT).project.state == "proposed"


def test_of_two_projects_with_one_agreement_from_before_the_rule_neither_is_approved(coop):
    view = coop.propose()
    with coop.desk.database.writing() as session:
        row, text = view.project, view.text
        session.add(
            ProjectRow(
                id="2" * 32,
                state="proposed",
                round=1,
                agreement_digest=row.agreement_digest,
                proposer="shelter",
                created_at=row.created_at,
            )
        )
        session.flush()
        session.add(
            AgreementRow(
                project_id="2" * 32,
                round=1,
                digest=text.digest,
                toml=text.toml,
                schema=text.schema,
                proposer="shelter",
                created_at=row.created_at,
            )
        )
        session.add_all(ParticipantRow(project_id="2" * 32, seat=seat) for seat in view.agreement.voters)
    for project in ("2" * 32, row.id):
        vote = (coop.desk, coop.actors["clinic"], project, row.agreement_digest)
        refused_as_of_another_project(coop, lambda vote=vote: projects.vote_on_project(*vote, Vote.APPROVE))
    declined = projects.vote_on_project(coop.desk, coop.actors["clinic"], "2" * 32, row.agreement_digest, Vote.DECLINE)
    assert declined.project.state == "declined"
    projects.vote_on_project(coop.desk, coop.actors["clinic"], row.id, row.agreement_digest, Vote.APPROVE)


def test_an_agreement_that_names_a_file_of_the_server_opens_none(coop):
    with pytest.raises(Exception, match="no preset"):
        coop.propose(AGREEMENT + 'linkage_schema = "/etc/hostname"')


def test_seats_that_the_server_does_not_have_are_refused(coop):
    with pytest.raises(Refused) as refused:
        coop.propose(AGREEMENT.replace('"school"', '"nowhere"'))
    assert refused.value.rule == Rule.KNOWN_SEATS
