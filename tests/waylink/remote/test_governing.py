"""Projects, votes, tokens, the register and the log by command, against the real API over HTTP."""

from __future__ import annotations

import json
import stat

import pytest

from schemas.agreement import load_agreement
from tests.server.conftest import AGREEMENT


@pytest.fixture
def project(waylink, agreement_file) -> str:
    """A project that the shelter proposed."""
    return waylink("shelter", "project", "propose", agreement_file, "--json").data["id"]


def test_a_proposed_project_has_the_digest_of_its_file_and_waits_for_the_others(waylink, agreement_file):
    proposed = waylink("shelter", "project", "propose", agreement_file, "--json").data
    assert proposed["agreement_digest"] == load_agreement(agreement_file).digest
    assert proposed["waiting_for"] == ["clients", "clinic", "school"]


def test_a_project_becomes_approved_when_all_have_voted(waylink, project, agreement_file):
    for seat in ("clients", "clinic", "school"):
        voted = waylink(seat, "approve", project, "--agreement", agreement_file, "--yes")
        assert voted.status == 0, voted.err
    assert waylink("clinic", "project", "show", project, "--json").data["state"] == "approved"
    assert "Pathways: approved" in waylink("clinic", "project", "show", project).out


def test_the_list_shows_whole_ids(waylink, project):
    said = waylink("clinic", "project", "list")
    assert project in said.out
    assert waylink("pantry", "project", "list").out == "no projects\n"


def test_an_agreement_is_read_out_before_it_is_voted_on(waylink, project):
    said = waylink("clinic", "approve", project, "--yes")
    assert 'purpose = "Plan together"' in said.err
    assert "hashed" in said.err


def test_approving_against_another_file_is_refused_and_casts_no_vote(waylink, project, tmp_path):
    other = tmp_path / "other.toml"
    other.write_text(AGREEMENT.replace("Plan together", "Sell it"))
    assert waylink("clinic", "approve", project, "--agreement", other, "--yes").status == 4
    assert "clinic" in waylink("clinic", "project", "show", project, "--json").data["waiting_for"]


def test_nobody_votes_without_being_asked_where_nobody_can_be_asked(waylink, project):
    said = waylink("clinic", "approve", project)
    assert said.status == 2
    assert "--yes" in said.err
    assert "clinic" in waylink("clinic", "project", "show", project, "--json").data["waiting_for"]


@pytest.mark.parametrize(("answer", "status"), [(True, 0), (False, 2)])
def test_whoever_is_asked_decides(waylink, project, monkeypatch, answer, status):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda *_, **__: answer)
    assert waylink("clinic", "approve", project).status == status
    waiting = waylink("clinic", "project", "show", project, "--json").data["waiting_for"]
    assert ("clinic" in waiting) is not answer


def test_declining_is_a_vote_too(waylink, project):
    assert waylink("clinic", "approve", project, "--decline", "--json").data["state"] == "declined"


def test_a_second_vote_is_refused_by_the_name_of_its_rule(waylink, project):
    said = waylink("shelter", "approve", project, "--yes")
    assert said.status == 6
    assert "rule: one-vote" in said.err
    again = waylink("shelter", "approve", project, "--json")
    assert json.loads(again.out)["rule"] == "one-vote"


def test_an_agreement_comes_back_word_for_word_and_never_over_a_file(waylink, project, tmp_path, agreement_file):
    out = tmp_path / "back.toml"
    assert waylink("clinic", "project", "agreement", project, "--out", out).status == 0
    assert out.read_bytes() == agreement_file.read_bytes()
    assert waylink("clinic", "project", "agreement", project, "--out", out).status == 2
    assert AGREEMENT.strip() in waylink("clinic", "project", "agreement", project).out


def test_a_linkage_schema_of_their_own_travels_with_the_agreement(waylink, tmp_path):
    schema = json.loads(json.dumps(load_agreement_schema()))
    schema["features"][0]["ignored"] = False
    (tmp_path / "own.json").write_text(json.dumps(schema | {"comment": "ours"}))
    mine = tmp_path / "own.toml"
    mine.write_text(AGREEMENT + 'linkage_schema = "own.json"\n')
    project = waylink("shelter", "project", "propose", mine, "--json").data["id"]
    there = tmp_path / "elsewhere"
    there.mkdir()
    files = waylink("clinic", "project", "agreement", project, "--out", there / "a.toml", "--json").data["files"]
    assert files == [str(there / "a.toml"), str(there / "own.json")]
    assert load_agreement(there / "a.toml").digest == load_agreement(mine).digest


