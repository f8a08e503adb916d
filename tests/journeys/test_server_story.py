"""A co-op's whole story, by its people's commands: real processes, HTTP on loopback, the example's files."""

import csv
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest

from server.domain.audit.export import open_export, read_export
from tests.conftest import EXAMPLE, MEMBERS
from waylink.loopback import OPERATOR, Done, Loopback, serving

COMMUNITY = "clients"
VOTERS = (*MEMBERS, COMMUNITY)
PROPOSER = "shelter"
REVIEWERS = tuple(voter for voter in VOTERS if voter != PROPOSER)
USAGE, DATA, NOT_ALLOWED, POLICY = 2, 3, 4, 6
BACK = 300  # records that a member takes back


class Story(Loopback):
    """The people of the story. What one chapter leaves, the next one finds."""

    def told(self, who: str, *words: object) -> dict:
        return self.must(who, *words, "--json").data

    def refused(self, who: str, *words: object, status: int, rule: str = "") -> Done:
        done = self.run(who, *words)
        assert done.status == status, (done.said, done.remarked)
        assert rule in done.remarked
        assert "Traceback" not in done.remarked
        return done

    def project(self) -> str:
        return self.told(PROPOSER, "project", "list")["projects"][0]["id"]

    def runs(self, kind: str, state: str) -> list[dict]:
        listed = self.told(PROPOSER, "run", "list", self.project())["runs"]
        return [run for run in listed if (run["kind"], run["state"]) == (kind, state)]

    def release(self) -> dict:
        return self.told(PROPOSER, "release", "list")["releases"][0]

    def log(self, who: str = "auditor") -> list[str]:
        file = self.home(who) / "look.jsonl"
        file.unlink(missing_ok=True)
        self.must(who, "audit", "export", "--out", file.name)
        with open_export(file) as lines:
            return [line.event.action for line in read_export(lines).events()]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    people = Story(tmp_path_factory.mktemp("story"))
    with serving(people) as server:
        yield replace(people, address=server.address)


def test_01_an_empty_server_says_how_to_make_the_first_steward(story):
    with serving(Loopback(story.root / "another")) as server:
        assert any("account add" in step and "steward" in step for step in server.first_words["first_steps"])


def test_02_the_operator_makes_seats_accounts_and_tokens(story):
    for member in MEMBERS:
        story.must(OPERATOR, "admin", "seat", "add", member, "--data", "data")
    story.must(OPERATOR, "admin", "seat", "add", COMMUNITY, "--community", "--data", "data")
    accounts = {member: ("steward", "--seat", member) for member in MEMBERS}
    accounts |= {COMMUNITY: ("community", "--seat", COMMUNITY), "analyst": ("analyst",), "auditor": ("auditor",)}
    accounts |= {"other-analyst": ("analyst",), "keeper": ("operator",)}
    for who, words in accounts.items():
        story.home(who).mkdir()
        story.must(OPERATOR, "admin", "account", "add", who, "--role", *words, "--data", "data")
        story.must(OPERATOR, "admin", "token", "new", who, "--out", f"../{who}/token.txt", "--data", "data")
        assert story.token(who).stat().st_mode & 0o077 == 0
        assert story.told(who, "me")["role"] == words[0]


def test_03_a_steward_proposes_a_project(story):
    text = (EXAMPLE / "agreement.toml").read_text().replace("community = []", f'community = ["{COMMUNITY}"]')
    for who in VOTERS:
        (story.home(who) / "agreement.toml").write_text(text)
    proposed = story.told(PROPOSER, "project", "propose", "agreement.toml")
    assert proposed["state"] == "proposed"
    assert proposed["waiting_for"] == sorted(REVIEWERS)


def test_04_uploads_and_runs_are_refused_before_everybody_has_approved(story):
    story.must(PROPOSER, "secret", "new", "secret.txt")
    encode(story, PROPOSER)
    story.refused(PROPOSER, "send", "encoded", "--project", story.project(), status=POLICY, rule="approved-agreement")
    story.refused(PROPOSER, "run", "start", story.project(), status=POLICY, rule="approved-agreement")


def test_05_nobody_approves_what_they_have_not_read(story):
    other = story.home("clinic") / "other.toml"
    other.write_text(
        (story.home("clinic") / "agreement.toml").read_text().replace("minimum_cell = 11", "minimum_cell = 12")
    )
    story.refused("clinic", "approve", story.project(), "--agreement", "other.toml", "--yes", status=NOT_ALLOWED)


