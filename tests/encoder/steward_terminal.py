"""A terminal with a steward at it: commands of the guide are run in a pseudo-terminal and answered as they ask."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

PROMPT = "on this screen: "
_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")
_BLANKS = re.compile(r"\n{3,}")  # where a bar was
_WAIT = 60  # seconds; a command that waits longer for nothing fails the test


def session(command: list[str], answers: list[str], folder: Path) -> str:
    """What a terminal shows of `waylink` with these words, each prompt answered; without progress bars.

    Raises:
        AssertionError: it asked more or less than was answered.
    """
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": "160", "TERM": "xterm"}
    words = [sys.executable, "-m", "waylink", *command]
    with subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs, cwd=folder, env=environment) as process:
        os.close(theirs)
        shown, left = "", list(answers)
        while part := _read(ours):
            shown += part
            if shown.endswith(PROMPT):
                assert left, f"asked for more: {shown[-400:]}"
                os.write(ours, f"{left.pop(0)}\n".encode())
        process.wait(_WAIT)
    os.close(ours)
    assert not left, f"never asked for {left}"
    lines = _CODES.sub("", shown).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    text = "\n".join(line.rstrip() for line in lines if "━" not in line).strip("\n")
    return _BLANKS.sub("\n\n", text)


def _read(terminal: int) -> str:
    try:
        return os.read(terminal, 1 << 16).decode("utf-8", "replace")
    except OSError:  # what Linux says when the other end is closed
        return ""
