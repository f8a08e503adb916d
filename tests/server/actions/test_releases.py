"""Releases: only what the others reviewed is published, no vote is seen before all are in, and the log says it all."""

import dataclasses
import random
from dataclasses import dataclass

import numpy as np
import pytest

from server.actions import accounts, projects, releases, runs
from server.actions.desk import Desk
from server.actions.housekeeping import keep_house
from server.actions.uploads import withdraw_records
from server.api.release_bodies import ReleaseOut
from server.domain.accounts import LOCAL_OPERATOR, Role
from server.domain.audit.keys import LogKey
from server.domain.errors import BadRequest, FilesGone, Forbidden, NotFound, Refused
from server.domain.policies import Rule
from server.domain.runs import RunKind
from server.domain.votes import Vote
from server.store.audit import count_events, events_up_to
from server.store.blobs import BlobFolder
from server.store.blobs.errors import KeyGone
from server.store.database import Database
from server.store.releases import release_blob
from server.store.runs import RunRow
from server.store.schema import migrate
from tests.server.conftest import AGREEMENT, Clock, SetUp, set_up
from tests.server.linked import count_all, link_by_hand

TWO_OF_FOUR = AGREEMENT + "quorum = 2\n"
REVIEWERS = ("clients", "clinic", "school")


@dataclass
class Linked:
    """A co-op whose project is linked; the shelter proposes."""

    coop: SetUp
    project: str
    run: str
    tokens: dict[str, np.ndarray]

    def propose(self, *readers: str, by: str = "shelter") -> str:
        view = releases.propose_release(self.coop.desk, self.coop.actors[by], self.project, self.run, readers)
        return view.release.id

    def counted(self, *readers: str) -> str:
        release = self.propose(*readers)
        count_all(self.coop)
        return release

    def review(self, release: str, seat: str, vote: Vote = Vote.APPROVE) -> releases.ReleaseView:
        seen = self.show(release, "shelter").release.manifest_sha256 or "0" * 64
        return releases.review_release(self.coop.desk, self.coop.actors[seat], release, seen, vote)

    def approved(self, *readers: str) -> str:
        release = self.counted(*readers)
        for seat in REVIEWERS:
            self.review(release, seat)
        return release

    def published(self, *readers: str) -> str:
        release = self.approved(*readers)
        releases.publish_release(self.coop.desk, self.coop.actors["school"], release)
        return release

    def show(self, release: str, who: str = "clinic") -> releases.ReleaseView:
        return releases.show_release(self.coop.desk, self.coop.actors[who], release)

    def leave(self, seat: str) -> None:
        projects.leave_project(self.coop.desk, self.coop.actors[seat], self.project)

    def state(self, release: str) -> str:
        return self.show(release).release.state

    def log(self) -> list:
        with self.coop.desk.reading() as session:
            return list(events_up_to(session, count_events(session)))


def link(coop: SetUp, toml: str = AGREEMENT) -> Linked:
    view = coop.approved(toml)
    run, tokens = link_by_hand(coop, view.agreement, view.project.id)
    return Linked(coop, view.project.id, run, tokens)


@pytest.fixture
def linked(coop) -> Linked:
    return link(coop)


@pytest.fixture
def on_sqlite(sqlite_coop) -> Linked:
    return link(sqlite_coop)


def refused(rule, act, *args, **named):
    with pytest.raises(Refused) as error:
        act(*args, **named)
    assert error.value.rule == rule


# --- proposing ---


def test_a_proposal_queues_a_count_and_is_in_the_log_with_it(linked):
    release = linked.propose("analyst")
    view = linked.show(release)
    assert (view.release.state, view.ready, view.title, view.readers) == ("proposed", False, "Pathways", ["analyst"])
    assert view.release.tables == ["unduplicated", "set_pathway"]
    assert [event.action for event in linked.log()][-2:] == ["run.requested", "release.proposed"]
    facts = linked.log()[-1].facts
    assert (facts["run"], facts["count_run"]) == (linked.run, view.release.count_run)
    assert facts["readers"] == linked.coop.actors["analyst"].account
    with linked.coop.desk.reading() as session:
        run = session.get_one(RunRow, view.release.count_run)
        assert (run.kind, run.state, run.requested_by, run.link_run) == ("count", "queued", "shelter", linked.run)


