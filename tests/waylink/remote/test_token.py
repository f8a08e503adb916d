"""The access token: where it is found, and what is said of one that cannot be used."""

from __future__ import annotations

import os
import pickle
import sys
from types import ModuleType

import pytest

from schemas.errors import FileMissing
from server.domain.accounts import Role, new_token
from tests.waylink.remote.serving import Terminal
from waylink.remote.address import parse_address
from waylink.remote.errors import BadToken, NoToken
from waylink.remote.token import AccessToken, read_token, token_in_keyring

TEXT = new_token(Role.ANALYST, lambda n: bytes(range(n))).reveal()
SERVER = parse_address("https://coop.example.org/")


@pytest.mark.parametrize("content", [TEXT, f"{TEXT}\n", f"\ufeff{TEXT}\r\n", f"  {TEXT}  "])
def test_a_token_is_the_one_line_of_its_file(tmp_path, content):
    (tmp_path / "token").write_text(content, encoding="utf-8")
    assert read_token(tmp_path / "token").reveal() == TEXT


@pytest.mark.parametrize(
    "content",
    [b"", TEXT[:-1].encode(), TEXT.replace("_analyst_", "_steward_").encode(), f"{TEXT}\n{TEXT}".encode(), b"\xff\xfe"],
)
def test_what_is_no_token_is_refused_and_not_repeated(tmp_path, content):
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(BadToken) as caught:
        read_token(tmp_path / "token")
    assert TEXT[16:40] not in str(caught.value)


def test_a_token_that_would_break_a_header_is_refused():
    from server.domain.accounts import _check

    body = "waylink_x\r\nHost: evil_y"
    with pytest.raises(BadToken):
        AccessToken(f"{body}_{_check(body)}")


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(FileMissing):
        read_token(tmp_path / "none")


def test_a_token_is_not_pickled():
    with pytest.raises(TypeError):
        pickle.dumps(AccessToken(TEXT))


def keyring_with(kept: dict[tuple[str, str], str]) -> ModuleType:
    module = ModuleType("keyring")
    module.get_password = lambda service, user: kept.get((service, user))  # type: ignore[attr-defined]
    return module


def test_the_keyring_has_it_under_the_address_of_the_server(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", keyring_with({("waylink", "https://coop.example.org"): TEXT}))
    assert token_in_keyring(SERVER).reveal() == TEXT


def test_a_keyring_without_it_says_how_to_put_it_there(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", keyring_with({}))
    with pytest.raises(NoToken) as caught:
        token_in_keyring(SERVER)
    assert "keyring set waylink https://coop.example.org" in caught.value.fix


def test_a_keyring_that_breaks_is_one_without_a_token(monkeypatch):
    module = keyring_with({})
    module.get_password = lambda *_: 1 / 0  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)
    with pytest.raises(NoToken):
        token_in_keyring(SERVER)


def test_without_the_extra_the_file_is_asked_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(NoToken) as caught:
        token_in_keyring(SERVER)
    assert "--token-file" in caught.value.fix


@pytest.fixture
def terminal(monkeypatch, capsys, tmp_path) -> Terminal:
    (tmp_path / "me").write_text(TEXT)
    return Terminal(monkeypatch, capsys, "http://127.0.0.1:1", tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="files have no such permissions here")
@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o644, True)])
def test_a_file_that_others_can_read_is_warned_of(terminal, tmp_path, monkeypatch, mode, warned):
    (tmp_path / "me").chmod(mode)
    monkeypatch.setattr("waylink.remote.connection._TRIES_AGAIN", 0)
    assert ("others on this computer can read" in terminal("me", "me").err) is warned


def test_a_file_can_be_named_by_the_environment(terminal, tmp_path, monkeypatch):
    monkeypatch.setenv("WAYLINK_TOKEN_FILE", str(tmp_path / "none"))
    said = terminal("", "me")
    assert said.status == 2
    assert "no such token file" in said.err
