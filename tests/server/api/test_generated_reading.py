"""Nothing that is sent makes the server fail: the routes by which one reads."""

from pathlib import Path

import pytest

from tests.server.api.generated import READING, never_fails_on
from tests.server.api.test_matrix import World
from tests.server.api.test_matrix import world as world  # the fixture


@pytest.mark.parametrize("route", READING)
def test_nothing_that_is_sent_makes_the_server_fail(world: World, tmp_path: Path, route: str):
    never_fails_on(route, world, tmp_path / "copy")