def test_only_a_linking_run_that_is_done_is_counted(linked):
    count = linked.show(linked.counted()).release.count_run
    shelter = linked.coop.actors["shelter"]
    refused(Rule.FINISHED_RUN, releases.propose_release, linked.coop.desk, shelter, linked.project, count)


def test_a_run_that_is_not_done_is_not_counted(on_sqlite):
    with on_sqlite.coop.desk.database.writing() as session:
        session.get_one(RunRow, on_sqlite.run).state = "failed"
    refused(Rule.FINISHED_RUN, on_sqlite.propose)


def test_a_run_of_another_project_looks_like_none(linked):
    other = linked.coop.approved(AGREEMENT.replace("Pathways", "Another"))
    run, _ = link_by_hand(linked.coop, other.agreement, other.project.id)
    shelter = linked.coop.actors["shelter"]
    with pytest.raises(NotFound) as foreign:
        releases.propose_release(linked.coop.desk, shelter, linked.project, run)
    with pytest.raises(NotFound) as missing:
        releases.propose_release(linked.coop.desk, shelter, linked.project, "0" * 32)
    assert str(foreign.value) == str(missing.value)


def change_and_approve(linked, toml):
    desk, actors = linked.coop.desk, linked.coop.actors
    view = projects.change_agreement(desk, actors["clinic"], linked.project, toml)
    refused(Rule.APPROVED_AGREEMENT, linked.propose)
    for seat in view.waiting_for:
        projects.vote_on_project(desk, actors[seat], linked.project, view.agreement.digest, Vote.APPROVE)


def test_a_run_under_an_earlier_agreement_is_not_counted_even_if_the_words_are_the_same_again(linked):
    change_and_approve(linked, AGREEMENT + "minimum_cell = 20\n")
    refused(Rule.CURRENT_AGREEMENT, linked.propose)
    change_and_approve(linked, AGREEMENT)
    refused(Rule.CURRENT_AGREEMENT, linked.propose)


def test_readers_are_analysts_by_name(linked):
    refused(Rule.NAMED_READERS, linked.propose, "nobody")
    refused(Rule.NAMED_READERS, linked.propose, "auditor")
    assert linked.show(linked.propose()).readers == []


def test_more_readers_than_an_event_can_name_are_refused(on_sqlite):
    names = [f"reader{number}" for number in range(releases.MOST_READERS + 1)]
    for name in names:
        accounts.create_account(on_sqlite.coop.desk, LOCAL_OPERATOR, name, Role.ANALYST)
    with pytest.raises(BadRequest):
        on_sqlite.propose(*names)
    assert on_sqlite.show(on_sqlite.propose(*names[:-1])).readers == sorted(names[:-1])


def test_a_run_is_counted_again_for_the_same_people_only(linked):
    releases.withdraw_release(linked.coop.desk, linked.coop.actors["shelter"], linked.counted())
    again = linked.counted()
    releases.withdraw_release(linked.coop.desk, linked.coop.actors["shelter"], again)
    withdraw_records(linked.coop.desk, linked.coop.actors["clinic"], linked.project, ["0" * 32])
    refused(Rule.SAME_PEOPLE, linked.propose)


def test_records_taken_back_before_the_first_count_are_no_reason_to_refuse_it(linked):
    withdraw_records(linked.coop.desk, linked.coop.actors["clinic"], linked.project, ["0" * 32])
    assert linked.show(linked.counted()).ready


def test_records_taken_back_while_a_second_count_waits_end_it(linked):
    releases.withdraw_release(linked.coop.desk, linked.coop.actors["shelter"], linked.counted())
    second = linked.propose()
    withdraw_records(linked.coop.desk, linked.coop.actors["clinic"], linked.project, ["0" * 32])
    count_all(linked.coop)
    assert linked.show(second).release.state == "withdrawn"


def test_one_run_at_a_time(linked):
    linked.propose()
    refused(Rule.ONE_RUN_AT_A_TIME, linked.propose, by="clinic")


def test_nothing_is_counted_of_one_member(linked):
    linked.leave("clinic"), linked.leave("school")
    refused(Rule.TWO_MEMBERS, linked.propose)


