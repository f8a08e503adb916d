"""The API, built around a desk."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import FastAPI

from server.actions.desk import Desk
from server.actions.operation import Premises
from server.api import accounts, audit, operation, projects, releases, runs, uploads
from server.api.admission import Admission
from server.api.envelope import Envelope
from server.api.metrics import Metrics
from server.api.patience import Patience
from server.api.problems import add_problem_handlers


def create_app(desk: Desk, premises: Premises | None = None) -> FastAPI:
    """An ASGI app; nothing in it outlives it but what the desk remembers.

    Args:
        premises: where the server stands; without it there is no status and no metrics.
    """
    app = FastAPI(
        title="waylink",
        summary="The co-op's server: governed by its members",
        version=version("waylink"),
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.desk, app.state.premises, app.state.metrics = desk, premises, Metrics()
    app.state.patience = Patience()
    for routes in (accounts, projects, uploads, runs, releases, audit, operation):
        app.include_router(routes.router)
    add_problem_handlers(app)
    https = premises is not None and premises.https
    app.add_middleware(Admission, desk=desk)
    app.add_middleware(Envelope, metrics=app.state.metrics, random_bytes=desk.random_bytes, https=https)
    return app