def test_06_the_operator_can_approve_nothing(story):
    story.refused("keeper", "approve", story.project(), "--yes", status=NOT_ALLOWED, rule="role")


def test_07_the_others_approve(story):
    for who in REVIEWERS:
        story.must(who, "approve", story.project(), "--agreement", "agreement.toml", "--yes")
    assert story.told("school", "project", "show", story.project())["state"] == "approved"


def test_08_a_run_waits_for_everybodys_encodings(story):
    story.must(PROPOSER, "send", "encoded", "--project", story.project())
    story.refused(PROPOSER, "run", "start", story.project(), status=POLICY, rule="everyone-delivered")


def test_09_each_member_encodes_and_sends_and_sending_twice_does_no_harm(story):
    for member in MEMBERS:
        if member != PROPOSER:
            shutil.copy(story.home(PROPOSER) / "secret.txt", story.home(member))
            encode(story, member)
        story.must(member, "send", "encoded", "--project", story.project())
    story.must(PROPOSER, "send", "encoded", "--project", story.project())
    assert story.log().count("upload.accepted") == len(MEMBERS)


def test_10_a_member_takes_records_back_and_no_later_run_has_them(story):
    (story.home("clinic") / "back.txt").write_text("\n".join(clients_of(story, "clinic")[:BACK]))
    taken = story.told("clinic", "withdraw", story.project(), "--clients", "back.txt", "--folder", "encoded")
    assert taken["withdrawn"] == BACK


def test_11_an_estimate_says_what_linking_would_take(story):
    estimate = story.told(PROPOSER, "run", "estimate", story.project())
    assert estimate["state"] == "done"
    assert estimate["result"]["pairs"] == 1e8  # of 15,710 records, to one digit: more would tell others' counts


def test_12_a_run_can_be_cancelled(story):
    run = story.told("clinic", "run", "start", story.project())["id"]
    story.must("clinic", "run", "cancel", run)
    assert story.run("clinic", "run", "watch", run).status == 6
    assert story.told("clinic", "run", "show", run)["state"] == "cancelled"


def test_13_and_run_again(story):
    run = story.told(PROPOSER, "run", "start", story.project(), "--wait")
    assert run["state"] == "done"
    assert run["result"]["people_at_two_members_or_more"] == "1,000-4,999"


