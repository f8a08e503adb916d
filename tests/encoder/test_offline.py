"""The encoder needs no network: it runs where there is none, and opens no socket where there is one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import EXAMPLE

ROOT = Path(__file__).parents[2]
PART = ("test_encode_folder.py", "test_receipt_page.py", "test_secret.py", "keeping/test_words.py", "hmis")
"""Tests of the whole way from a member's files to its folder, run without any network interface."""

ENCODE = """
import sys
sockets = []
sys.addaudithook(lambda event, args: sockets.append(event) if event.startswith("socket.") else None)
from waylink.cli import app
app(sys.argv[1:], standalone_mode=False)
sys.exit(f"sockets: {sockets}" if sockets else 0)
"""

REACH = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 9))"


@pytest.fixture(scope="module")
def alone():
    """How a command is run in a network namespace of its own, which has no interface that is up."""
    command = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
    try:
        tried = subprocess.run([*command, "true"], capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("this system has no unshare (util-linux)")
    if tried.returncode:
        pytest.skip(f"the kernel does not allow a network namespace here: {tried.stderr.strip()}")
    assert (
        "unreachable" in subprocess.run([*command, sys.executable, "-c", REACH], capture_output=True, text=True).stderr
    )
    return command


def encoding(tmp_path):
    """The arguments that encode the example's pantry."""
    subprocess.run([sys.executable, "-m", "waylink", "secret", "new", tmp_path / "s"], check=True, cwd=ROOT)
    files = (EXAMPLE / "pantry_clients.csv", "--services", EXAMPLE / "pantry_services.csv")
    who = ("--agreement", EXAMPLE / "agreement.toml", "--member", "pantry", "--secret", tmp_path / "s")
    return [*map(str, ("encode", *files, *who, "--out", tmp_path / "out"))]


def test_the_encoder_s_tests_pass_without_any_network(alone):
    tests = [str(ROOT / "tests" / "encoder" / name) for name in PART]
    command = [*alone, sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "passed" in done.stdout.splitlines()[-1] or "100%" in done.stdout


def test_encoding_opens_no_socket(tmp_path):
    done = subprocess.run([sys.executable, "-c", ENCODE, *encoding(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "receipt.json").exists()


def test_a_socket_would_be_noticed(tmp_path):
    opened = ENCODE.replace("from waylink", "import socket; socket.socket().close()\nfrom waylink")
    done = subprocess.run([sys.executable, "-c", opened, *encoding(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    assert "socket.__new__" in done.stderr