def test_only_a_steward_who_takes_part_proposes(linked):
    with pytest.raises(Forbidden):
        linked.propose(by="clients")
    with pytest.raises(Forbidden):
        linked.propose(by="operator")
    with pytest.raises(NotFound):
        linked.propose(by="pantry")
    linked.leave("clinic")
    refused(Rule.STILL_A_MEMBER, linked.propose, by="clinic")


# --- reviewing ---


def test_approved_once_all_have_reviewed_and_then_every_vote_is_shown(linked):
    release = linked.approved()
    view = linked.show(release)
    assert view.release.state == "approved"
    assert view.votes == dict.fromkeys(REVIEWERS, Vote.APPROVE)
    assert (view.reviewers, view.reviews_cast) == (3, 3)
    actions = [event.action for event in linked.log()]
    assert actions[-5:] == ["release.reviewed", *["release.review_opened"] * 3, "release.approved"]
    assert [(event.facts["seat"], event.facts["vote"]) for event in linked.log()[-4:-1]] == [
        (seat, "approve") for seat in REVIEWERS
    ]


def test_a_decline_decides_nothing_before_all_have_reviewed(linked):
    release = linked.counted()
    linked.review(release, "clinic", Vote.DECLINE)
    linked.review(release, "school", Vote.DECLINE)
    assert linked.state(release) == "proposed"
    assert linked.review(release, "clients").release.state == "declined"
    assert linked.log()[-1].action == "release.declined"


def test_each_seat_sees_its_own_vote_and_how_many_there_are(linked):
    release = linked.counted()
    linked.review(release, "clinic", Vote.DECLINE)
    for seat, own in (("clinic", Vote.DECLINE), ("school", None), ("shelter", None), ("clients", None)):
        view = linked.show(release, seat)
        assert (view.own_vote, view.votes, view.reviews_cast, view.reviewers) == (own, None, 1, 3)


def told_after(vote: Vote, folder, seat: str) -> list:
    """All that a seat is told, by views, errors and the log, once the clinic has voted; ids are the same each time."""
    random_bytes = random.Random(7).randbytes  # noqa: S311
    database = Database(f"sqlite:///{folder / vote}.db")
    migrate(database)
    desk = Desk(database, BlobFolder(folder / vote, random_bytes), Clock(), random_bytes, LogKey(random_bytes(32)))
    linked = link(set_up(desk))
    release = linked.counted("analyst")
    linked.review(release, "clinic", vote)
    actor = linked.coop.actors[seat]
    told = [repr(dataclasses.replace(linked.show(release, seat), release=None)), *linked.log()]
    told += [ReleaseOut.of(view) for view in releases.list_releases(desk, actor)]
    told.append(runs.list_runs(desk, actor, linked.project)[-1].result)
    for act, more in ((releases.publish_release, ()), (releases.review_release, ("0" * 64, vote))):
        with pytest.raises((Refused, Forbidden)) as error:
            act(desk, actor, release, *more)
        told.append(error.value.as_dict())
    database.close()
    return told


@pytest.mark.parametrize("seat", ["school", "shelter", "clients"])
def test_what_a_seat_is_told_is_the_same_whatever_another_seat_voted(tmp_path, seat):
    approve, decline = (told_after(vote, tmp_path, seat) for vote in Vote)
    assert approve == decline


def test_the_proposer_does_not_review(linked):
    release = linked.counted()
    refused(Rule.PROPOSER_DOES_NOT_REVIEW, linked.review, release, "shelter")


def test_a_seat_reviews_once(linked):
    release = linked.counted()
    linked.review(release, "clinic")
    refused(Rule.ONE_VOTE, linked.review, release, "clinic", Vote.DECLINE)


def test_a_review_is_of_the_manifest_that_was_read(linked):
    release = linked.counted()
    clinic = linked.coop.actors["clinic"]
    refused(Rule.SEEN_RELEASE, releases.review_release, linked.coop.desk, clinic, release, "0" * 64, Vote.APPROVE)
    assert linked.show(release).reviews_cast == 0


def test_nobody_reviews_what_is_not_counted(linked):
    refused(Rule.COUNTED_FIRST, linked.review, linked.propose(), "clinic")


