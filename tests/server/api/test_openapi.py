"""The API is what its OpenAPI file says, and nothing that is sent makes the server fail.

After a change of the API: `python -m tests.server.api.test_openapi` writes the file anew.
"""

import asyncio
import json
import random
import shutil
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from requests import Request
from schemathesis import GenerationMode

from server.app import create_app
from tests.conftest import ROOT
from tests.server.api.asgi_call import call
from tests.server.api.test_matrix import CASES, World, desk_in
from tests.server.api.test_matrix import world as world  # the fixture

FILE = ROOT / "docs" / "openapi.json"
CASES_AN_OPERATION = 1000
ASKERS = ("shelter", "clinic", "clients", "operator", "analyst", "auditor", "anonymous")


def as_text(document: dict[str, object]) -> str:
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def test_the_file_is_the_api(sqlite_desk):
    assert FILE.read_text() == as_text(create_app(sqlite_desk).openapi())


def test_it_is_openapi_3_1():
    assert json.loads(FILE.read_text())["openapi"].startswith("3.1")


@pytest.mark.parametrize("route", sorted(case.route for case in CASES))
def test_nothing_that_is_sent_makes_the_server_fail(world: World, tmp_path: Path, route: str):
    """Generated requests, valid and not, by everybody, half of them about things that exist."""
    method, path = route.split(" ")
    shutil.copytree(world.folder, tmp_path / "copy")
    app = create_app(desk_in(tmp_path / "copy"))
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


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        FILE.write_text(as_text(create_app(desk_in(Path(folder))).openapi()))
