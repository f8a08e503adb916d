"""Settings: what wins over what, and errors that name the setting and never what was set."""

import os

import pytest

from server.premises.open_files import open_files
from server.premises.settings import BadSettings, Settings, read_settings, settings_file, settings_from_line
from tests.server.certificates import self_signed

PASSWORD = "correct-horse"  # noqa: S105 (no secret: a test looks for it)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"WAYLINK_{name.upper()}", raising=False)


def test_without_anything_the_server_listens_on_this_machine_only():
    settings = read_settings({})
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8765, 1)
    assert settings.database.render_as_string() == "sqlite:///waylink-data/waylink.db"
    assert settings.worker_threads >= 1


def test_a_flag_wins_over_the_environment_over_the_file_over_the_default(tmp_path, monkeypatch):
    (tmp_path / "waylink.toml").write_text("port = 1\nworkers = 1\ntoken_days = 1\n")
    monkeypatch.setenv("WAYLINK_PORT", "2")
    monkeypatch.setenv("WAYLINK_WORKERS", "2")
    settings = read_settings({"data": tmp_path, "port": 3, "workers": None})
    assert (settings.port, settings.workers, settings.token_days, settings.unfinished_hours) == (3, 2, 1, 48)
    assert settings.limits.token_days == 1


def test_the_data_folder_may_come_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("WAYLINK_DATA", str(tmp_path))
    (tmp_path / "waylink.toml").write_text("port = 7")
    assert (read_settings({}).data, read_settings({}).port) == (tmp_path, 7)


def test_another_file_can_be_named(tmp_path):
    (tmp_path / "other.toml").write_text('data = "elsewhere"')
    assert str(read_settings({}, tmp_path / "other.toml").data) == "elsewhere"
    with pytest.raises(BadSettings, match="no such file"):
        read_settings({}, tmp_path / "missing.toml")


@pytest.mark.parametrize(
    ("name", "value"),
    [("port", 70_000), ("workers", -1), ("log_level", "loud"), ("token_days", 0), ("behind_proxy", "perhaps")],
)
def test_an_error_names_the_setting_and_every_way_to_set_it(name, value):
    with pytest.raises(BadSettings) as refused:
        read_settings({name: value})
    assert name in refused.value.what
    assert f"--{name.replace('_', '-')} or WAYLINK_{name.upper()} or {name} in waylink.toml" in refused.value.fix


def test_a_setting_that_there_is_not_is_refused(tmp_path):
    (tmp_path / "waylink.toml").write_text("prot = 7")
    with pytest.raises(BadSettings, match="prot"):
        read_settings({"data": tmp_path})


def test_a_file_in_the_data_folder_cannot_say_where_that_is(tmp_path):
    (tmp_path / "waylink.toml").write_text('data = "elsewhere"')
    with pytest.raises(BadSettings, match="cannot say where"):
        read_settings({"data": tmp_path})


@pytest.mark.parametrize(
    "url", [f"mysql://me:{PASSWORD}@host/x", f"postgresql://me:{PASSWORD}@host:port/x", f"nonsense {PASSWORD}"]
)
def test_an_error_never_shows_the_databases_password(url, monkeypatch):
    monkeypatch.setenv("WAYLINK_DATABASE_URL", url)
    with pytest.raises(BadSettings) as refused:
        read_settings({})
    assert PASSWORD not in str(refused.value) + repr(refused.value.__cause__)
    assert "--database-url" not in refused.value.fix  # others can read a process's command line


def test_a_file_that_is_no_toml_is_not_quoted(tmp_path):
    (tmp_path / "waylink.toml").write_text(f"database_url = {PASSWORD}")
    with pytest.raises(BadSettings) as refused:
        read_settings({"data": tmp_path})
    assert PASSWORD not in str(refused.value)


FILES = [
    # its mode, what it says, whether a warning is due
    (0o644, f'database_url = "postgresql://me:{PASSWORD}@host/x"', True),
    (0o644, f'database_url = "postgresql://host/x?password={PASSWORD}"', True),
    (0o604, f'database_url = "postgresql://me:{PASSWORD}@host/x"', True),
    (0o640, f'database_url = "postgresql://me:{PASSWORD}@host/x"', False),  # its own group
    (0o600, f'database_url = "postgresql://me:{PASSWORD}@host/x"', False),
    (0o644, 'database_url = "postgresql://host/x"', False),
    (0o644, "port = 5", False),
]


@pytest.mark.skipif(os.name != "posix", reason="no modes")
@pytest.mark.parametrize(("mode", "said", "open_"), FILES)
def test_a_settings_file_with_a_password_that_is_open_to_others_is_named(tmp_path, mode, said, open_):
    file = tmp_path / "waylink.toml"
    file.write_text(said)
    file.chmod(mode)
    found = open_files(read_settings({}, file), settings_file({}, file))
    assert list(found.values()) == [file] * open_


def test_so_is_a_private_key(tmp_path):
    certificate, key = self_signed(tmp_path)
    key.chmod(0o644)
    settings = read_settings({"tls_certificate": certificate, "tls_key": key})
    assert list(open_files(settings, tmp_path / "none.toml").values()) == [key]
    key.chmod(0o600)
    assert open_files(settings, tmp_path / "none.toml") == {}


def test_a_password_is_not_shown_by_the_settings_and_reaches_a_worker(monkeypatch):
    monkeypatch.setenv("WAYLINK_DATABASE_URL", f"postgresql://me:{PASSWORD}@host/x")
    settings = read_settings({"port": 5})
    assert PASSWORD not in repr(settings) + str(settings)
    monkeypatch.delenv("WAYLINK_DATABASE_URL")
    again = settings_from_line(settings.as_line())
    assert again.model_dump() == settings.model_dump()
    assert again.database.password == PASSWORD
    assert again.database.drivername == "postgresql+psycopg"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "example.org"])  # noqa: S104 (refused)
def test_an_open_address_without_tls_is_refused(host):
    with pytest.raises(BadSettings, match="in clear"):
        read_settings({"host": host}).require_safe_door()
    read_settings({"host": host, "behind_proxy": True}).require_safe_door()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_this_machine_needs_no_tls(host):
    read_settings({"host": host}).require_safe_door()


def test_tls_by_halves_is_refused(tmp_path):
    certificate = tmp_path / "cert.pem"
    certificate.touch()
    with pytest.raises(BadSettings, match="both"):
        read_settings({"tls_certificate": certificate}).require_safe_door()
    with pytest.raises(BadSettings, match="cannot be read"):
        read_settings({"tls_certificate": certificate, "tls_key": tmp_path / "missing"}).require_safe_door()


def test_a_certificate_with_a_key_that_is_not_its_own_is_refused_before_anything_starts(tmp_path):
    pairs = [self_signed(tmp_path, name) for name in ("one", "two")]
    (certificate, key), (_, other) = pairs
    read_settings({"tls_certificate": certificate, "tls_key": key}).require_safe_door()
    locked = self_signed(tmp_path, "locked", password="x")  # noqa: S106 (nobody's)
    for wrong in ((certificate, other), (key, certificate), locked):
        with pytest.raises(BadSettings, match="belongs to it"):
            read_settings({"tls_certificate": wrong[0], "tls_key": wrong[1]}).require_safe_door()