def test_what_is_decided_is_not_reviewed_again(linked):
    release = linked.approved()
    refused("state", linked.review, release, "clinic", Vote.DECLINE)


def test_a_release_of_others_looks_like_none(linked):
    release = linked.counted()
    for act in (releases.show_release, releases.publish_release, releases.withdraw_release, releases.read_archive):
        with pytest.raises(NotFound) as foreign:
            act(linked.coop.desk, linked.coop.actors["pantry"], release)
        with pytest.raises(NotFound) as missing:
            act(linked.coop.desk, linked.coop.actors["pantry"], "0" * 32)
        assert str(foreign.value) == str(missing.value)
    with pytest.raises(NotFound):
        linked.review(release, "pantry")
    assert releases.list_releases(linked.coop.desk, linked.coop.actors["pantry"]) == []


@pytest.mark.parametrize(("votes", "end"), [("ADA", "approved"), ("DDA", "declined"), ("AAA", "approved")])
def test_a_quorum_smaller_than_all_decides_by_that_many_approvals_once_all_are_in(sqlite_coop, votes, end):
    linked = link(sqlite_coop, TWO_OF_FOUR)
    release = linked.counted()
    for seat, vote in zip(REVIEWERS, votes, strict=True):
        assert linked.state(release) == "proposed"
        linked.review(release, seat, Vote.APPROVE if vote == "A" else Vote.DECLINE)
    assert linked.state(release) == end


# --- reviews in time ---

TWO_WEEKS = TWO_OF_FOUR + "review_days = 14\n"


def test_the_view_says_who_is_waited_for_and_until_when(sqlite_coop, clock):
    linked = link(sqlite_coop, TWO_WEEKS)
    proposed = linked.show(linked.propose())
    assert (proposed.waiting_for, proposed.review_until) == ([], None)  # nothing to review yet
    count_all(linked.coop)
    release = proposed.release.id
    clock.wait(days=3)
    linked.review(release, "clinic")
    seen = linked.show(release)
    assert (seen.waiting_for, seen.review_until) == (["clients", "school"], "2026-12-07T12:00:00Z")


@pytest.mark.parametrize(
    ("votes", "end"), [("", "declined"), ("A", "declined"), ("AA", "approved"), ("AD", "declined"), ("DD", "declined")]
)
def test_when_its_time_is_over_the_reviews_that_are_in_decide_and_silence_approves_nothing(coop, clock, votes, end):
    linked = link(coop, TWO_WEEKS)
    release = linked.counted()
    for seat, vote in zip(REVIEWERS, votes, strict=False):
        linked.review(release, seat, Vote.APPROVE if vote == "A" else Vote.DECLINE)
    clock.wait(days=14, seconds=-1)
    keep_house(linked.coop.desk)
    assert linked.state(release) == "proposed"
    clock.wait(seconds=1)
    refused(Rule.REVIEW_PERIOD, linked.review, release, "school")
    keep_house(linked.coop.desk)
    seen = linked.show(release)
    assert seen.release.state == end
    assert dict(seen.votes) == {
        seat: Vote.APPROVE if vote == "A" else Vote.DECLINE for seat, vote in zip(REVIEWERS, votes, strict=False)
    }
    over, *_, decided = [event for event in linked.log() if event.subject.id == release][-2 - len(votes) :]
    assert (over.action, over.actor, decided.action) == ("release.review_over", "server", f"release.{end}")
    assert over.facts["silent"] == " ".join(REVIEWERS[len(votes) :])
    assert linked.coop.desk.blobs.has_key(release_blob(release)) is (end == "approved")
    keep_house(linked.coop.desk)  # once


def test_with_a_quorum_of_all_a_silent_seat_lets_a_release_end_declined(sqlite_coop, clock):
    linked = link(sqlite_coop, AGREEMENT + "review_days = 1\n")
    release = linked.counted()
    linked.review(release, "clinic"), linked.review(release, "clients")
    clock.wait(days=1)
    keep_house(linked.coop.desk)
    assert linked.state(release) == "declined"


def test_without_a_time_in_the_agreement_reviews_may_take_any(linked, clock):
    release = linked.counted()
    clock.wait(days=3000)
    keep_house(linked.coop.desk)
    assert (linked.state(release), linked.show(release).review_until) == ("proposed", None)


