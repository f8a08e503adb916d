"""Answers are held to their form; digests and private files keep their word."""

from __future__ import annotations

import base64
import hashlib
import stat
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import CannotWrite, OutputExists
from waylink.remote.answers import read_as
from waylink.remote.content_digest import HEADER, arrived_whole, content_digest
from waylink.remote.errors import BadAnswer
from waylink.remote.private_file import new_private_file


@dataclass(frozen=True)
class Inner:
    name: str
    share: float


@dataclass(frozen=True)
class Outer:
    count: int
    inner: Inner | None
    many: list[Inner]
    votes: dict[str, str] | None
    free: dict[str, Any]
    late: list[str] = field(default_factory=list)


names = st.text(max_size=5)
inners = st.builds(Inner, names, st.floats(allow_nan=False))
outers = st.builds(
    Outer,
    count=st.integers(),
    inner=st.none() | inners,
    many=st.lists(inners, max_size=3),
    votes=st.none() | st.dictionaries(names, names, max_size=3),
    free=st.dictionaries(names, st.none() | st.integers() | st.lists(names, max_size=2), max_size=3),
    late=st.lists(names, max_size=3),
)


@given(outers)
def test_what_has_the_form_comes_back_as_it_was(outer):
    assert read_as(Outer, asdict(outer) | {"a newer key": 1}) == outer


GOOD: dict[str, Any] = {"count": 1, "inner": None, "many": [{"name": "a", "share": 1}], "votes": None, "free": {}}


def test_what_a_form_has_a_default_for_may_be_missing():
    assert read_as(Outer, GOOD) == Outer(1, None, [Inner("a", 1.0)], None, {})


@pytest.mark.parametrize(
    "change",
    [
        {"count": True},
        {"count": 1.0},
        {"count": "1"},
        {"count": None},
        {"inner": []},
        {"inner": {"name": "a"}},
        {"many": {}},
        {"many": [None]},
        {"many": [{"name": 1, "share": 1}]},
        {"votes": {"a": 1}},
        {"free": None},
        {"late": "abc"},
    ],
)
def test_a_value_of_another_form_is_no_answer_and_its_place_is_named(change):
    with pytest.raises(BadAnswer, match=next(iter(change))):
        read_as(Outer, GOOD | change)


@pytest.mark.parametrize("key", GOOD)
def test_a_missing_key_is_named(key):
    with pytest.raises(BadAnswer, match=f"{key} is missing"):
        read_as(Outer, {name: value for name, value in GOOD.items() if name != key})


@pytest.mark.parametrize("value", [None, [], "x", 1])
def test_what_is_no_object_is_no_answer(value):
    with pytest.raises(BadAnswer):
        read_as(Outer, value)


@given(st.binary(max_size=100))
def test_a_body_is_whole_only_with_its_own_digest(data):
    assert content_digest(data) == f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"
    assert arrived_whole({HEADER: content_digest(data)}, data)
    assert arrived_whole({HEADER: f"md5=:AAAA:, {content_digest(data)}"}, data)
    assert not arrived_whole({HEADER: content_digest(data)}, data + b"\x00")
    assert not arrived_whole({}, data)
    assert not arrived_whole({HEADER: "x" + content_digest(data)}, data)


def test_a_private_file_is_its_owners_from_the_first_byte(tmp_path):
    path = tmp_path / "file"
    with new_private_file(path) as file:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        file.write(b"x")
    assert path.read_bytes() == b"x"
    with pytest.raises(OutputExists), new_private_file(path):
        pass
    assert path.read_bytes() == b"x"


@pytest.mark.parametrize(("fault", "told"), [(OSError(28, "No space left"), CannotWrite), (KeyError("x"), KeyError)])
def test_a_private_file_that_fails_goes_away(tmp_path, fault, told):
    path = tmp_path / "file"

    def half_write() -> None:
        with new_private_file(path) as file:
            file.write(b"half")
            raise fault

    with pytest.raises(told):
        half_write()
    assert not path.exists()


def test_a_private_file_in_no_folder_cannot_be_written(tmp_path):
    with pytest.raises(CannotWrite), new_private_file(tmp_path / "none" / "file"):
        pass


@pytest.mark.parametrize(
    "heavy",
    ["urllib3", "nacl", "jsonschema", "fastapi", "sqlalchemy", "server.actions", "server.store", "rich.table", "numpy"],
)
def test_the_commands_load_nothing_before_they_are_used(heavy):
    code = f"import sys, waylink.cli; sys.exit('{heavy}' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_no_command_takes_a_token_on_the_command_line():
    folder = Path(__file__).parents[3] / "waylink" / "remote" / "commands"
    options = [word for file in folder.glob("*.py") for word in file.read_text("utf-8").split('"') if word[:2] == "--"]
    assert "--token-file" in options
    assert "--token" not in options
