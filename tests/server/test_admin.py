"""`waylink admin`: on the data folder, with the project's exit statuses, and no token where it could stay."""

import json
import stat

import pytest
from typer.testing import CliRunner

from server.cli import options as cli_options
from server.cli.admin import admin_app
from server.domain.accounts import LOCAL_OPERATOR
from server.premises.opening import desk_of
from server.premises.settings import read_settings
from server.store.audit import count_events, events_up_to
from tests.conftest import waylink
from waylink.console import Door
from waylink.exit_codes import exit_status


@pytest.fixture
def folder(tmp_path):
    with desk_of(read_settings({"data": tmp_path / "data"}), make=True):
        return tmp_path / "data"


@pytest.fixture(autouse=True)
def own_umask(monkeypatch):
    monkeypatch.setattr("server.cli.options.os.umask", lambda _: 0o022)


def admin(*words: object, folder=None) -> dict[str, object]:
    """Run a command in this process; gives back its JSON, or raises what it raised."""
    data = ["--data", str(folder)] if folder else []
    done = CliRunner().invoke(admin_app, [*map(str, words), *data, "--json"], obj=Door())
    if done.exception is not None:
        raise done.exception
    return json.loads(done.stdout)


def log_of(folder):
    with desk_of(read_settings({"data": folder})) as desk, desk.reading() as session:
        return list(events_up_to(session, count_events(session)))


@pytest.fixture
def steward(folder):
    admin("seat", "add", "shelter", folder=folder)
    admin("account", "add", "ann", "--role", "steward", "--seat", "shelter", folder=folder)
    return folder


def test_seats_and_accounts_are_made_and_shown(steward):
    admin("seat", "add", "clients", "--community", folder=steward)
    assert admin("seat", "list", folder=steward)["seats"] == [
        {"name": "clients", "kind": "community"},
        {"name": "shelter", "kind": "member"},
    ]
    (account,) = admin("account", "list", folder=steward)["accounts"]
    assert (account["name"], account["role"], account["seat"]) == ("ann", "steward", "shelter")
    admin("account", "disable", "ann", folder=steward)
    assert admin("account", "list", folder=steward)["accounts"][0]["disabled_at"]


def test_what_is_done_at_the_keyboard_is_in_the_log(steward):
    assert [(event.actor, event.action) for event in log_of(steward)] == [
        (LOCAL_OPERATOR.account, "seat.created"),
        (LOCAL_OPERATOR.account, "account.created"),
    ]


def test_a_token_goes_into_a_file_of_its_owner_alone_and_is_not_said(steward, tmp_path):
    made = admin("token", "new", "ann", "--out", tmp_path / "t", "--scope", "read", "--days", 3, folder=steward)
    token = (tmp_path / "t").read_text().strip()
    assert stat.S_IMODE((tmp_path / "t").stat().st_mode) == 0o600
    assert token.startswith("waylink_steward_")
    assert token not in json.dumps(made)
    with desk_of(read_settings({"data": steward})) as desk:
        from server.actions.accounts import identify

        assert identify(desk, token).scopes == {"read"}
    admin("token", "revoke", made["id"], folder=steward)
    assert [event.action for event in log_of(steward)][-2:] == ["token.issued", "token.revoked"]


def test_without_a_file_a_token_is_shown_on_a_terminal_only(steward, monkeypatch):
    with pytest.raises(Exception, match="terminal only") as refused:
        admin("token", "new", "ann", folder=steward)
    assert exit_status(refused.value) == 2
    assert len(log_of(steward)) == 2  # and none was made

    monkeypatch.setattr("server.cli.admin._is_terminal", lambda: True)
    shown = CliRunner().invoke(admin_app, ["token", "new", "ann", "--data", str(steward)], obj=Door())
    assert "waylink_steward_" in shown.stdout


def test_a_token_whose_file_is_there_is_not_made(steward, tmp_path):
    (tmp_path / "t").write_text("mine")
    with pytest.raises(Exception, match="already there"):
        admin("token", "new", "ann", "--out", tmp_path / "t", folder=steward)
    assert (tmp_path / "t").read_text() == "mine"
    assert len(log_of(steward)) == 2


def test_a_token_that_cannot_be_written_is_revoked(steward, tmp_path):
    with pytest.raises(Exception, match="cannot be written"):
        admin("token", "new", "ann", "--out", tmp_path / "no" / "t", folder=steward)
    assert [event.action for event in log_of(steward)][-2:] == ["token.issued", "token.revoked"]


def test_the_ids_of_an_accounts_working_tokens_are_shown_and_can_be_revoked(steward, tmp_path):
    old, new = (admin("token", "new", "ann", "--out", tmp_path / name, folder=steward)["id"] for name in "ab")
    admin("token", "revoke", old, folder=steward)
    (left,) = admin("token", "list", "ann", folder=steward)["tokens"]
    assert left["id"] == new
    assert (tmp_path / "b").read_text().strip() not in str(left)


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("seat", "add", "shelter"), 2),  # there already
        (("seat", "add", "a b"), 3),
        (("account", "add", "bob", "--role", "steward"), 3),  # without a seat
        (("account", "disable", "nobody"), 2),
        (("token", "revoke", "0" * 32), 2),
    ],
)
def test_errors_have_the_exit_status_of_their_kind(steward, words, status):
    with pytest.raises(Exception, match=r".") as refused:
        admin(*words, folder=steward)
    assert exit_status(refused.value) == status


def test_a_folder_without_data_is_not_made_by_mistake(tmp_path):
    done = waylink("admin", "seat", "add", "shelter", "--data", tmp_path / "typo", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"] == "NoDataFolder"
    assert not (tmp_path / "typo").exists()


def test_status_backup_and_its_age(folder, tmp_path):
    assert admin("status", folder=folder)["backup_age_seconds"] is None
    made = admin("backup", tmp_path / "backup", folder=folder)
    assert (made["blobs"], made["events"], made["missing"]) == (0, 0, [])
    assert admin("status", folder=folder)["backup_age_seconds"] >= 0
    assert admin("verify-backup", tmp_path / "backup")["schema"]
    assert admin("restore", tmp_path / "backup", "--data", tmp_path / "new")["uploads"] == 0
    assert admin("migrate", folder=folder)["backup"] is None


def test_without_the_servers_packages_it_says_what_to_install(folder, monkeypatch):
    monkeypatch.setattr(cli_options, "find_spec", lambda name: None if name == "fastapi" else object())
    with pytest.raises(cli_options.ServerNotInstalled, match=r"pip install 'waylink\[server\]'") as refused:
        admin("status", folder=folder)
    assert "fastapi" in refused.value.what
