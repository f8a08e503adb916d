"""The steward's guide shows what a terminal shows: its sessions are run again, one after the other, and compared."""

import re
import shlex
from hashlib import sha256
from pathlib import Path

import pytest

from encoder.secret import Secret, write_secret
from tests.conftest import EXAMPLE, ROOT
from tests.encoder.steward_terminal import PROMPT, session

GUIDE = (ROOT / "docs" / "guides" / "steward.md").read_text(encoding="utf-8")
SESSIONS = re.findall(r"^```text\n(\$ waylink .*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The shelter of the example, with headers of its own, a secret and the agreement."""
    folder = tmp_path_factory.mktemp("steward")
    text = (EXAMPLE / "shelter_clients.csv").read_text(encoding="utf-8")
    header, _, rows = text.partition("\n")
    header = header.replace("FirstName", "On ID card").replace("Sex", "M or F")
    (folder / "clients.csv").write_text(f"{header}\n{rows}", encoding="utf-8")
    twice = rows.replace("1941-04-26", "1941-04-31", 1) + rows.splitlines(keepends=True)[5]
    (folder / "broken.csv").write_text(f"{header}\n{twice}", encoding="utf-8")
    for name in ("shelter_services.csv", "agreement.toml"):
        (folder / name.removeprefix("shelter_")).write_bytes((EXAMPLE / name).read_bytes())
    # not a random one: how alike two CLKs are depends a little on it, and so how many people look to be twice
    write_secret(Secret(sha256(b"the guide's").digest()), folder / "secret.txt")
    return folder


def test_the_guide_s_sessions_are_what_a_terminal_shows(folder):
    assert len(SESSIONS) >= 4
    for text in SESSIONS:
        command, _, shown = text.partition("\n")
        answers = [line.rpartition(PROMPT)[2] for line in shown.splitlines() if PROMPT in line]
        assert session(shlex.split(command)[2:], answers, folder) == shown.strip("\n"), command
