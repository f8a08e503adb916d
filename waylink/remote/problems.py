"""The one place where HTTP problems (RFC 9457) become errors: the mirror of `server/api/problems.py`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from waylink.remote.errors import (
    BadAnswer,
    BadRequest,
    Conflict,
    NoRoomThere,
    NotAccepted,
    NotPermitted,
    NotThere,
    RemoteError,
    RuleRefuses,
    ServerTrouble,
)

TYPE = "urn:waylink:problem:"
_BY_STATUS: Mapping[int, type[RemoteError]] = {
    401: NotPermitted,
    403: NotPermitted,
    404: NotThere,
    409: Conflict,
    413: NotAccepted,
    422: NotAccepted,
    408: ServerTrouble,
    429: ServerTrouble,
    507: NoRoomThere,
}
_STANDARD = {"type", "title", "status", "detail", "instance", "where", "fix", "rule"}
_TOKEN = re.compile(r"waylink_[a-z]+_[0-9A-Za-z_]+")
_MOST_TEXT = 2_000  # a problem is a few sentences
_SERVER_ERRORS = 500
_CLIENT_ERRORS = 400


def error_of(status: int, body: bytes, *, server: str) -> RemoteError:
    """The error that an answer of this status (300 or more) and body stands for.

    Its text is the problem's detail, fix and rule. A token that the server should have repeated is cut out of them.
    """
    if status < _CLIENT_ERRORS:
        return BadAnswer("sends its callers on to another address", where=server, fix="name that address with --server")
    problem = _problem_in(body)
    rule = _text(problem, "rule")
    kind = RuleRefuses if status == 409 and rule else _BY_STATUS.get(status, _kind_of_range(status))
    return kind(
        _text(problem, "detail") or f"the server answered {status}, and not as waylink does",
        where=_text(problem, "where") or _places(problem),
        fix=_text(problem, "fix") or _fix_for(kind, server),
        rule=rule,
        problem=_text(problem, "type").removeprefix(TYPE),
        more={key: value for key, value in problem.items() if key not in _STANDARD},
    )


def without_tokens(text: str) -> str:
    """A text with everything cut out of it that looks like an access token."""
    return _TOKEN.sub("(token)", text)


def _kind_of_range(status: int) -> type[RemoteError]:
    return ServerTrouble if status >= _SERVER_ERRORS else BadRequest


def _problem_in(body: bytes) -> dict[str, Any]:
    try:
        problem = json.loads(without_tokens(body.decode("utf-8")))
    except (ValueError, RecursionError):
        return {}
    return problem if isinstance(problem, dict) else {}


def _text(problem: Mapping[str, Any], key: str) -> str:
    value = problem.get(key, "")
    return value[:_MOST_TEXT] if isinstance(value, str) else ""


def _places(problem: Mapping[str, Any]) -> str:
    """Where a request has not the API's form: its fields and what is asked of them."""
    faults = problem.get("faults", [])
    lines = [f"{one.get('where')} ({one.get('rule')})" for one in faults if isinstance(one, dict)]
    return ", ".join(lines)[:_MOST_TEXT]


def _fix_for(kind: type[RemoteError], server: str) -> str:
    parts = urlsplit(server)
    if kind is NotThere and parts.path:
        return f"is the path of the server's address right? Mostly it has none: {parts.scheme}://{parts.netloc}"
    return "try again later, or ask the server's operator" if issubclass(kind, ServerTrouble) else ""
