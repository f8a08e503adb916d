"""`waylink serve` as a real process: it comes up, keeps its workers alive, and ends when it is told to."""

import json
import os
import shlex
import signal
import ssl
import subprocess
import sys

import pytest
import urllib3

from server.actions.operation import live_workers
from server.premises.data_folder import LOG_KEY, LogKeyMissing
from server.premises.opening import desk_of
from server.premises.settings import read_settings
from tests.conftest import waylink
from tests.server.certificates import self_signed
from tests.server.running import PATIENCE, serving, start, wait_for


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_on_an_empty_folder_it_comes_up_and_says_how_to_make_the_first_steward(folder, tmp_path):
    with serving(folder) as server:
        assert server.wait_until_ready()["checks"] == dict.fromkeys(("database", "schema", "disk", "worker"), True)
        assert len(server.first_steps) == 3
        for step in server.first_steps:  # exactly as it is printed
            done = waylink(*shlex.split(step)[1:], cwd=tmp_path)
            assert done.returncode == 0, done.stderr
        token = (tmp_path / "shelter.token").read_text().strip()
        me = server.get("/api/me", token).json()
        assert (me["role"], me["seat"]) == ("steward", "shelter")
        assert server.process.poll() is None
    assert server.process.returncode == 0
    with serving(folder) as again:
        assert again.first_steps == []
        assert again.get("/api/me", token).status == 200


def test_for_people_it_says_so_in_words(folder):
    process = start(folder)
    try:
        said = [process.stdout.readline() for _ in range(5)]
    finally:
        process.terminate()
        process.wait(PATIENCE)
        process.stdout.close()
    assert said[0].startswith("waylink is up at http://127.0.0.1:")
    assert said[2].strip() == f"waylink admin seat add shelter --data {folder}"


def test_the_log_holds_json_only_and_no_token_body_path_or_address(folder, tmp_path):
    with serving(folder) as server:
        for step in server.first_steps:
            waylink(*shlex.split(step)[1:], cwd=tmp_path)
        token = (tmp_path / "shelter.token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}", "User-Agent": "Zebulonius"}
        body = json.dumps({"agreement": "Vandersmoot"}).encode()
        url = f"{server.address}/api/projects?x=Quackenbush"
        assert urllib3.request("POST", url, body=body, headers=headers).status == 422
        assert server.get("/api/projects/Winterbottom", token).status in {404, 422}
        urllib3.request("GET", server.address, headers={"Host": "a b", "X": "\x80"}, retries=False)
    said = server.log.read_text()
    lines = server.lines()  # each is JSON
    assert {"request", "worker.started", "server.stopped"} <= {line["event"] for line in lines}
    for word in (token, "Vandersmoot", "Zebulonius", "Quackenbush", "Winterbottom", "shelter", "127.0.0.1"):
        assert word not in said, word


def test_a_worker_that_dies_is_started_again(folder):
    with serving(folder) as server:
        server.wait_until_ready()
        (first,) = server.workers
        os.kill(first, signal.SIGKILL)
        (second,) = wait_for(lambda: [pid for pid in server.workers if pid != first])
        assert second != first
        died = [line for line in server.lines() if line["event"] == "worker.died"]
        assert died[0]["exit_status"] == -signal.SIGKILL
        server.wait_until_ready()


def test_as_many_workers_as_are_asked_for(folder):
    with serving(folder, "--workers", 2) as server:
        assert len(wait_for(lambda: len(server.workers) == 2 and server.workers)) == 2
        assert set(wait_for(lambda: len(live_workers(folder)) == 2 and live_workers(folder))) == {
            "worker-1",
            "worker-2",
        }
    with serving(folder, "--workers", 0) as server:
        assert server.wait_until_ready()["ready"] is True
        assert server.workers == []


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_all_of_it_well(folder, ending):
    with serving(folder) as server:
        server.wait_until_ready()
        workers = server.workers
        server.process.send_signal(ending)
        assert server.process.wait(PATIENCE) == 0
        assert [pid for pid in workers if is_there(pid)] == []
    assert live_workers(folder) == []
    assert not [line for line in server.lines() if line["level"] == "error"]


def test_workers_end_when_their_server_is_killed(folder):
    with serving(folder) as server:
        server.wait_until_ready()
        (worker,) = server.workers
        server.process.kill()
        wait_for(lambda: not is_there(worker))
    with serving(folder) as again:  # and nothing is in the way of the next one
        again.wait_until_ready()