# --- a seat leaves ---


def test_the_release_is_decided_when_the_last_who_had_not_reviewed_leaves(linked):
    release = linked.counted()
    linked.review(release, "clinic"), linked.review(release, "clients")
    linked.leave("school")
    view = linked.show(release)
    assert (view.release.state, view.votes) == ("approved", {"clinic": Vote.APPROVE, "clients": Vote.APPROVE})


def test_the_vote_of_a_seat_that_leaves_does_not_count(linked):
    release = linked.counted()
    linked.review(release, "clinic", Vote.DECLINE)
    linked.leave("clinic")
    view = linked.show(release, "school")
    assert (view.release.state, view.reviewers, view.reviews_cast) == ("proposed", 2, 0)
    linked.review(release, "school"), linked.review(release, "clients")
    assert linked.show(release, "school").votes == {"school": Vote.APPROVE, "clients": Vote.APPROVE}
    assert linked.show(release, "school").release.state == "approved"


def test_nobody_left_to_review_approves_nothing(linked):
    release = linked.counted()
    for seat in REVIEWERS:
        linked.leave(seat)
    assert linked.show(release, "shelter").release.state == "proposed"


def test_a_seat_that_left_reviews_publishes_withdraws_and_fetches_nothing(linked):
    release = linked.counted()
    linked.leave("clinic")
    clinic, desk = linked.coop.actors["clinic"], linked.coop.desk
    refused(Rule.STILL_A_MEMBER, linked.review, release, "clinic")
    for act in (releases.publish_release, releases.withdraw_release, releases.read_archive):
        refused(Rule.STILL_A_MEMBER, act, desk, clinic, release)


def test_a_member_that_leaves_while_it_is_counted_ends_the_count_and_the_release(linked):
    release = linked.propose()
    linked.leave("clinic")
    count_all(linked.coop)
    assert linked.show(release, "school").release.state == "withdrawn"


# --- publishing, withdrawing, reading ---


def test_any_steward_who_takes_part_publishes_what_is_approved(linked):
    release = linked.published()
    assert linked.state(release) == "published"
    assert linked.log()[-1].action == "release.published"
    assert linked.log()[-1].seat == "school"


def test_what_is_not_approved_is_not_published(linked):
    release = linked.counted()
    refused("state", releases.publish_release, linked.coop.desk, linked.coop.actors["shelter"], release)
    assert linked.state(release) == "proposed"


def test_a_community_seat_reviews_and_does_not_publish(linked):
    with pytest.raises(Forbidden):
        releases.publish_release(linked.coop.desk, linked.coop.actors["clients"], linked.approved())


def test_under_review_only_the_proposers_seat_withdraws(linked):
    release = linked.counted()
    desk, actors = linked.coop.desk, linked.coop.actors
    refused(Rule.PROPOSER_WITHDRAWS, releases.withdraw_release, desk, actors["clinic"], release)
    assert releases.withdraw_release(desk, actors["shelter"], release).release.state == "withdrawn"
    assert linked.log()[-1].action == "release.withdrawn"


def test_what_was_withdrawn_under_review_never_shows_a_vote(linked):
    release = linked.counted()
    linked.review(release, "clinic", Vote.DECLINE)
    releases.withdraw_release(linked.coop.desk, linked.coop.actors["shelter"], release)
    assert linked.show(release, "school").votes is None
    assert not [event for event in linked.log() if "vote" in event.facts and event.subject.id == release]


def test_any_steward_who_takes_part_withdraws_what_is_published_and_its_files_go(linked):
    release = linked.published("analyst")
    desk, blob = linked.coop.desk, release_blob(release)
    assert desk.blobs.has_blob(blob)
    releases.withdraw_release(desk, linked.coop.actors["clinic"], release)
    assert not desk.blobs.has_key(blob)
    assert not desk.blobs.has_blob(blob)
    for who in ("clinic", "analyst"):
        with pytest.raises(NotFound):
            releases.read_archive(desk, linked.coop.actors[who], release)


def test_the_files_of_a_declined_release_go(linked):
    release = linked.counted()
    for seat in REVIEWERS:
        linked.review(release, seat, Vote.DECLINE)
    assert linked.state(release) == "declined"
    with pytest.raises(KeyGone):
        linked.coop.desk.blobs.key(release_blob(release))
    refused("state", releases.withdraw_release, linked.coop.desk, linked.coop.actors["shelter"], release)


