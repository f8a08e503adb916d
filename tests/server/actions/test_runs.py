"""Runs as members ask for them: nothing is computed that was not agreed on, and everybody sees it."""

import pytest

from server.actions import projects, runs
from server.actions.run_queue import claim_run, finish_run
from server.domain.errors import BadRequest, Forbidden, NotFound, Refused
from server.domain.policies import Rule
from server.domain.runs import RunKind
from server.store.audit import count_events, events_up_to
from server.store.runs import RunRow
from tests.server.conftest import AGREEMENT, MEMBERS
from tests.server.delivered import deliver, encodings_of


def log_of(desk, subject):
    with desk.reading() as session:
        events = list(events_up_to(session, count_events(session)))
    return [event.action for event in events if event.subject.id == subject]


def row_of(coop, run) -> RunRow:
    """A run as the server has it."""
    with coop.desk.reading() as session:
        return session.get_one(RunRow, run.id)


def delivered(coop, members=MEMBERS, toml=""):
    """An approved project to which these members have delivered."""
    view = coop.approved(toml)
    for encodings in encodings_of(view.agreement, members, people=20).values():
        deliver(coop.desk, view, encodings)
    return view


def start(coop, view, kind=RunKind.LINK, who="clinic", **more):
    return runs.start_run(coop.desk, coop.actors[who], view.project.id, kind, **more)


def refusal(coop, view, **more):
    with pytest.raises(Refused) as refused:
        start(coop, view, **more)
    return refused.value


def test_a_run_waits_in_the_queue_and_everybody_in_the_project_sees_it(coop):
    view = delivered(coop)
    run = start(coop, view)
    for who in (*MEMBERS, "clients", "operator"):
        seen = runs.show_run(coop.desk, coop.actors[who], run.id)
        assert (seen.state, seen.kind, seen.members) == ("queued", "link", list(MEMBERS))
        assert [one.id for one in runs.list_runs(coop.desk, coop.actors[who], view.project.id)] == [run.id]
    assert log_of(coop.desk, run.id) == ["run.requested"]


def test_no_run_before_the_agreement_is_approved(coop):
    assert refusal(coop, coop.propose()).rule == Rule.APPROVED_AGREEMENT


def test_a_run_waits_for_everybody_or_names_who_is_left_out(coop):
    view = delivered(coop, ("clinic", "shelter"))
    refused = refusal(coop, view)
    assert refused.rule == Rule.EVERYONE_DELIVERED
    assert "school" in refused.what
    assert start(coop, view, without=["school"]).members == ["clinic", "shelter"]


def test_who_delivered_can_be_left_out_too(coop):
    assert start(coop, delivered(coop), without=["shelter"]).members == ["clinic", "school"]


def test_who_has_left_is_not_waited_for(coop):
    view = delivered(coop)
    projects.leave_project(coop.desk, coop.actors["school"], view.project.id)
    assert start(coop, view).members == ["clinic", "shelter"]


def test_a_run_needs_two_members(coop):
    assert refusal(coop, delivered(coop), without=["school", "shelter"]).rule == Rule.TWO_MEMBERS


def test_nobody_is_left_out_whom_the_agreement_does_not_name(coop):
    view = delivered(coop)
    with pytest.raises(BadRequest, match="no such member"):
        start(coop, view, without=["pantry"])


def test_one_run_of_a_project_at_a_time(coop):
    view = delivered(coop)
    start(coop, view, RunKind.ESTIMATE)
    assert refusal(coop, view).rule == Rule.ONE_RUN_AT_A_TIME


def test_a_count_comes_with_a_release_only(coop):
    with pytest.raises(BadRequest):
        start(coop, delivered(coop), RunKind.COUNT)


@pytest.mark.parametrize("who", ["operator", "clients", "analyst", "auditor"])
def test_only_stewards_start_and_cancel_runs(coop, who):
    view = delivered(coop)
    with pytest.raises(Forbidden):
        start(coop, view, who=who)
    run = start(coop, view)
    with pytest.raises(Forbidden):
        runs.cancel_run(coop.desk, coop.actors[who], run.id)


