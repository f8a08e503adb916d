"""Routes that change threads once: an action waits for the database, and so works in a thread of its own.

FastAPI by itself changes threads again for each dependency that is no coroutine, and to check the answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute


class OneHop(APIRoute):
    """A route whose function is run in a thread, and everything else where requests come in."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:  # noqa: ANN401 (as FastAPI has them)
        given = endpoint if iscoroutinefunction(endpoint) else in_a_thread(endpoint)
        super().__init__(path, given, **options)


def in_a_thread(function: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """The same function, with the same parameters, to be awaited while a thread runs it."""

    @wraps(function)
    async def hop(**given: Any) -> Any:  # noqa: ANN401
        return await run_in_threadpool(function, **given)

    return hop
