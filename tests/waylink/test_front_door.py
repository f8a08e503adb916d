"""The front door: exit statuses, the console, start-up, and errors that nobody expected."""

import json
import subprocess
import sys

import pytest

from encoder.errors import EncoderError
from linkage.errors import LinkageError, ReleaseRefused, UnlikeEncodings, WrongAgreement
from schemas.errors import (
    BrokenFile,
    DataFault,
    Explained,
    NetworkFault,
    NotAllowed,
    OutputExists,
    PolicyRefusal,
    SchemasError,
    UsageFault,
)
from waylink import cli
from waylink.console import TerminalConsole
from waylink.exit_codes import exit_status

KINDS = {UsageFault: 2, DataFault: 3, NotAllowed: 4, NetworkFault: 5, PolicyRefusal: 6}


@pytest.mark.parametrize(("kind", "status"), KINDS.items())
def test_every_kind_of_error_has_its_exit_status(kind, status):
    assert exit_status(kind("x")) == status


@pytest.mark.parametrize(
    ("error", "status"),
    [(OutputExists, 2), (BrokenFile, 3), (UnlikeEncodings, 3), (WrongAgreement, 4), (ReleaseRefused, 6)],
)
def test_errors_of_the_zones_have_the_status_of_their_kind(error, status):
    assert exit_status(error("x")) == status


def leaves(base: type[Explained]) -> set[type[Explained]]:
    below = base.__subclasses__()
    return {leaf for one in below for leaf in leaves(one)} if below else {base}


@pytest.mark.parametrize("zone", [SchemasError, EncoderError, LinkageError])
def test_no_error_of_a_zone_is_without_a_kind(zone):
    assert [error for error in leaves(zone) if not issubclass(error, tuple(KINDS))] == []


def test_an_unexpected_error_never_shows_its_text(monkeypatch, capsys):
    def breaks() -> None:
        raise ValueError("invalid literal: 'Zebulonius Vandersmoot'")

    monkeypatch.setattr(cli, "app", breaks)
    monkeypatch.delenv("WAYLINK_DEBUG", raising=False)
    monkeypatch.setattr(sys, "argv", ["waylink"])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    said = "".join(capsys.readouterr())
    assert caught.value.code == 1
    assert "Zebulonius" not in said
    assert "ValueError at test_front_door.py" in said


def test_an_interrupt_says_that_nothing_was_written(monkeypatch, capsys):
    def stops() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "app", stops)
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert caught.value.code == 130
    assert "nothing was written" in capsys.readouterr().err


def test_an_interrupted_command_says_that_nothing_was_written(monkeypatch, capsys):
    def stops() -> None:
        raise SystemExit(130)  # as typer ends after Ctrl-C

    monkeypatch.setattr(cli, "app", stops)
    with pytest.raises(SystemExit):
        cli.main()
    assert "nothing was written" in capsys.readouterr().err


def test_no_sign_that_a_terminal_would_obey_is_printed(capsys):
    TerminalConsole(json=False).result("a\x1b[31mred\nline", {})
    assert capsys.readouterr().out == "a\ufffd[31mred\nline\n"


def test_with_json_the_result_is_one_object_and_nothing_else_is_said(capsys):
    console = TerminalConsole(json=True)
    console.remark("hello")
    with console.stage("work", 2) as advance:
        advance(2)
    console.result("text", {"a": 1})
    said = capsys.readouterr()
    assert json.loads(said.out) == {"a": 1}
    assert said.err == ""


def test_progress_is_quiet_where_there_is_no_terminal(capsys):
    with TerminalConsole(json=False).stage("work", 2) as advance:
        advance(2)
    assert "".join(capsys.readouterr()) == ""


def test_progress_is_shown_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    with TerminalConsole(json=False).stage("comparing", 2) as advance:
        advance(2)
    assert "comparing" in capsys.readouterr().err


@pytest.mark.parametrize("heavy", ["numpy", "pandas", "scipy", "clkhash", "anonlink"])
def test_help_loads_nothing_heavy(heavy):
    code = f"import sys, waylink.cli; sys.exit('{heavy}' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
