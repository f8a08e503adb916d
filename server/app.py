"""The API, built around a desk."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import FastAPI

from server.actions.desk import Desk
from server.api import accounts, audit, projects, releases, runs, uploads
from server.api.problems import add_problem_handlers


def create_app(desk: Desk) -> FastAPI:
    """An ASGI app; nothing in it outlives it but what the desk remembers."""
    app = FastAPI(
        title="waylink",
        summary="The co-op's server: governed by its members",
        version=version("waylink"),
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.desk = desk
    for routes in (accounts.router, projects.router, uploads.router, runs.router, releases.router, audit.router):
        app.include_router(routes)
    add_problem_handlers(app)
    return app
