"""Uploads as actions, on both databases: one accepted upload a member, and nothing stays that should not."""

import hashlib
from dataclasses import replace

import pytest

from server.actions import projects, uploads
from server.actions.deletion import sweep
from server.actions.upload_completion import complete_upload
from server.actions.upload_expiry import expire_retained, expire_unfinished
from server.actions.upload_pieces import open_piece
from server.domain.accounts import LOCAL_OPERATOR
from server.domain.errors import AlreadyThere, Forbidden, NotFound, Refused, TooLarge
from server.domain.policies import Rule
from server.domain.runs import RunKind, RunState
from server.domain.upload_checks.refusals import ForeignAgreement, OtherSecret
from server.domain.uploads import MOST_UNFINISHED, DeclaredFile, Part, UploadState
from server.store.audit import count_events, events_up_to
from server.store.blobs import BlobFolder
from server.store.blobs.errors import BlobBusy
from server.store.runs import RunRow
from server.store.uploads import UploadRow, blob_of, withdrawn_tokens
from tests.server.conftest import AGREEMENT, MEMBERS
from tests.server.hostile import KEY_CHECK, OTHER_KEY_CHECK, Files, honest_upload, hostile_uploads
from tests.server.uploading import identities

TOKENS = ["0" * 32, "1" * 32]


@pytest.fixture
def view(coop):
    return coop.approved()


def begin(coop, view, files: Files, member="shelter", key="one"):
    return uploads.begin_upload(coop.desk, coop.actors[member], view.project.id, key, identities(files))[0]


def send_part(coop, upload_id, part: Part, data: bytes, member="shelter") -> None:
    piece = open_piece(coop.desk, coop.actors[member], upload_id, part, 0, hashlib.sha256(data).digest())
    try:
        piece.take(data)
        assert piece.finish() == len(data)
    finally:
        piece.close()


def send(coop, view, files: Files | None = None, member="shelter", key="one"):
    files = files or honest_upload(view.agreement, member)
    upload = begin(coop, view, files, member, key)
    for part in Part:
        send_part(coop, upload.id, part, getattr(files, part), member)
    return complete_upload(coop.desk, coop.actors[member], upload.id)


def linked(coop, view, uploads_of, state=RunState.DONE, kind=RunKind.LINK) -> str:
    """A run that used these uploads."""
    now, run = coop.desk.now(), coop.desk.new_id()
    row = RunRow(id=run, project_id=view.project.id, kind=kind, state=state, round=view.project.round)
    row.agreement_digest, row.requested_by, row.uploads = view.agreement.digest, "shelter", uploads_of
    row.created_at, row.ended_at = now, now if state is RunState.DONE else None
    with coop.desk.database.writing() as session:
        session.add(row)
    return run


def log_of(desk) -> list[str]:
    with desk.reading() as session:
        return [event.action for event in events_up_to(session, count_events(session))]


def state_of(coop, upload_id) -> UploadState:
    with coop.desk.reading() as session:
        return UploadState(session.get_one(UploadRow, upload_id).state)


def test_an_accepted_upload_says_how_many_records_it_has(coop, view):
    accepted = send(coop, view)
    assert (accepted.state, accepted.records) == (UploadState.ACCEPTED, 400)
    assert uploads.list_uploads(coop.desk, coop.actors["shelter"], view.project.id) == [accepted]


def test_nothing_is_taken_before_the_agreement_is_approved(coop):
    view = coop.propose()
    with pytest.raises(Refused) as refused:
        begin(coop, view, honest_upload(view.agreement, "shelter"))
    assert refused.value.rule == Rule.APPROVED_AGREEMENT


def test_a_folder_encoded_for_one_project_is_refused_by_another_of_nearly_the_same_agreement(coop, view):
    nearly = coop.approved(AGREEMENT.replace("Pathways", "Pathways too"))
    files = honest_upload(view.agreement, "shelter")
    assert send(coop, view, files).state is UploadState.ACCEPTED
    with pytest.raises(ForeignAgreement):
        send(coop, nearly, files)


def test_nothing_is_taken_from_who_has_left(coop, view):
    projects.leave_project(coop.desk, coop.actors["shelter"], view.project.id)
    with pytest.raises(Refused) as refused:
        begin(coop, view, honest_upload(view.agreement, "shelter"))
    assert refused.value.rule == Rule.STILL_A_MEMBER


