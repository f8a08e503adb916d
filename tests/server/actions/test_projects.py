"""Projects: nothing happens without the members, and all of it is in the log."""

import pytest

from server.actions import projects
from server.domain.errors import Forbidden, NotFound, Refused
from server.domain.policies import Rule
from server.domain.votes import Vote
from server.store.audit import count_events, events_up_to
from tests.server.conftest import AGREEMENT, MEMBERS


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


def test_an_agreement_that_names_a_file_of_the_server_opens_none(coop):
    with pytest.raises(Exception, match="no preset"):
        coop.propose(AGREEMENT + 'linkage_schema = "/etc/hostname"')


def test_seats_that_the_server_does_not_have_are_refused(coop):
    with pytest.raises(Refused) as refused:
        coop.propose(AGREEMENT.replace('"school"', '"nowhere"'))
    assert refused.value.rule == Rule.KNOWN_SEATS
