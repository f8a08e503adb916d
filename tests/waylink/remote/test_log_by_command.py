"""`waylink audit`: what is kept, exported and proved, against the real API over HTTP."""

from __future__ import annotations

import json

import pytest

from server.domain.audit.events import Moment
from server.domain.audit.heads import read_head, sign_head, write_head
from server.domain.audit.merkle import Frontier, leaf_hash


@pytest.fixture
def kept(waylink, tmp_path):
    """A head that the clinic kept."""
    path = tmp_path / "head.json"
    assert waylink("clinic", "audit", "head", "--keep", path).status == 0
    return path


@pytest.fixture
def exported(waylink, agreement_file, kept):
    """An export of a log that has gone on since."""
    waylink("shelter", "project", "propose", agreement_file)
    path = kept.with_name("log.jsonl")
    said = waylink("auditor", "audit", "export", "--out", path, "--json")
    assert said.data["bytes"] == path.stat().st_size
    return path


def test_an_export_is_proved_offline_against_the_kept_head(waylink, exported, kept):
    said = waylink("", "audit", "verify", exported, "--head", kept, "--json")
    assert said.data["checks"] == [1, 2, 3, 4, 5, 6]
    assert said.data["kept_size"] == read_head(kept).size
    text = waylink("", "audit", "verify", exported, "--head", kept).out
    assert [line[:3] for line in text.splitlines()[:6]] == ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"]


def test_without_a_kept_head_the_checks_that_need_it_are_not_claimed(waylink, exported):
    assert waylink("", "audit", "verify", exported, "--json").data["checks"] == [1, 3, 4, 5]
    assert "not checked" in waylink("", "audit", "verify", exported).out


def test_an_altered_export_is_refused_with_the_check_that_failed(waylink, exported):
    exported.write_bytes(exported.read_bytes().replace(b"steward", b"stewart", 1))
    said = waylink("", "audit", "verify", exported, "--json")
    assert said.status == 3
    assert json.loads(said.out)["check"] == 3


def test_a_truncated_export_is_refused(waylink, exported):
    exported.write_bytes(exported.read_bytes()[:-1])
    assert waylink("", "audit", "verify", exported).status == 3


@pytest.mark.usefixtures("exported")
def test_the_server_proves_that_its_log_goes_on_from_the_kept_head(waylink, kept):
    checked = waylink("clinic", "audit", "check", "--head", kept, "--json").data
    assert checked["size"] > checked["kept_size"] == read_head(kept).size


@pytest.mark.usefixtures("exported")
def test_keeping_again_moves_the_kept_head_on(waylink, kept):
    before = read_head(kept).size
    assert waylink("clinic", "audit", "head", "--keep", kept).status == 0
    assert read_head(kept).size > before


@pytest.mark.usefixtures("exported")
@pytest.mark.parametrize("command", [("audit", "head", "--keep"), ("audit", "check", "--head")])
@pytest.mark.parametrize("field", ["root", "log_id", "signature"])
def test_a_log_that_does_not_go_on_from_the_kept_head_is_told_and_the_head_stays(waylink, kept, command, field):
    head = json.loads(kept.read_text())
    flipped = "0" if head[field][0] != "0" else "1"
    kept.write_text(json.dumps(head | {field: flipped + head[field][1:]}))
    before = kept.read_bytes()
    assert waylink("clinic", *command, kept).status == 3
    assert kept.read_bytes() == before


@pytest.mark.parametrize("events", [3, 10_000])
def test_a_log_that_was_cut_or_forked_by_the_holder_of_its_key_is_told(waylink, coop, kept, events):
    other = Frontier()
    for number in range(events):
        other.append(leaf_hash(b"%d" % number))
    signed = sign_head(coop.desk.log_key, other, at=Moment("2026-11-23T12:00:00Z"), last_at=None)
    write_head(kept, signed)
    for command in (("check", "--head"), ("head", "--keep")):
        said = waylink("clinic", "audit", *command, kept, "--json")
        assert said.status == 3
        assert json.loads(said.out)["check"] == 6
    assert read_head(kept) == signed


def test_who_may_not_read_the_log_gets_no_file(waylink, tmp_path):
    out = tmp_path / "log.jsonl"
    assert waylink("analyst", "audit", "export", "--out", out).status == 4
    assert not out.exists()