def test_two_servers_on_one_folder_are_one_too_many(folder):
    with serving(folder) as server:
        second = start(folder)
        assert second.wait(PATIENCE) == 2
        second.stdout.close()
        assert "another `waylink serve` runs on this data folder" in server.log.read_text()
        assert server.get("/healthz").status == 200


def test_a_port_that_is_taken_is_told(folder, tmp_path):
    with serving(folder) as server:
        port = server.address.rpartition(":")[2]
        done = waylink("serve", "--data", tmp_path / "other", "--port", port)
    assert done.returncode == 2
    assert "cannot listen there" in done.stderr


def test_it_does_not_listen_in_clear_where_others_can_hear(folder):
    done = waylink("serve", "--data", folder, "--host", "0.0.0.0", "--json")  # noqa: S104 (refused)
    assert done.returncode == 2
    assert "--behind-proxy" in json.loads(done.stdout)["fix"]
    assert not folder.exists()


def test_it_does_not_start_on_a_log_without_its_key(folder):
    settings = read_settings({"data": folder})
    with desk_of(settings, make=True):
        pass
    (folder / LOG_KEY).unlink()
    done = waylink("serve", "--data", folder, "--port", 0, "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"] == LogKeyMissing.__name__


def test_with_a_certificate_it_speaks_tls(folder, tmp_path):
    certificate, key = self_signed(tmp_path)
    with serving(folder, "--tls-certificate", certificate, "--tls-key", key) as server:
        assert server.address.startswith("https://")
        trusting = urllib3.PoolManager(ssl_context=ssl.create_default_context(cafile=str(certificate)))
        answer = trusting.request("GET", f"{server.address}/healthz", retries=False)
        trusting.clear()
    assert answer.status == 200
    assert "Strict-Transport-Security" in answer.headers


def test_on_postgresql_it_needs_one_setting(folder, postgres):
    env = os.environ | {"WAYLINK_DATABASE_URL": postgres.new_database()}
    with serving(folder, env=env) as server:
        server.wait_until_ready()
    assert not (folder / "waylink.db").exists()


def test_a_key_that_is_open_to_others_is_warned_of_when_it_starts(folder, tmp_path):
    certificate, key = self_signed(tmp_path)
    key.chmod(0o644)
    process = start(folder, "--workers", 0, "--tls-certificate", certificate, "--tls-key", key)
    try:
        said = [process.stdout.readline() for _ in range(2)]
        assert said[1].startswith(f"warning: {key} holds the private key of the certificate and is open to others")
    finally:
        process.terminate()
        process.wait(PATIENCE)
        process.stdout.close()
    log = folder.with_suffix(".log").read_text()
    assert "settings.open_file" in log
    assert str(key) not in log


def test_a_restored_server_starts(folder, tmp_path):
    with serving(folder) as server:
        server.wait_until_ready()
        for step in server.first_steps:
            assert waylink(*shlex.split(step)[1:], cwd=tmp_path).returncode == 0
        backup = waylink("admin", "backup", tmp_path / "backup", "--data", folder)  # while it runs
        assert backup.returncode == 0, backup.stderr
    for name, options in (("new", ()), ("kept", ("--keep-tokens",))):
        done = waylink("admin", "restore", tmp_path / "backup", "--data", tmp_path / name, *options)
        assert done.returncode == 0, done.stderr
    token = (tmp_path / "shelter.token").read_text().strip()
    with serving(tmp_path / "new") as server:
        assert server.get("/api/me", token).status == 401  # it may have been revoked since
    with serving(tmp_path / "kept") as server:
        assert server.get("/api/me", token).status == 200
        assert server.get("/api/audit/head", token).json()["size"] == 4


def test_help_is_quick_because_nothing_of_the_server_is_loaded():
    heavy = "fastapi sqlalchemy uvicorn alembic pydantic structlog prometheus_client nacl"
    code = f"import sys, waylink.cli; sys.exit(' '.join(set('{heavy}'.split()) & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("process", ["server.serving.api_server", "server.worker.process"])
def test_a_server_that_waits_holds_no_mathematics(process):
    heavy = "numpy scipy pandas anonlink safetensors"
    code = f"import sys, {process}; sys.exit(' '.join(set('{heavy}'.split()) & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
