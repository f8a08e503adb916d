"""Requests made up from the API's own description, and sent: none makes the server fail."""

import asyncio
import random
import shutil
from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from requests import Request
from schemathesis import GenerationMode

from server.app import create_app
from tests.server.api.asgi_call import call
from tests.server.api.test_matrix import CASES, World, desk_in

CASES_AN_OPERATION = 1000
ASKERS = ("shelter", "clinic", "clients", "operator", "analyst", "auditor", "anonymous")

READING = sorted(case.route for case in CASES if case.route.startswith("GET "))
CHANGING = sorted({case.route for case in CASES} - set(READING))


def never_fails_on(route: str, world: World, folder: Path) -> None:
    """Generated requests, valid and not, by everybody, half of them about things that exist."""
    method, path = route.split(" ")
    shutil.copytree(world.folder, folder)
    app = create_app(desk_in(folder))
    operation = schemathesis.openapi.from_asgi("/api/openapi.json", app)[path][method.lower()]
    strategy = st.one_of(operation.as_strategy(generation_mode=mode) for mode in GenerationMode)
    chance = random.Random(route)  # noqa: S311
    statuses: set[int] = set()

    @settings(
        max_examples=CASES_AN_OPERATION,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy)
    def never_fails(case: schemathesis.Case) -> None:
        case.path_parameters = {
            key: world.ids.get(key, value) if chance.random() < 0.5 else value
            for key, value in (case.path_parameters or {}).items()
        }
        asked = case.as_transport_kwargs(base_url="http://server", headers=world.headers[chance.choice(ASKERS)])
        answer = runner.run(call(app, Request(**asked).prepare()))
        statuses.add(int(answer.status))
        assert answer.status < 500, answer.body

    with asyncio.Runner() as runner:
        never_fails()
    assert statuses