@pytest.mark.parametrize("who", ["clients", "operator", "analyst", "auditor"])
def test_only_stewards_send(coop, view, who):
    with pytest.raises(Forbidden):
        begin(coop, view, honest_upload(view.agreement, "shelter"), who)


def test_a_key_belongs_to_its_member(coop, view):
    files = honest_upload(view.agreement, "shelter")
    assert begin(coop, view, files, "shelter").id != begin(coop, view, files, "clinic").id


def test_the_same_key_for_other_files_is_refused(coop, view):
    begin(coop, view, honest_upload(view.agreement, "shelter"))
    with pytest.raises(AlreadyThere):
        begin(coop, view, honest_upload(view.agreement, "shelter", seed=2))


def test_a_member_has_few_unfinished_uploads_and_the_oldest_goes(coop, view, clock):
    begun = []
    for number in range(MOST_UNFINISHED + 1):
        clock.wait(seconds=1)
        files = honest_upload(view.agreement, "shelter", seed=number)
        begun.append(begin(coop, view, files, key=str(number)).id)
    states = [state_of(coop, upload) for upload in begun]
    assert states == [UploadState.DELETED] + [UploadState.RECEIVING] * MOST_UNFINISHED
    assert not coop.desk.blobs.has_key(blob_of(begun[0], Part.ENCODINGS))


def test_more_records_than_the_server_takes_are_refused_by_the_files_length(coop, view):
    small = replace(coop.desk, limits=replace(coop.desk.limits, upload_records=1_000))
    files = dict.fromkeys(Part, DeclaredFile(1 << 20, "0" * 64))
    with pytest.raises(TooLarge):
        uploads.begin_upload(small, coop.actors["shelter"], view.project.id, "one", files)


def test_a_newer_upload_takes_the_place_of_the_older(coop, view):
    first = send(coop, view)
    second = send(coop, view, honest_upload(view.agreement, "shelter", seed=2), key="two")
    assert [state_of(coop, one.id) for one in (first, second)] == [UploadState.DELETED, UploadState.ACCEPTED]
    assert [coop.desk.blobs.has_key(blob_of(first.id, part)) for part in Part] == [False, False]
    assert log_of(coop.desk)[-4:] == [
        "upload.deleted", "upload.accepted", "encodings.destroyed", "services.destroyed",
    ]  # fmt: skip


def test_services_that_a_run_linked_stay_for_its_tables(coop, view):
    first = send(coop, view)
    linked(coop, view, {"shelter": first.id})
    send(coop, view, honest_upload(view.agreement, "shelter", seed=2), key="two")
    has_key = {part: coop.desk.blobs.has_key(blob_of(first.id, part)) for part in Part}
    assert has_key == {Part.ENCODINGS: False, Part.SERVICES: True}
    uploads.delete_own_upload(coop.desk, coop.actors["shelter"], first.id)  # the member wants them gone, too
    assert not coop.desk.blobs.has_key(blob_of(first.id, Part.SERVICES))


def test_what_a_run_is_using_is_not_replaced(coop, view):
    first = send(coop, view)
    linked(coop, view, {"shelter": first.id}, RunState.QUEUED)
    with pytest.raises(Refused) as refused:
        send(coop, view, honest_upload(view.agreement, "shelter", seed=2), key="two")
    assert refused.value.rule == Rule.ONE_RUN_AT_A_TIME
    assert state_of(coop, first.id) is UploadState.ACCEPTED


def test_an_upload_is_replaced_while_tables_are_counted(coop, view):
    first = send(coop, view)
    linked(coop, view, {"shelter": first.id})
    linked(coop, view, {"shelter": first.id}, RunState.RUNNING, RunKind.COUNT)
    send(coop, view, honest_upload(view.agreement, "shelter", seed=2), key="two")
    assert coop.desk.blobs.has_key(blob_of(first.id, Part.SERVICES))


def test_deleting_what_a_run_is_using_cancels_the_run(coop, view):
    first = send(coop, view)
    run = linked(coop, view, {"shelter": first.id}, RunState.RUNNING)
    uploads.delete_own_upload(coop.desk, coop.actors["shelter"], first.id)
    with coop.desk.reading() as session:
        assert session.get_one(RunRow, run).cancel_requested
    assert "run.cancel_requested" in log_of(coop.desk)


