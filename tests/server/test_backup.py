"""Backups: made while the server runs, proved, and restored so that members can go on. On both databases."""

import json
import shutil
import stat
from contextlib import closing, contextmanager

import pytest
from sqlalchemy import text

from server.actions import accounts, projects
from server.actions import backup as backup_action
from server.actions.audit import export_log, read_latest_head
from server.actions.backup import make_backup
from server.actions.deletion import sweep
from server.actions.verify_backup import verify_backup
from server.domain.accounts import LOCAL_OPERATOR, SeatKind
from server.domain.audit.verify import verify_export
from server.domain.errors import TokenRefused
from server.domain.runs import RunKind, RunState
from server.domain.uploads import Part, UploadState
from server.premises.data_folder import LOG_KEY, DataFolderHeld, holding
from server.premises.opening import desk_of, open_desk
from server.premises.restoring import bring_up_to_date, restore
from server.premises.settings import read_settings
from server.store.audit import count_events, events_up_to
from server.store.backups.errors import BackupBroken, NotEmpty
from server.store.backups.manifest import NAME, files_in
from server.store.runs import RunRow
from server.store.schema import SchemaBehind, newest_revision, revision_of
from server.store.uploads import UploadRow, blob_of
from tests.server.conftest import MEMBERS, set_up
from tests.server.delivered import deliver, encodings_of

SERVICES = {f"{part}_bytes": 1 for part in Part} | {f"{part}_sha256": "0" * 64 for part in Part}


@pytest.fixture
def settings(data_folder, database_url, monkeypatch):
    monkeypatch.setenv("WAYLINK_DATABASE_URL", database_url)
    return read_settings({"data": data_folder})


@pytest.fixture
def elsewhere(request, settings, tmp_path, monkeypatch):
    """Settings of another machine: a new folder, and a new, empty database."""
    if settings.database.get_backend_name() == "sqlite":
        monkeypatch.delenv("WAYLINK_DATABASE_URL")
    else:
        monkeypatch.setenv("WAYLINK_DATABASE_URL", request.getfixturevalue("postgres").new_database())
    return read_settings({"data": tmp_path / "elsewhere"})


@pytest.fixture
def coop(settings, clock):
    desk = open_desk(settings, clock=clock)
    yield set_up(desk)
    desk.database.close()


@pytest.fixture
def delivered(coop):
    """A project whose members have all delivered; the uploads' ids by member."""
    view = coop.approved()
    sent = encodings_of(view.agreement, MEMBERS, 40)
    return view, {member: deliver(coop.desk, view, encodings) for member, encodings in sent.items()}


def back_up(coop, settings, folder):
    return make_backup(coop.desk, settings.data / LOG_KEY, folder)


def log_of(desk):
    with desk.reading() as session:
        return [event.action for event in events_up_to(session, count_events(session))]


@contextmanager
def resealed(folder):
    """Change a backup and make its manifest fit: what is left to be found is not the digests' business."""
    yield folder
    manifest = json.loads((folder / NAME).read_text())
    manifest["files"] = [vars(one) for one in files_in(folder)]
    (folder / NAME).write_text(json.dumps(manifest))


def states(desk, ids):
    with desk.reading() as session:
        return {member: session.get_one(UploadRow, upload).state for member, upload in ids.items()}


def test_the_restore_drill(coop, settings, elsewhere, delivered, tmp_path, clock):
    view, uploads = delivered
    kept = read_latest_head(coop.desk, coop.actors["auditor"])
    back_up(coop, settings, tmp_path / "backup")
    clock.wait(hours=1)
    accounts.create_seat(coop.desk, LOCAL_OPERATOR, "library", SeatKind.MEMBER)  # after the backup: lost

    done = restore(elsewhere, tmp_path / "backup")

    assert done.settled.uploads == 3
    with desk_of(elsewhere) as desk:
        # the log goes on from the backup, under the same key
        lines = list(export_log(desk, coop.actors["auditor"]))
        assert verify_export(lines, kept=kept, pinned=coop.desk.log_key.public).size > kept.size
        said = log_of(desk)[kept.size :]
        assert said[0] == "server.restored"
        assert said.count("upload.deleted") == 3
        assert said.count("encodings.destroyed") == said.count("services.destroyed") == 3
        assert set(states(desk, uploads).values()) == {UploadState.DELETED}
        assert desk.blobs.blob_names() == []
        # members go on: they get new tokens, the project is approved, they send again
        steward = accounts.identify(desk, accounts.issue_token(desk, LOCAL_OPERATOR, "shelter").text.reveal())
        assert projects.show_project(desk, steward, view.project.id).project.state == "approved"
        again = deliver(desk, view, encodings_of(view.agreement, MEMBERS, 40)["shelter"])
        assert states(desk, {"shelter": again}) == {"shelter": UploadState.ACCEPTED}
        assert "library" not in accounts.list_seats(desk, LOCAL_OPERATOR)
        accounts.create_seat(desk, LOCAL_OPERATOR, "library", SeatKind.MEMBER)


