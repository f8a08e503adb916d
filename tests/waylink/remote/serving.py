"""Real HTTP on loopback: an ASGI app behind uvicorn in a thread, and the command line called as a person would."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from waylink import cli


@contextmanager
def served(app: Any, **tls: str) -> Iterator[str]:
    """The address of an app that answers there until the block ends."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off", ws="none", **tls)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@dataclass
class Said:
    """What a command said, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        assert self.status == 0, self.err or self.out
        data: dict[str, Any] = json.loads(self.out)
        return data


@dataclass
class Terminal:
    """The command line, for one person at one server; notes all that was ever said on it."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    server: str
    tokens: Path
    all_said: list[str] = field(default_factory=list)

    def __call__(self, who: str, *words: object) -> Said:
        """Run `waylink WORDS` as somebody (`""`: without a token)."""
        options = ["--server", self.server] if words[:2] != ("audit", "verify") else []
        options += ["--token-file", str(self.tokens / who)] if who else []
        self.monkeypatch.setattr(sys, "argv", ["waylink", *map(str, words), *options])
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = Said(int(end.value.code or 0), *self.capsys.readouterr())
        self.all_said += [said.out, said.err]
        return said
