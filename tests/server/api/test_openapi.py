"""The API is what its OpenAPI file says.

After a change of the API: `python -m tests.server.api.test_openapi` writes the file anew.
"""

import json
from pathlib import Path

from server.app import create_app
from tests.conftest import ROOT
from tests.server.api.test_matrix import desk_in

FILE = ROOT / "docs" / "openapi.json"


def as_text(document: dict[str, object]) -> str:
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


def test_the_file_is_the_api(sqlite_desk):
    assert FILE.read_text() == as_text(create_app(sqlite_desk).openapi())


def test_it_is_openapi_3_1():
    assert json.loads(FILE.read_text())["openapi"].startswith("3.1")


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        FILE.write_text(as_text(create_app(desk_in(Path(folder))).openapi()))