def test_with_the_old_keys_everything_can_be_read_again(coop, settings, elsewhere, delivered, tmp_path):
    _, uploads = delivered
    back_up(coop, settings, tmp_path / "backup")
    elsewhere.data.mkdir()
    shutil.copytree(settings.data / "keys", elsewhere.data / "keys")

    done = restore(elsewhere, tmp_path / "backup")

    assert (done.settled.uploads, done.settled.runs, done.settled.releases) == (0, 0, 0)
    with desk_of(elsewhere) as desk:
        assert set(states(desk, uploads).values()) == {UploadState.ACCEPTED}
        name = blob_of(uploads["shelter"], Part.ENCODINGS)
        before = coop.desk.blobs.read_blob(name, coop.desk.blobs.key(name))
        assert desk.blobs.read_blob(name, desk.blobs.key(name)) == before


def test_what_was_deleted_after_the_backup_stays_deleted(coop, settings, elsewhere, delivered, tmp_path):
    view, uploads = delivered
    back_up(coop, settings, tmp_path / "backup")
    projects.leave_project(coop.desk, coop.actors["clinic"], view.project.id)
    sweep(coop.desk)
    elsewhere.data.mkdir()
    shutil.copytree(settings.data / "keys", elsewhere.data / "keys")
    restore(elsewhere, tmp_path / "backup")
    with desk_of(elsewhere) as desk:
        assert states(desk, uploads) == {"clinic": "deleted", "school": "accepted", "shelter": "accepted"}