def test_withdrawing_while_it_waits_to_be_counted_cancels_the_count(linked):
    release = linked.propose()
    releases.withdraw_release(linked.coop.desk, linked.coop.actors["shelter"], release)
    run = runs.show_run(linked.coop.desk, linked.coop.actors["shelter"], linked.show(release).release.count_run)
    assert (run.kind, run.state) == (RunKind.COUNT, "cancelled")
    assert [event.action for event in linked.log()].count("release.withdrawn") == 1


def test_cancelling_the_count_withdraws_the_release(linked):
    release = linked.propose()
    runs.cancel_run(linked.coop.desk, linked.coop.actors["clinic"], linked.show(release).release.count_run)
    assert linked.state(release) == "withdrawn"
    assert linked.log()[-1].action == "release.withdrawn"


def test_members_read_the_archive_once_it_is_counted(linked):
    release = linked.propose()
    desk, actors = linked.coop.desk, linked.coop.actors
    refused(Rule.COUNTED_FIRST, releases.read_archive, desk, actors["clinic"], release)
    count_all(linked.coop)
    read = {seat: releases.read_archive(desk, actors[seat], release) for seat in ("shelter", *REVIEWERS)}
    assert len(set(read.values())) == 1


@pytest.mark.parametrize("who", ["operator", "auditor"])
def test_who_runs_or_audits_the_server_reads_no_release(linked, who):
    with pytest.raises(Forbidden):
        releases.read_archive(linked.coop.desk, linked.coop.actors[who], linked.published("analyst"))


def test_an_analyst_sees_what_is_published_and_names_it_and_nothing_else(linked):
    linked.coop.add("other", Role.ANALYST)
    desk, analyst, other = linked.coop.desk, linked.coop.actors["analyst"], linked.coop.actors["other"]
    approved, unnamed = linked.approved("analyst"), linked.published()
    for release in (approved, unnamed):
        with pytest.raises(NotFound):
            releases.show_release(desk, analyst, release)
        with pytest.raises(NotFound):
            releases.read_archive(desk, analyst, release)
    assert releases.list_releases(desk, analyst) == []
    releases.publish_release(desk, linked.coop.actors["shelter"], approved)
    assert [view.release.id for view in releases.list_releases(desk, analyst)] == [approved]
    assert releases.read_archive(desk, analyst, approved)[0]
    assert releases.list_releases(desk, other) == []


def test_an_analyst_is_not_told_how_seats_voted_or_who_else_reads(linked):
    linked.coop.add("other", Role.ANALYST)
    release = linked.published("analyst", "other")
    view = linked.show(release, "analyst")
    assert (view.readers, view.votes, view.own_vote) == (["analyst"], None, None)
    assert linked.show(release, "clinic").readers == ["analyst", "other"]


# --- the project goes on or ends ---


@pytest.mark.parametrize("end", ["change", "close"])
def test_a_changed_agreement_or_a_closed_project_withdraws_what_is_not_published(linked, end):
    waiting, approved, published = linked.counted(), linked.approved(), linked.published("analyst")
    desk, clinic = linked.coop.desk, linked.coop.actors["clinic"]
    if end == "change":
        projects.change_agreement(desk, clinic, linked.project, AGREEMENT + "minimum_cell = 20\n")
    else:
        projects.close_project(desk, clinic, linked.project)
    assert [linked.state(one) for one in (waiting, approved, published)] == ["withdrawn", "withdrawn", "published"]
    assert releases.read_archive(desk, linked.coop.actors["analyst"], published)[0]


def test_a_published_release_that_did_not_come_with_a_restore_says_so(linked):
    release = linked.published("analyst")
    linked.coop.desk.blobs.destroy_key(release_blob(release))
    for reader in ("analyst", "clinic"):
        with pytest.raises(FilesGone, match="restored"):
            releases.read_archive(linked.coop.desk, linked.coop.actors[reader], release)
    assert (
        releases.withdraw_release(linked.coop.desk, linked.coop.actors["school"], release).release.state == "withdrawn"
    )
