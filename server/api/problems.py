"""The one place where errors become HTTP problems (RFC 9457)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from schemas.errors import DataFault, Explained, NetworkFault, NotAllowed, PolicyRefusal, UsageFault
from server.domain.errors import (
    AlreadyThere,
    Busy,
    FilesGone,
    NoRoomLeft,
    NotAllReceived,
    NotFound,
    TokenRefused,
    TooLarge,
    WrongOffset,
)

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:waylink:problem:{name}"
Handler = Callable[[Request, Exception], JSONResponse]

STATUSES: Mapping[type[Explained], HTTPStatus] = {
    TokenRefused: HTTPStatus.UNAUTHORIZED,
    NotFound: HTTPStatus.NOT_FOUND,
    FilesGone: HTTPStatus.GONE,
    AlreadyThere: HTTPStatus.CONFLICT,
    WrongOffset: HTTPStatus.CONFLICT,
    NotAllReceived: HTTPStatus.CONFLICT,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    NoRoomLeft: HTTPStatus.INSUFFICIENT_STORAGE,
    Busy: HTTPStatus.CONFLICT,
    # the five kinds, for all others
    UsageFault: HTTPStatus.BAD_REQUEST,
    DataFault: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotAllowed: HTTPStatus.FORBIDDEN,
    PolicyRefusal: HTTPStatus.CONFLICT,
    NetworkFault: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""The first that fits counts: the order matters."""


def status_of(error: Explained) -> HTTPStatus:
    """The HTTP status of an error."""
    fitting = (status for kind, status in STATUSES.items() if isinstance(error, kind))
    return next(fitting, HTTPStatus.INTERNAL_SERVER_ERROR)


def add_problem_handlers(app: FastAPI) -> None:
    """Have every error that was foreseen answered with a problem; `Envelope` answers the others."""
    app.add_exception_handler(Explained, _hanging_up(_explained))
    app.add_exception_handler(RequestValidationError, _hanging_up(_malformed))
    app.add_exception_handler(HTTPException, _hanging_up(_refused_by_framework))


def problem(status: HTTPStatus, name: str, detail: str, **more: object) -> JSONResponse:
    """A problem as a response."""
    headers = {"WWW-Authenticate": "Bearer"} if status is HTTPStatus.UNAUTHORIZED else {}
    body = {"type": TYPE.format(name=name), "title": status.phrase, "status": int(status), "detail": detail}
    return JSONResponse(body | more, status, headers, MEDIA_TYPE)


def _hanging_up(handle: Handler) -> Handler:
    """Have the connection closed after a refused piece of an upload, or a body that took too long: what is left of it
    is not read."""

    def handled(request: Request, error: Exception) -> JSONResponse:
        answer = handle(request, error)
        if request.method == "PATCH" or answer.status_code == HTTPStatus.REQUEST_TIMEOUT:
            answer.headers["Connection"] = "close"
        return answer

    return handled


def answer_to(error: Exception) -> JSONResponse:
    """The answer to an error outside of FastAPI's reach; raises one that was not foreseen."""
    if not isinstance(error, Explained):
        raise error
    told: dict[str, Any] = {key: value for key, value in error.as_dict().items() if value != "" and key != "what"}
    return problem(status_of(error), str(told.pop("error")), error.what, **told)


def _explained(_: Request, error: Exception) -> JSONResponse:
    return answer_to(error)


def _malformed(_: Request, error: Exception) -> JSONResponse:
    """A body or parameter of another form than the API's: where and what rule, never what was sent."""
    if not isinstance(error, RequestValidationError):
        raise error
    faults = [{"where": ".".join(map(str, one["loc"])), "rule": one["msg"]} for one in error.errors()]
    return problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Malformed",
        "the request has not the form of the API",
        faults=faults,
    )


def _refused_by_framework(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    answer = problem(status, status.name.title().replace("_", ""), status.description or status.phrase)
    answer.headers.update(error.headers or {})
    return answer


def unexpected() -> JSONResponse:
    """The answer to a fault of the program; its text may hold anything, so nothing of it is told."""
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Unexpected", "something went wrong on the server; see its log")