def load_agreement_schema() -> dict[str, object]:
    from schemas.linkage_schema import load_linkage_schema

    return load_linkage_schema("person-v1").definition


def test_a_changed_agreement_is_asked_about_again(waylink, project, tmp_path):
    waylink("clinic", "approve", project, "--yes")
    other = tmp_path / "changed.toml"
    other.write_text(AGREEMENT.replace("quarter", "month"))
    changed = waylink("school", "project", "change", project, other, "--yes", "--json").data
    assert changed["agreement_digest"] == load_agreement(other).digest
    assert changed["waiting_for"] == ["clients", "clinic", "shelter"]


def test_leaving_and_closing_need_a_yes(waylink, project):
    assert waylink("clinic", "project", "leave", project).status == 2
    assert waylink("clinic", "project", "leave", project, "--json").status == 2
    assert waylink("clinic", "project", "leave", project, "--yes", "--json").data["left"] is True
    assert waylink("shelter", "project", "close", project).status == 2
    assert waylink("shelter", "project", "close", project, "--yes", "--json").data["state"] == "closed"


@pytest.mark.parametrize("command", ["close", "change"])
@pytest.mark.parametrize(("written", "status"), [("Pathways", 0), (" Pathways ", 0), ("pathways", 2), ("yes", 2)])
def test_what_undoes_the_work_of_all_is_done_by_who_writes_the_projects_name(
    waylink, project, tmp_path, monkeypatch, command, written, status
):
    other = tmp_path / "changed.toml"
    other.write_text(AGREEMENT.replace("quarter", "month"))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.prompt", lambda *_, **__: written)
    before = waylink("school", "project", "show", project, "--json").data
    assert waylink("school", "project", command, project, *[other] * (command == "change")).status == status
    after = waylink("school", "project", "show", project, "--json").data
    assert (before == after) is (status != 0)


def test_nothing_is_changed_where_nobody_can_be_asked(waylink, project, agreement_file):
    for options in ([], ["--json"]):
        said = waylink("school", "project", "change", project, agreement_file, *options)
        assert said.status == 2
        assert "nothing was done" in said.out + said.err


def test_a_foreign_project_looks_like_none(waylink, project):
    foreign, missing = (waylink("pantry", "project", "show", one) for one in (project, "0" * 32))
    assert (foreign.status, foreign.err) == (missing.status, missing.err)
    assert foreign.status == 2


@pytest.mark.parametrize("word", ["../me", "x", "A" * 32, "%2e%2e"])
def test_a_word_that_is_no_id_is_never_asked_about(waylink, word):
    said = waylink("clinic", "project", "show", word)
    assert said.status == 2
    assert "is not the id of a project" in said.err


def test_me_says_who_the_token_is_for(waylink):
    seen = waylink("clinic", "me", "--json").data
    assert (seen["role"], seen["seat"]) == ("steward", "clinic")


def test_a_new_token_is_written_for_its_owner_alone_works_and_can_be_revoked(waylink, token_files, coop):
    out = token_files / "second"
    made = waylink("clinic", "token", "new", "--out", out, "--scope", "read", "--days", 3)
    assert made.status == 0, made.err
    text = out.read_text().strip()
    coop.tokens["second"] = text  # it, too, must not be shown
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert waylink("second", "me", "--json").data["scopes"] == ["read"]
    listed = waylink("clinic", "token", "list", "--json").data["tokens"]
    (own,) = (one for one in listed if one["scopes"] == ["read"])
    assert waylink("clinic", "token", "revoke", own["id"]).status == 0
    assert waylink("second", "me").status == 4


def test_no_token_is_made_that_has_no_place(waylink, tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("something")
    assert waylink("clinic", "token", "new", "--out", taken).status == 2
    assert taken.read_text() == "something"
    assert len(waylink("clinic", "token", "list", "--json").data["tokens"]) == 1


def test_a_token_that_is_refused_leaves_no_empty_file(waylink, tmp_path):
    out = tmp_path / "none"
    assert waylink("clinic", "token", "new", "--out", out, "--days", 3000).status == 3
    assert not out.exists()


def test_the_register_needs_no_token(waylink, project):
    assert waylink("", "register").out == "no project was approved yet\n"
    for seat in ("clients", "clinic", "school"):
        waylink(seat, "approve", project, "--yes")
    (entry,) = waylink("", "register", "--json").data["projects"]
    assert entry["opt_out"] == "Tell any of them."
    assert "Tell any of them." in waylink("", "register").out
