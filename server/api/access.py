"""Who asks: the access token of a request, and the desk at which its action is done."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from server.actions.accounts import identify
from server.actions.desk import Desk
from server.domain.accounts import Actor
from server.domain.errors import TokenRefused

_bearer = HTTPBearer(auto_error=False, description="an access token: `waylink_<role>_...`")


def desk_of(request: Request) -> Desk:
    """The desk that the app was built with."""
    desk: Desk = request.app.state.desk
    return desk


TheDesk = Annotated[Desk, Depends(desk_of)]


def actor_of(
    request: Request, desk: TheDesk, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Actor:
    """Whoever the bearer token belongs to; TokenRefused where there is none that works."""
    if given is None:
        raise TokenRefused
    actor = identify(desk, given.credentials)
    request.state.account = actor.account  # for the log's line
    return actor


TheActor = Annotated[Actor, Depends(actor_of)]