def test_who_has_left_neither_starts_nor_cancels(coop):
    view = delivered(coop)
    run = start(coop, view, without=["school"])
    projects.leave_project(coop.desk, coop.actors["school"], view.project.id)
    for ask in (lambda: start(coop, view, who="school"), lambda: cancel(coop, run, "school")):
        with pytest.raises(Refused) as refused:
            ask()
        assert refused.value.rule == Rule.STILL_A_MEMBER


def cancel(coop, run, who="shelter"):
    return runs.cancel_run(coop.desk, coop.actors[who], run.id)


def test_a_run_that_waits_is_cancelled_at_once(coop):
    run = start(coop, delivered(coop))
    assert cancel(coop, run).state == "cancelled"
    assert log_of(coop.desk, run.id) == ["run.requested", "run.cancel_requested", "run.cancelled"]
    assert claim_run(coop.desk, "worker") is None


def test_a_run_that_runs_is_only_asked_to_end_and_asking_twice_is_one_event(coop):
    run = start(coop, delivered(coop))
    claim_run(coop.desk, "worker")
    for _ in range(2):
        assert cancel(coop, run).state == "running"
        assert row_of(coop, run).cancel_requested
    assert log_of(coop.desk, run.id) == ["run.requested", "run.started", "run.cancel_requested"]


def test_a_run_that_has_ended_is_not_cancelled(coop):
    run = start(coop, delivered(coop))
    cancel(coop, run)
    with pytest.raises(Refused) as refused:
        cancel(coop, run)
    assert refused.value.rule == "state"


@pytest.mark.parametrize("action", [runs.show_run, runs.cancel_run, runs.fetch_link_map, runs.fetch_elsewhere])
def test_a_run_of_others_looks_like_none(coop, action):
    run = start(coop, delivered(coop))
    told = set()
    for wrong in (run.id, "0" * 32):
        with pytest.raises(NotFound) as missing:
            action(coop.desk, coop.actors["pantry"], wrong)
        told.add(str(missing.value))
    assert told == {str(NotFound("run"))}


def test_a_run_that_is_not_done_has_no_link_maps(coop):
    run = start(coop, delivered(coop))
    with pytest.raises(Refused) as refused:
        runs.fetch_link_map(coop.desk, coop.actors["clinic"], run.id)
    assert refused.value.rule == Rule.FINISHED_RUN


def test_an_estimate_has_no_link_maps_and_a_member_that_was_left_out_has_none(coop):
    view = delivered(coop)
    for kind, who in ((RunKind.ESTIMATE, "clinic"), (RunKind.LINK, "school")):
        run = start(coop, view, kind, without=["school"])
        _, lease = claim_run(coop.desk, "worker")
        finish_run(coop.desk, lease, {})
        with pytest.raises(NotFound, match="no such link map"):
            runs.fetch_link_map(coop.desk, coop.actors[who], run.id)


@pytest.mark.parametrize("who", ["operator", "clients", "analyst", "auditor"])
def test_link_maps_are_for_stewards_only(coop, who):
    run = start(coop, delivered(coop))
    with pytest.raises(Forbidden):
        runs.fetch_link_map(coop.desk, coop.actors[who], run.id)


def test_a_member_that_leaves_has_the_run_of_its_encodings_ended(coop):
    view = delivered(coop)
    run = start(coop, view)
    claim_run(coop.desk, "worker")
    projects.leave_project(coop.desk, coop.actors["school"], view.project.id)
    assert row_of(coop, run).cancel_requested


def test_the_agreement_is_not_changed_under_a_run(coop):
    view = delivered(coop)
    start(coop, view)
    with pytest.raises(Refused) as refused:
        projects.change_agreement(coop.desk, coop.actors["clinic"], view.project.id, AGREEMENT + "minimum_cell = 20")
    assert refused.value.rule == Rule.ONE_RUN_AT_A_TIME