def test_14_each_member_fetches_its_own_link_map(story):
    (run,) = story.runs("link", "done")
    ids = {}
    for member in MEMBERS:
        story.must(member, "results", run["id"], "--out", "link_map.csv", "--folder", "encoded")
        with (story.home(member) / "link_map.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        own = clients_of(story, member)
        assert {row["client_id"] for row in rows} == set(own[BACK:] if member == "clinic" else own)
        ids[member] = {row["link_id"] for row in rows}
    assert not ids["clinic"] & ids["shelter"], "two members' link maps cannot be joined"


def test_15_the_encodings_are_gone_after_the_run(story):
    assert story.log().count("encodings.destroyed") == len(MEMBERS)
    kept = [path.name for path in (story.data / "keys").iterdir()]
    assert not [name for name in kept if name.endswith("-encodings")]
    story.refused(PROPOSER, "run", "start", story.project(), status=POLICY, rule="everyone-delivered")


def test_16_a_head_is_kept(story):
    story.must("clinic", "audit", "head", "--keep", "head.json")


def test_17_a_release_is_proposed_and_its_proposer_does_not_review(story):
    (run,) = story.runs("link", "done")
    proposed = story.told(PROPOSER, "release", "propose", story.project(), run["id"], "--reader", "analyst")
    story.must(PROPOSER, "run", "watch", proposed["count_run"])
    assert story.release()["ready"]
    story.refused(
        PROPOSER,
        "release",
        "review",
        proposed["id"],
        "--approve",
        "--yes",
        status=POLICY,
        rule="proposer-does-not-review",
    )
    story.refused(PROPOSER, "release", "publish", proposed["id"], status=POLICY, rule="state")


def test_18_reviews_are_hidden_until_all_are_in(story):
    release = story.release()["id"]
    for number, who in enumerate(REVIEWERS, 1):
        story.must(who, "release", "review", release, "--approve", "--yes", "--out", "review")
        seen = story.told(PROPOSER, "release", "show", release)
        assert (seen["reviews_cast"], seen["votes"] is None) == (number, number < len(REVIEWERS))
    assert story.release()["state"] == "approved"


def test_19_an_analyst_sees_nothing_before_it_is_published(story):
    assert story.told("analyst", "release", "list")["releases"] == []
    story.refused("analyst", "release", "download", story.release()["id"], "--out", "early", status=USAGE)


def test_20_it_is_published_and_the_named_analyst_downloads_it(story):
    release = story.release()["id"]
    story.must(PROPOSER, "release", "publish", release)
    story.must("analyst", "release", "download", release, "--out", "release")
    manifest = json.loads((story.home("analyst") / "release/manifest.json").read_text())
    assert [table["name"] for table in manifest["tables"]] == [
        "unduplicated",
        "set_pathway",
        "overlap_pairs",
        "grouped_pathway",
        "ordered_pathway",
        "sequence_pathway",
        "contains_path",
        "transition_matrix",
        "first_touch",
        "last_touch",
        "flow_by_period",
    ]
    assert (story.home("analyst") / "release/report.html").is_file()
    story.refused("other-analyst", "release", "download", release, "--out", "release", status=USAGE)


def test_21_the_register_is_for_everybody_and_says_nothing_of_people(story):
    (project,) = story.told("nobody", "register")["projects"]
    assert project["members"] == sorted(MEMBERS)
    assert project["community"] == [COMMUNITY]
    assert "not to be counted" in project["opt_out"]
    assert len(project["releases"]) == 1


def test_22_two_counts_of_one_run_cannot_be_set_against_each_other(story):
    (run,) = story.runs("link", "done")
    (story.home("clinic") / "one.txt").write_text(clients_of(story, "clinic")[-1])
    story.must("clinic", "withdraw", story.project(), "--clients", "one.txt", "--folder", "encoded")
    story.refused("clinic", "release", "propose", story.project(), run["id"], status=POLICY, rule="same-people")


def test_23_a_member_leaves_and_later_runs_do_without_it(story):
    story.must("school", "project", "leave", story.project(), "--yes")
    stay = [member for member in MEMBERS if member != "school"]
    story.refused("school", "send", "encoded", "--project", story.project(), status=POLICY, rule="still-a-member")
    for member in stay:
        story.must(member, "send", "encoded", "--project", story.project())
    run = story.told(PROPOSER, "run", "start", story.project(), "--wait")
    assert (run["state"], run["members"]) == ("done", stay)
    story.refused("school", "results", run["id"], "--out", "later.csv", status=POLICY, rule="still-a-member")
    assert "school" not in story.told("nobody", "register")["projects"][0]["members"]


def test_24_the_auditor_verifies_the_log_offline_against_a_kept_head(story):
    story.must("auditor", "audit", "export", "--out", "log.jsonl")
    story.must("auditor", "audit", "verify", "log.jsonl", "--head", "../clinic/head.json")
    log = (story.home("auditor") / "log.jsonl").read_text()
    assert "project.approved" in log
    (story.home("auditor") / "forged.jsonl").write_text(log.replace('"approve"', '"decline"', 1))
    story.refused("auditor", "audit", "verify", "forged.jsonl", "--head", "../clinic/head.json", status=DATA)


def test_25_a_closed_project_leaves_published_releases_and_the_log(story):
    release = story.release()["id"]
    story.must(PROPOSER, "project", "close", story.project(), "--yes")
    kept = [path.name for path in (story.data / "keys").iterdir()]
    assert kept == [f"{release}-release"]
    story.must("analyst", "release", "download", release, "--out", "again")


def clients_of(story: Story, member: str) -> list[str]:
    with (story.home(member) / "encoded/private/tokens.csv").open(newline="") as file:
        return [row["client_id"] for row in csv.DictReader(file)]


def encode(story: Story, member: str) -> None:
    for kind in ("clients", "services"):
        shutil.copy(EXAMPLE / f"{member}_{kind}.csv", story.home(member) / f"{kind}.csv")
    who = ("--agreement", "agreement.toml", "--member", member, "--secret", "secret.txt")
    story.must(member, "encode", "clients.csv", "--services", "services.csv", *who, "--out", "encoded")
