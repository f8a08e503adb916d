"""The server's log: JSON lines on stderr, of named fields only, so that nothing of a request gets in by accident."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, TextIO

import structlog
from structlog.stdlib import ExtraAdder, ProcessorFormatter

FIELDS = (
    "request_id",
    "method",
    "route",
    "status",
    "ms",
    "account",
    "error",
    "place",
    "worker",
    "pid",
    "exit_status",
    "seconds",
    "address",
)
"""All that a line can say beside time, level and event."""

_OURS = ("server", "uvicorn")
"""The packages whose own words are shown. Of any other a warning's place: its words may hold an address or a value."""


def set_up_logs(level: str, stream: TextIO | None = None) -> None:
    """Send every log of this process to stderr (or `stream`), uvicorn's too."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[ExtraAdder(FIELDS)],
            processors=[_as_line, structlog.processors.JSONRenderer()],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in _OURS:
        logging.getLogger(name).setLevel(level.upper())


def place_of(error: BaseException) -> str:
    """Where an error was raised, `file:line`."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"


def _as_line(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The line's fields, in order. Of an exception its class and place: its text may hold anything."""
    record: logging.LogRecord = event["_record"]
    line: dict[str, Any] = {
        "time": structlog.processors.TimeStamper(fmt="iso", utc=True)(None, "", {})["timestamp"],
        "level": record.levelname.lower(),
        "event": event["event"] if record.name.partition(".")[0] in _OURS else f"said by {record.name}",
    }
    line |= {name: event[name] for name in FIELDS if name in event}
    _, error, _ = event.get("exc_info") or (None, None, None)
    if error is not None:
        line |= {"error": type(error).__name__, "place": place_of(error)}
    return line