def test_members_need_not_agree_on_a_secret_with_their_own_older_upload(coop, view):
    send(coop, view, hostile_uploads(view.agreement, "shelter")["other secret"])
    assert send(coop, view, key="two").state is UploadState.ACCEPTED


def test_another_secret_than_the_other_members_is_refused(coop, view):
    send(coop, view, member="clinic")
    with pytest.raises(OtherSecret):
        send(coop, view, hostile_uploads(view.agreement, "shelter")["other secret"])


def wrong(view, member) -> Files:
    return hostile_uploads(view.agreement, member)["other secret"]


def refusal(coop, view, member, files=None, key="one") -> OtherSecret:
    with pytest.raises(OtherSecret) as refused:
        send(coop, view, files, member, key)
    return refused.value


def doubting(coop, view, member="shelter") -> list[list[str]]:
    return [one.doubting for one in uploads.list_uploads(coop.desk, coop.actors[member], view.project.id)]


def test_who_is_refused_for_its_secret_is_told_whose_it_is_unlike_and_who_can_do_what(coop, view):
    first = send(coop, view, wrong(view, "shelter"))
    told = refusal(coop, view, "clinic")
    assert "than the encodings of shelter" in told.what
    assert "if yours is wrong, encode again; if it is right, ask shelter" in told.fix
    assert doubting(coop, view) == [[]]
    assert uploads.show_upload(coop.desk, coop.actors["shelter"], first.id).doubting == []


def test_when_two_agree_on_another_secret_the_first_sender_is_told_and_its_new_upload_lets_them_in(coop, view):
    first = send(coop, view, wrong(view, "shelter"))
    refusal(coop, view, "clinic")
    told = refusal(coop, view, "school")
    assert "but with the same as that of clinic, refused too" in told.what
    assert told.fix.startswith("ask shelter to encode again")
    assert doubting(coop, view) == [["clinic", "school"]]
    assert uploads.show_upload(coop.desk, coop.actors["shelter"], first.id).doubting == ["clinic", "school"]
    assert doubting(coop, view, "clinic") == [[]]
    send(coop, view, key="two")
    assert doubting(coop, view) == [[], []]
    for member in ("clinic", "school"):
        assert send(coop, view, member=member, key="two").state is UploadState.ACCEPTED


def test_two_who_agree_on_another_secret_than_two_that_are_accepted_are_no_majority(coop):
    everybody = AGREEMENT.replace('"shelter"]', '"shelter", "pantry"]')
    view = coop.approved(everybody)
    for member in ("shelter", "pantry"):
        send(coop, view, wrong(view, member), member)
    refusal(coop, view, "clinic")
    told = refusal(coop, view, "school")
    assert "the encodings of pantry and shelter, but with the same as that of clinic" in told.what
    assert told.fix.startswith("compare your secret with pantry and shelter")
    assert doubting(coop, view) == doubting(coop, view, "pantry") == [[]]


@pytest.mark.parametrize("end", ["left", "tried again"])
def test_the_last_try_counts_of_those_who_take_part(coop, view, end):
    send(coop, view)
    for member in ("clinic", "school"):
        refusal(coop, view, member, wrong(view, member))
    assert doubting(coop, view) == [["clinic", "school"]]
    if end == "left":
        projects.leave_project(coop.desk, coop.actors["school"], view.project.id)
    else:
        send(coop, view, member="school", key="two")
    assert doubting(coop, view) == [[]]


def test_no_key_check_is_told_to_anybody_or_in_the_log(coop, view):
    send(coop, view)
    said = [str(refusal(coop, view, member, wrong(view, member)).as_dict()) for member in ("clinic", "school")]
    said += [repr(uploads.list_uploads(coop.desk, coop.actors[member], view.project.id)) for member in MEMBERS]
    with coop.desk.reading() as session:
        said += [repr(event) for event in events_up_to(session, count_events(session))]
    assert [text for text in said if KEY_CHECK in text or OTHER_KEY_CHECK in text] == []


