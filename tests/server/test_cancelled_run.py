"""A run of three members with 30,000 records each, by a real `waylink serve`, is cancelled wherever it is."""

import time

import pytest
import urllib3

from server.premises.opening import desk_of
from server.premises.settings import read_settings
from tests.server.conftest import MEMBERS, set_up
from tests.server.delivered import deliver, encodings_of
from tests.server.running import serving, wait_for

PEOPLE = 60_000  # each member has half of them
SHARES = (0.0, 0.3)
"""Of the comparison, done when somebody cancels; the first time it has just been taken."""


@pytest.fixture
def coop(tmp_path):
    with desk_of(read_settings({"data": tmp_path / "data"}), make=True) as desk:
        yield set_up(desk)


def test_a_large_run_is_cancelled_at_any_stage_and_leaves_nothing_but_what_was_sent(coop, tmp_path):
    view = coop.approved()
    for encodings in encodings_of(view.agreement, MEMBERS, PEOPLE).values():
        deliver(coop.desk, view, encodings)
    sent = sorted(coop.desk.blobs.blob_names())
    with serving(tmp_path / "data") as server:

        def ask(method, path, **more):
            answer = urllib3.request(method, server.address + path, headers=coop.headers("clinic"), **more)
            assert answer.status < 300, answer.data
            return answer.json()

        for share in SHARES:
            run = ask("POST", f"/api/projects/{view.project.id}/runs", json={"kind": "link", "without": []})
            at = f"/api/runs/{run['id']}"
            wait_for(lambda at=at, share=share: has_come_to(ask("GET", at), share))
            asked = time.monotonic()
            ask("POST", f"{at}/cancel")
            ended = wait_for(lambda at=at: (seen := ask("GET", at))["state"] != "running" and seen)
            print(f"cancelled in {time.monotonic() - asked:.1f} s at {share:.0%}")  # told, not judged
            assert (ended["state"], ended["result"]) == ("cancelled", None)
            wait_for(lambda: sorted(coop.desk.blobs.blob_names()) == sent)
    assert sorted(coop.desk.blobs.key_names()) == sent


def has_come_to(run, share):
    if not share or run["state"] != "running":
        return run["state"] != "queued"
    told = run["progress"]
    return told is not None and told["stage"] == "comparing" and told["done"] >= share
