"""A co-op on one machine: a real server on loopback, and people who give it commands in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schemas.errors import Explained
from waylink.exit_codes import OK

OPERATOR = "operator"
STOP_SECONDS = 15
"""How long a server may take to stop."""


class WentWrong(Explained):
    """A command of the story did not end as it has to."""


@dataclass(frozen=True)
class Done:
    """A command that has ended.

    Attributes:
        who: whose it was.
        words: after `waylink`.
        status: its exit status.
        said: on stdout.
        remarked: on stderr.
    """

    who: str
    words: Sequence[str]
    status: int
    said: str
    remarked: str

    @property
    def data(self) -> dict[str, Any]:
        """What a command with --json said."""
        answer: dict[str, Any] = json.loads(self.said)
        return answer


@dataclass(frozen=True)
class Loopback:
    """People with a folder each, and the address of their server.

    Attributes:
        root: holds a folder for everybody.
        address: the server's URL ("" before it runs).
    """

    root: Path
    address: str = ""

    @property
    def data(self) -> Path:
        """The server's data folder."""
        return self.home(OPERATOR) / "data"

    def home(self, who: str) -> Path:
        """Somebody's folder."""
        return self.root / who

    def token(self, who: str) -> Path:
        """Where somebody keeps the access token."""
        return self.home(who) / "token.txt"

    def run(self, who: str, *words: object) -> Done:
        """Have somebody give a command, in a process of its own and in their folder."""
        self.home(who).mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "waylink", *map(str, words)]
        done = subprocess.run(  # noqa: S603 (our own command)
            command, capture_output=True, text=True, cwd=self.home(who), env=self._environment(), check=False
        )
        return Done(who, list(map(str, words)), done.returncode, done.stdout, done.stderr)

    def must(self, who: str, *words: object) -> Done:
        """As `run`; WentWrong unless the command succeeds."""
        done = self.run(who, *words)
        if done.status != OK:
            raise WentWrong(f"{who}: waylink {' '.join(done.words)}: {done.remarked or done.said}".strip())
        return done

    def _environment(self) -> Mapping[str, str]:
        # a settings variable of whoever runs the story must not change it
        clean = {name: value for name, value in os.environ.items() if not name.startswith("WAYLINK_")}
        return clean | {"WAYLINK_SERVER": self.address, "WAYLINK_TOKEN_FILE": "token.txt"}


@dataclass
class ServerProcess:
    """A `waylink serve` that runs."""

    process: subprocess.Popen[str]
    address: str
    first_words: dict[str, Any] = field(default_factory=dict)


@contextmanager
def serving(people: Loopback, *flags: object) -> Iterator[ServerProcess]:
    """Run `waylink serve` on the operator's data folder while the block runs; its log goes beside it.

    Raises:
        WentWrong: it did not come up.
    """
    people.home(OPERATOR).mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "waylink", "serve", "--data", "data", "--port", "0", "--json", *map(str, flags)]
    log = people.home(OPERATOR) / "server.log"
    with log.open("a", encoding="utf-8") as told:
        process = subprocess.Popen(  # noqa: S603 (our own command)
            command,
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
            cwd=people.home(OPERATOR),
            env=people._environment(),
        )
    try:
        line = process.stdout.readline() if process.stdout else ""
        if not line:
            raise WentWrong("the server did not come up", where=str(log))
        words: dict[str, Any] = json.loads(line)
        yield ServerProcess(process, words["address"], words)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()