def test_of_two_first_uploads_with_different_secrets_only_one_is_accepted(coop, view, monkeypatch):
    """The other member's upload is accepted while this one is being checked."""
    from server.domain import upload_checks

    files = hostile_uploads(view.agreement, "shelter")["other secret"]
    check = upload_checks.check_upload

    def check_and_be_overtaken(*args, **more):
        monkeypatch.setattr(upload_checks, "check_upload", check)
        checked = check(*args, **more)
        send(coop, view, member="clinic")
        return checked

    monkeypatch.setattr(upload_checks, "check_upload", check_and_be_overtaken)
    with pytest.raises(OtherSecret):
        send(coop, view, files)
    rejected = uploads.list_uploads(coop.desk, coop.actors["shelter"], view.project.id)
    assert [one.state for one in rejected] == [UploadState.REJECTED]
    assert len(coop.desk.blobs.blob_names()) == len(Part)  # the other member's


def test_an_upload_that_is_deleted_while_it_is_checked_is_not_accepted(coop, view, monkeypatch):
    from server.domain import upload_checks

    check = upload_checks.check_upload

    def check_and_lose(*args, **more):
        checked = check(*args, **more)
        [mine] = uploads.list_uploads(coop.desk, coop.actors["shelter"], view.project.id)
        uploads.delete_own_upload(coop.desk, coop.actors["shelter"], mine.id)
        return checked

    monkeypatch.setattr(upload_checks, "check_upload", check_and_lose)
    with pytest.raises(Refused) as refused:
        send(coop, view)
    assert refused.value.rule == "state"
    assert coop.desk.blobs.key_names() == []


def test_completing_is_done_by_one_request_at_a_time(coop, view):
    files = honest_upload(view.agreement, "shelter")
    upload = begin(coop, view, files)
    for part in Part:
        send_part(coop, upload.id, part, getattr(files, part))
    blob = blob_of(upload.id, Part.ENCODINGS)
    with coop.desk.blobs.writer(blob, coop.desk.blobs.key(blob)), pytest.raises(BlobBusy):
        complete_upload(coop.desk, coop.actors["shelter"], upload.id)
    assert complete_upload(coop.desk, coop.actors["shelter"], upload.id).state is UploadState.ACCEPTED


def test_an_upload_whose_blob_was_altered_on_the_disk_is_rejected(coop, view, data_folder):
    files = honest_upload(view.agreement, "shelter", records=3_000)
    upload = begin(coop, view, files)
    for part in Part:
        send_part(coop, upload.id, part, getattr(files, part))
    path = data_folder / "blobs" / blob_of(upload.id, Part.ENCODINGS)
    data = bytearray(path.read_bytes())
    data[1_000] ^= 1
    path.write_bytes(data)
    with pytest.raises(Exception, match="altered"):
        complete_upload(coop.desk, coop.actors["shelter"], upload.id)
    assert state_of(coop, upload.id) is UploadState.REJECTED


def test_an_upload_whose_keys_never_came_to_be_is_received_all_the_same(coop, view, monkeypatch):
    """A crash between the row and its keys."""
    files = honest_upload(view.agreement, "shelter")
    with monkeypatch.context() as patched:
        patched.setattr(uploads, "make_keys", lambda *_: None)
        upload = begin(coop, view, files)
    for part in Part:
        send_part(coop, upload.id, part, getattr(files, part))
    assert complete_upload(coop.desk, coop.actors["shelter"], upload.id).state is UploadState.ACCEPTED


def test_an_unfinished_upload_that_came_to_another_machine_without_its_keys_starts_again(coop, view, data_folder):
    files = honest_upload(view.agreement, "shelter", records=3_000)
    upload = begin(coop, view, files)
    send_part(coop, upload.id, Part.ENCODINGS, files.encodings)
    for key in (data_folder / "keys").iterdir():
        key.unlink()
    restored = replace(
        coop.desk, blobs=BlobFolder(data_folder, coop.desk.random_bytes), certain=type(coop.desk.certain)()
    )
    coop.desk = restored
    shown = uploads.show_upload(restored, coop.actors["shelter"], upload.id)
    assert shown.received == {Part.ENCODINGS: 0, Part.SERVICES: 0}
    for part in Part:
        send_part(coop, upload.id, part, getattr(files, part))
    assert complete_upload(restored, coop.actors["shelter"], upload.id).state is UploadState.ACCEPTED


