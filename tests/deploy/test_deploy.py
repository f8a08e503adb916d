"""What is in deploy/ is checked as far as it can be without systemd running and without a container engine."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from server.premises.settings import read_settings
from tests.deploy.parsing import require_parsed

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
MOST_EXPOSED = 2.0
"""systemd's own measure, 0 to 10, smaller is better; "OK" is under 5."""

INSTALLED = "/opt/waylink/bin/waylink"
INSTRUCTIONS = {"FROM", "RUN", "WORKDIR", "COPY", "ENV", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "STOPSIGNAL"}
INSTRUCTIONS |= {"ENTRYPOINT", "CMD"}


@pytest.fixture
def units(tmp_path):
    """The units with a program that is there in place of ours, which is installed elsewhere."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    for unit in DEPLOY.glob("waylink*"):
        (tmp_path / unit.name).write_text(unit.read_text().replace(INSTALLED, "/bin/true"))
    return tmp_path


@pytest.mark.parametrize("name", ["waylink.service", "waylink-backup.service", "waylink-backup.timer"])
def test_systemd_finds_no_fault_in_a_unit(units, name):
    done = subprocess.run(["systemd-analyze", "verify", units / name], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_server_is_exposed_little(units):
    analyze = ["systemd-analyze", "security", "--offline=true", "--no-pager", units / "waylink.service"]
    done = subprocess.run(analyze, capture_output=True, text=True)
    exposure = re.search(r"exposure level for waylink.service: ([\d.]+)", done.stdout)
    assert exposure, done.stdout + done.stderr
    assert float(exposure[1]) <= MOST_EXPOSED


@pytest.mark.parametrize("name", ["waylink.service", "waylink-backup.service"])
def test_units_run_commands_that_there_are(name):
    text = (DEPLOY / name).read_text().replace("\\\n", " ")
    found = re.findall(rf"{INSTALLED} ([^;\n]+)", text)
    assert found
    for command in found:
        require_parsed(shlex.split(command))


def dockerfile() -> list[tuple[str, str]]:
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in text.splitlines() if line.strip()]


def test_the_dockerfile_has_known_instructions_and_begins_with_an_image():
    lines = dockerfile()
    assert lines[0][0] == "FROM"
    assert {instruction for instruction, _ in lines} <= INSTRUCTIONS


def test_what_the_dockerfile_copies_is_there_and_all_that_a_build_needs():
    copied = set()
    for instruction, words in dockerfile():
        if instruction == "COPY" and not words.startswith("--from"):
            copied |= set(words.split()[:-1])
    assert [name for name in copied if not (ROOT / name).exists()] == []
    packages = re.search(
        r"\[tool.scikit-build.wheel.packages\]\n(.*?)\n\n", (ROOT / "pyproject.toml").read_text(), re.S
    )
    assert packages
    assert set(re.findall(r'= "(.*)"', packages[1])) <= copied
    assert {"pyproject.toml", "CMakeLists.txt", "constraints.txt"} <= copied


def test_the_container_runs_our_command_and_not_as_root():
    last = dict(dockerfile())
    assert last["USER"] not in {"root", "0"}
    command = json.loads(last["ENTRYPOINT"]) + json.loads(last["CMD"])
    assert command[0] == "waylink"
    require_parsed(command[1:])
    assert "/healthz" in last["HEALTHCHECK"]


def compose() -> dict[str, dict[str, dict[str, object]]]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def test_the_composed_server_can_write_to_its_volumes_only():
    server = compose()["services"]["waylink"]
    assert server["read_only"] is True
    assert server["cap_drop"] == ["ALL"]
    assert server["security_opt"] == ["no-new-privileges:true"]
    assert "ports" not in server  # the proxy's door is the only one


def test_the_composition_names_only_what_it_has():
    composed = compose()
    for service in composed["services"].values():
        assert set(service.get("networks", [])) <= set(composed["networks"])
        for volume in service.get("volumes", []):
            source = str(volume).partition(":")[0]
            assert source in composed["volumes"] or (DEPLOY / source).exists(), source
        build = service.get("build")
        if build:
            assert (DEPLOY / build["context"] / build["dockerfile"]).resolve() == DEPLOY / "Dockerfile"


def test_postgresql_is_asked_for_by_a_profile():
    services = compose()["services"]
    assert [name for name, service in services.items() if service.get("profiles")] == ["postgres"]
    assert services["waylink"]["environment"] == {"WAYLINK_DATABASE_URL": "${WAYLINK_DATABASE_URL:-}"}


def test_an_empty_variable_is_as_none(monkeypatch):
    monkeypatch.setenv("WAYLINK_DATABASE_URL", "")
    assert read_settings({}).database_url is None
