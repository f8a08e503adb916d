"""Who asks: the access token of a request, and the desk at which its action is done."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from server.actions.desk import Desk
from server.api.admission import ADMITTED, Admitted
from server.domain.accounts import Actor

_bearer = HTTPBearer(auto_error=False, description="an access token: `waylink_<role>_...`")


async def desk_of(request: Request) -> Desk:
    """The desk that the app was built with; a coroutine, or FastAPI would change threads for it."""
    desk: Desk = request.app.state.desk
    return desk


TheDesk = Annotated[Desk, Depends(desk_of)]


async def actor_of(
    request: Request,
    _: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],  # for the API's description
) -> Actor:
    """Whoever the bearer token belongs to; TokenRefused where there is none that works."""
    admitted: Admitted = getattr(request.state, ADMITTED)
    return admitted.actor


TheActor = Annotated[Actor, Depends(actor_of)]
