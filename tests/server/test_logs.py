"""The log: JSON lines of named fields, and nothing of what was asked."""

import io
import json
import logging

import pytest

from server.premises.logs import FIELDS, set_up_logs

SECRET = "Zebulonius"  # noqa: S105 (no secret: a test looks for it)


@pytest.fixture
def log():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    set_up_logs("info", stream)
    yield stream
    root.handlers[:], root.level = handlers, level
    for name in ("server", "uvicorn"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_line_has_time_level_event_and_its_fields(log):
    logging.getLogger("server.api").info("request", extra={"status": 200, "route": "/api/me"})
    (line,) = lines(log)
    assert line.pop("time").endswith("Z")
    assert line == {"level": "info", "event": "request", "route": "/api/me", "status": 200}


def test_a_field_that_is_not_named_is_not_logged(log):
    logging.getLogger("server.api").info("request", extra={"path": SECRET, "body": SECRET})
    assert SECRET not in log.getvalue()
    assert not {"path", "body", "token", "query"} & set(FIELDS)


@pytest.mark.parametrize("name", ["server.api", "uvicorn.error", "elsewhere"])
def test_of_an_exception_the_class_and_place_are_logged_never_the_text(log, name):
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger(name).exception("broke")
    (line,) = lines(log)
    assert line["error"] == "ValueError"
    assert str(line["place"]).startswith("test_logs.py:")
    assert SECRET not in log.getvalue()


def test_what_other_packages_say_is_not_repeated(log):
    logging.getLogger("httpx").info("GET /api/projects/%s", SECRET)
    logging.getLogger("sqlalchemy.pool").warning("could not close %s", SECRET)
    (line,) = lines(log)
    assert line["event"] == "said by sqlalchemy.pool"
    assert SECRET not in log.getvalue()


def test_uvicorn_speaks_through_the_same_log(log):
    logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)
    assert lines(log)[0]["event"] == "Started server process [7]"
