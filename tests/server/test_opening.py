"""Opening the desk: an empty folder is made ready, and nothing runs on what does not fit together."""

import stat

import pytest
from sqlalchemy import text

from server.actions import accounts
from server.domain.accounts import LOCAL_OPERATOR, SeatKind
from server.premises.data_folder import LOG_KEY, DataFolderHeld, LogKeyMissing, NoDataFolder, holding, read_log_key
from server.premises.opening import DatabaseAway, DriverMissing, desk_of, open_database, open_desk
from server.premises.settings import read_settings
from server.store.schema import SchemaBehind


@pytest.fixture
def settings(data_folder, database_url, monkeypatch):
    monkeypatch.setenv("WAYLINK_DATABASE_URL", database_url)
    return read_settings({"data": data_folder})


def test_an_empty_folder_is_made_ready_and_shut_to_others(settings):
    with desk_of(settings, make=True) as desk:
        accounts.create_seat(desk, LOCAL_OPERATOR, "shelter", SeatKind.MEMBER)
    assert stat.S_IMODE(settings.data.stat().st_mode) == 0o700
    assert stat.S_IMODE((settings.data / LOG_KEY).stat().st_mode) == 0o600
    with desk_of(settings) as again:
        assert list(accounts.list_seats(again, LOCAL_OPERATOR)) == ["shelter"]


def test_a_folder_without_data_is_refused_where_none_is_to_be_made(settings):
    with pytest.raises(NoDataFolder, match="waylink serve"):
        open_desk(settings, make=False)
    assert not settings.data.exists()


def test_a_database_of_another_version_is_refused(settings):
    with desk_of(settings, make=True) as desk, desk.database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(SchemaBehind, match="waylink admin migrate"):
        open_desk(settings)


def test_a_log_without_its_key_is_refused(settings):
    with desk_of(settings, make=True):
        pass
    (settings.data / LOG_KEY).unlink()
    with pytest.raises(LogKeyMissing, match="its key is not here"):
        open_desk(settings)
    assert read_log_key(settings.data) is None  # and none is made in its place


def test_the_key_of_another_log_is_refused(settings):
    with desk_of(settings, make=True) as desk:
        accounts.create_seat(desk, LOCAL_OPERATOR, "shelter", SeatKind.MEMBER)
    (settings.data / LOG_KEY).write_bytes(bytes(32))
    with pytest.raises(LogKeyMissing, match="another log"):
        open_desk(settings)


def test_a_cut_key_is_refused(settings):
    with desk_of(settings, make=True):
        pass
    (settings.data / LOG_KEY).write_bytes(bytes(31))
    with pytest.raises(LogKeyMissing, match="no key"):
        open_desk(settings)


def test_a_crash_between_key_and_schema_is_mended_at_the_next_start(data_folder):
    settings = read_settings({"data": data_folder})
    with desk_of(settings, make=True) as desk:
        key = desk.log_key.public
    settings.data.joinpath("waylink.db").unlink()
    with desk_of(settings, make=True) as desk:
        assert desk.log_key.public == key


def test_a_database_out_of_reach_is_told_without_its_address(data_folder, monkeypatch):
    monkeypatch.setenv("WAYLINK_DATABASE_URL", "postgresql://me:correct-horse@127.0.0.1:1/secretname")
    with pytest.raises(DatabaseAway) as away:
        open_desk(read_settings({"data": data_folder}))
    assert "secretname" not in str(away.value)
    assert "correct-horse" not in str(away.value)


def test_postgresql_without_its_packages_says_what_to_install(data_folder, monkeypatch):
    monkeypatch.setenv("WAYLINK_DATABASE_URL", "postgresql://host/x")
    monkeypatch.setattr("server.premises.opening.find_spec", lambda _: None)
    with pytest.raises(DriverMissing, match=r"waylink\[server,postgres\]"):
        open_database(read_settings({"data": data_folder}))


def test_a_data_folder_is_held_by_one_server_at_a_time(tmp_path):
    with holding(tmp_path), pytest.raises(DataFolderHeld), holding(tmp_path, wait=0):
        pytest.fail("two servers on one folder")
    with holding(tmp_path, wait=0):
        pass