def test_uploads_that_are_not_finished_in_time_are_deleted(coop, view, clock):
    late = begin(coop, view, honest_upload(view.agreement, "shelter"))
    clock.wait(hours=coop.desk.limits.unfinished_hours)
    early = begin(coop, view, honest_upload(view.agreement, "shelter", seed=2), key="two")
    assert expire_unfinished(coop.desk) == 0
    clock.wait(seconds=1)
    assert expire_unfinished(coop.desk) == 1
    assert [state_of(coop, one.id) for one in (late, early)] == [UploadState.DELETED, UploadState.RECEIVING]
    assert not coop.desk.blobs.has_key(blob_of(late.id, Part.SERVICES))


@pytest.mark.parametrize(("line", "days"), [("", 0), ("retention = 30", 30)])
def test_encodings_are_deleted_when_their_retention_is_over(coop, clock, line, days):
    view = coop.approved(AGREEMENT + line)
    upload = send(coop, view)
    clock.wait(days=400)
    assert expire_retained(coop.desk) == 0  # no run has used it
    linked(coop, view, {"shelter": upload.id})
    if days:
        clock.wait(days=days, seconds=-1)
        assert expire_retained(coop.desk) == 0
        clock.wait(seconds=1)
    assert expire_retained(coop.desk) == 1
    has_key = {part: coop.desk.blobs.has_key(blob_of(upload.id, part)) for part in Part}
    assert has_key == {Part.ENCODINGS: False, Part.SERVICES: True}
    assert log_of(coop.desk)[-2:] == ["upload.deleted", "encodings.destroyed"]


def test_encodings_that_a_run_is_using_outlive_their_retention(coop, view):
    upload = send(coop, view)
    linked(coop, view, {"shelter": upload.id})
    linked(coop, view, {"shelter": upload.id}, RunState.RUNNING)
    assert expire_retained(coop.desk) == 0


def test_the_sweep_leaves_what_is_being_received(coop, view):
    files = honest_upload(view.agreement, "shelter")
    upload = begin(coop, view, files)
    send_part(coop, upload.id, Part.ENCODINGS, files.encodings)
    assert sweep(coop.desk) == 0
    send_part(coop, upload.id, Part.SERVICES, files.services)
    assert complete_upload(coop.desk, coop.actors["shelter"], upload.id).state is UploadState.ACCEPTED


def test_withdrawn_records_are_kept_by_member(coop, view):
    for member in ("shelter", "clinic"):
        assert uploads.withdraw_records(coop.desk, coop.actors[member], view.project.id, TOKENS) == 2
    assert uploads.withdraw_records(coop.desk, coop.actors["clinic"], view.project.id, [*TOKENS, "2" * 32]) == 1
    with coop.desk.reading() as session:
        found = withdrawn_tokens(session, view.project.id)
    assert found == {"shelter": set(TOKENS), "clinic": {*TOKENS, "2" * 32}}


def test_many_records_are_withdrawn_at_once(coop, view):
    tokens = [f"{number:032x}" for number in range(10_000)]
    assert uploads.withdraw_records(coop.desk, coop.actors["shelter"], view.project.id, tokens) == 10_000
    assert uploads.withdraw_records(coop.desk, coop.actors["shelter"], view.project.id, tokens) == 0


def test_a_withdrawal_says_nothing_about_the_records_in_the_log(coop, view):
    uploads.withdraw_records(coop.desk, coop.actors["shelter"], view.project.id, TOKENS)
    with coop.desk.reading() as session:
        last = list(events_up_to(session, count_events(session)))[-1]
    assert (last.action, last.facts) == ("records.withdrawn", {})


def test_a_foreign_upload_looks_like_a_missing_one(coop, view):
    upload = begin(coop, view, honest_upload(view.agreement, "shelter"))
    told = set()
    for which in (upload.id, "0" * 32):
        with pytest.raises(NotFound) as missing:
            uploads.show_upload(coop.desk, coop.actors["clinic"], which)
        told.add(str(missing.value))
    assert len(told) == 1


def test_the_operator_at_the_keyboard_sees_no_upload(coop, view):
    upload = begin(coop, view, honest_upload(view.agreement, "shelter"))
    with pytest.raises(Forbidden):
        uploads.show_upload(coop.desk, LOCAL_OPERATOR, upload.id)