@pytest.mark.usefixtures("delivered")
def test_a_backup_holds_no_vault_key_and_is_open_to_its_owner_only(coop, settings, tmp_path):
    back_up(coop, settings, tmp_path / "backup")
    stored = b"".join(path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file())
    keys = [path.read_bytes() for path in (settings.data / "keys").iterdir()]
    assert len(keys) == 6
    assert not [key for key in keys if key in stored]
    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o700
    files = [path for path in (tmp_path / "backup").rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


@pytest.mark.usefixtures("delivered")
def test_a_backup_is_made_while_somebody_writes(coop, settings, tmp_path):
    with coop.desk.database.writing() as session:
        session.execute(text("UPDATE seats SET created_at = 'x' WHERE name = 'pantry'"))
        made = back_up(coop, settings, tmp_path / "backup")  # does not wait for the change, and does not see it
    assert made.blobs == 6
    assert verify_backup(tmp_path / "backup").blobs == 6


def test_what_goes_while_the_backup_is_made_is_no_loss(coop, settings, elsewhere, delivered, tmp_path, monkeypatch):
    view, uploads = delivered
    copy = backup_action.copy_database

    def copy_and_leave(database, session, folder):
        name = copy(database, session, folder)
        projects.leave_project(coop.desk, coop.actors["clinic"], view.project.id)
        sweep(coop.desk)
        return name

    monkeypatch.setattr(backup_action, "copy_database", copy_and_leave)
    made = back_up(coop, settings, tmp_path / "backup")
    assert (made.blobs, made.missing) == (4, [])
    assert len(verify_backup(tmp_path / "backup").manifest.gone) == 2
    restore(elsewhere, tmp_path / "backup")
    with desk_of(elsewhere) as desk:
        assert states(desk, uploads)["clinic"] == UploadState.DELETED


def works(desk, token: str) -> bool:
    try:
        accounts.identify(desk, token)
    except TokenRefused:
        return False
    return True


@pytest.mark.parametrize("keep", [False, True])
def test_no_token_of_before_works_after_a_restore_unless_that_is_asked_for(coop, settings, elsewhere, tmp_path, keep):
    back_up(coop, settings, tmp_path / "backup")
    leaked = coop.actors["school"].token
    accounts.revoke_token(coop.desk, LOCAL_OPERATOR, leaked)
    done = restore(elsewhere, tmp_path / "backup", keep_tokens=keep)
    assert done.settled.tokens == (0 if keep else len(coop.tokens))
    with closing((desk := open_desk(elsewhere, clock=coop.desk.clock)).database):
        assert [works(desk, token) for token in coop.tokens.values()] == [keep] * len(coop.tokens)
        with desk.reading() as session:
            events = list(events_up_to(session, count_events(session)))
        [restored] = [event for event in events if event.action == "server.restored"]
        assert restored.facts["tokens_kept"] is keep
        assert log_of(desk).count("token.revoked") == (0 if keep else len(coop.tokens))
        if not keep:  # and there is room for new ones
            again = accounts.issue_token(desk, LOCAL_OPERATOR, "school").text.reveal()
            assert accounts.identify(desk, again).seat == "school"


def test_a_blob_that_the_server_has_lost_is_told_and_found(coop, settings, delivered, tmp_path):
    _, uploads = delivered
    name = blob_of(uploads["school"], Part.SERVICES)
    coop.desk.blobs.delete_blob(name)
    assert back_up(coop, settings, tmp_path / "backup").missing == [name]
    with pytest.raises(BackupBroken) as broken:
        verify_backup(tmp_path / "backup")
    assert broken.value.check == 6


def test_what_is_being_received_is_not_backed_up_and_begun_anew(coop, settings, elsewhere, tmp_path):
    view = coop.approved()
    row = UploadRow(
        id="a" * 32,
        project_id=view.project.id,
        member="clinic",
        agreement_digest=view.agreement.digest,
        state=UploadState.RECEIVING,
        idempotency_key="k",
        created_at=coop.desk.now(),
        **SERVICES,
    )
    with coop.desk.database.writing() as session:
        session.add(row)
    name = blob_of(row.id, Part.ENCODINGS)
    with coop.desk.blobs.writer(name, coop.desk.blobs.new_key(name)) as writer:
        writer.write(bytes(100_000))
    assert back_up(coop, settings, tmp_path / "backup").blobs == 0
    restore(elsewhere, tmp_path / "backup")
    with desk_of(elsewhere) as desk:
        assert states(desk, {"clinic": row.id}) == {"clinic": UploadState.DELETED}


@pytest.mark.parametrize(("state", "ended"), [(RunState.QUEUED, "cancelled"), (RunState.RUNNING, "failed")])
def test_a_run_whose_encodings_cannot_be_read_any_more_is_ended(
    coop, settings, elsewhere, delivered, tmp_path, state, ended
):
    view, uploads = delivered
    run = RunRow(
        id="b" * 32,
        project_id=view.project.id,
        kind=RunKind.LINK,
        state=state,
        round=1,
        agreement_digest=view.agreement.digest,
        requested_by="shelter",
        uploads=uploads,
        created_at=coop.desk.now(),
        attempts=0,
        cancel_requested=False,
    )
    with coop.desk.database.writing() as session:
        session.add(run)
    back_up(coop, settings, tmp_path / "backup")
    assert restore(elsewhere, tmp_path / "backup").settled.runs == 1
    with desk_of(elsewhere) as desk, desk.reading() as session:
        found = session.get_one(RunRow, run.id)
        assert found.state == ended
        assert "restored" in found.error["what"]
        assert f"run.{ended}" in log_of(desk)


@pytest.mark.usefixtures("delivered")
def test_a_backup_is_written_whole_or_not_at_all(coop, settings, tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup_action, "write_manifest", full)
    with pytest.raises(Exception, match="No space left"):
        back_up(coop, settings, tmp_path / "backup")
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == []


def test_no_backup_goes_over_another(coop, settings, tmp_path):
    back_up(coop, settings, tmp_path / "backup")
    with pytest.raises(Exception, match="already there"):
        back_up(coop, settings, tmp_path / "backup")


def test_a_folder_that_is_not_empty_is_not_restored_into(coop, settings, elsewhere, tmp_path):
    back_up(coop, settings, tmp_path / "backup")
    elsewhere.data.mkdir()
    (elsewhere.data / "thesis.txt").write_text("mine")
    with pytest.raises(NotEmpty):
        restore(elsewhere, tmp_path / "backup")
    assert [path.name for path in elsewhere.data.iterdir()] == ["thesis.txt"]


def test_a_database_that_is_not_empty_is_not_restored_into(coop, settings, tmp_path):
    back_up(coop, settings, tmp_path / "backup")
    new = read_settings({"data": tmp_path / "new"})  # a new folder, but the old database
    with pytest.raises(NotEmpty):
        restore(new, tmp_path / "backup")
    assert list(new.data.iterdir()) == []


@pytest.mark.usefixtures("delivered")
def test_a_restore_that_fails_leaves_nothing(coop, settings, elsewhere, tmp_path, monkeypatch):
    back_up(coop, settings, tmp_path / "backup")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("server.store.blobs.folder.BlobFolder.take_in", full)
    with pytest.raises(Exception, match="No space left"):
        restore(elsewhere, tmp_path / "backup")
    assert {path.name for path in elsewhere.data.iterdir()} <= {"keys"}


ALTERED = {
    "no manifest": (1, lambda folder: (folder / NAME).unlink()),
    "another version": (1, lambda folder: rewrite(folder, version=2)),
    "a manifest with something else": (1, lambda folder: (folder / NAME).write_text("{}")),
    "a byte of the log": (2, lambda folder: flip(folder / "audit.jsonl")),
    "a byte of a blob": (2, lambda folder: flip(next((folder / "blobs").iterdir()))),
    "a blob less": (2, lambda folder: next((folder / "blobs").iterdir()).unlink()),
    "a file more": (2, lambda folder: (folder / "more").touch()),
    "another schema": (4, lambda folder: rewrite(folder, schema="9999")),
}


def rewrite(folder, **fields):
    manifest = json.loads((folder / NAME).read_text())
    (folder / NAME).write_text(json.dumps(manifest | fields))


def flip(file):
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.unlink()  # a hard link: the server's own stays as it is
    file.write_bytes(data)


@pytest.mark.parametrize("name", ALTERED)
@pytest.mark.usefixtures("delivered")
def test_an_altered_backup_is_found_out(coop, settings, tmp_path, name):
    back_up(coop, settings, tmp_path / "backup")
    check, alter = ALTERED[name]
    alter(tmp_path / "backup")
    with pytest.raises(BackupBroken) as broken:
        verify_backup(tmp_path / "backup")
    assert broken.value.check == check


@pytest.mark.usefixtures("delivered")
def test_a_database_that_does_not_open_is_found_out(coop, settings, tmp_path):
    back_up(coop, settings, tmp_path / "backup")
    with resealed(tmp_path / "backup") as folder:
        database = next(folder.glob("waylink.d*"))
        database.write_bytes(database.read_bytes()[:3000])
    with pytest.raises(Exception, match=r"check 3|cannot be read"):
        verify_backup(tmp_path / "backup")


def test_a_log_of_another_key_is_found_out(coop, settings, tmp_path):
    back_up(coop, settings, tmp_path / "backup")
    with resealed(tmp_path / "backup") as folder:
        (folder / LOG_KEY).write_bytes(bytes(range(32)))
    with pytest.raises(BackupBroken) as broken:
        verify_backup(tmp_path / "backup")
    assert broken.value.check == 5


@pytest.mark.usefixtures("delivered")
def test_a_blob_that_the_rows_promise_is_missed(coop, settings, tmp_path):
    back_up(coop, settings, tmp_path / "backup")
    with resealed(tmp_path / "backup") as folder:
        next((folder / "blobs").iterdir()).unlink()
    with pytest.raises(BackupBroken) as broken:
        verify_backup(tmp_path / "backup")
    assert broken.value.check == 6


@pytest.mark.usefixtures("delivered")
def test_a_cut_blob_is_found_by_its_size(coop, settings, tmp_path):
    back_up(coop, settings, tmp_path / "backup")
    with resealed(tmp_path / "backup") as folder:
        blob = next((folder / "blobs").iterdir())
        blob.unlink()
        blob.write_bytes(bytes(60))
    with pytest.raises(BackupBroken) as broken:
        verify_backup(tmp_path / "backup")
    assert broken.value.check == 6


def test_migrating_backs_up_first(coop, settings, tmp_path, monkeypatch):
    desk = coop.desk
    with desk.database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    monkeypatch.setattr("server.premises.restoring.known_revisions", lambda: ["0000", newest_revision()])
    upgraded = []
    monkeypatch.setattr("server.premises.restoring.migrate", lambda database: upgraded.append(to_newest(database)))
    done = bring_up_to_date(settings, tmp_path / "backup")
    assert (done.before, done.after, done.backup) == ("0000", newest_revision(), tmp_path / "backup")
    assert upgraded == ["0000"]
    assert json.loads((tmp_path / "backup" / NAME).read_text())["schema"] == "0000"
    assert revision_of(desk.database) == newest_revision()


def to_newest(database):
    before = revision_of(database)
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :new"), {"new": newest_revision()})
    return before


def test_a_current_schema_is_left_alone_and_a_newer_one_refused(coop, settings):
    done = bring_up_to_date(settings)
    assert (done.before, done.backup) == (newest_revision(), None)
    with coop.desk.database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaBehind, match="newer"):
        bring_up_to_date(settings)


def test_nothing_is_migrated_while_a_server_runs(settings, data_folder):
    data_folder.mkdir()
    with holding(settings.data), pytest.raises(DataFolderHeld):
        bring_up_to_date(settings)
