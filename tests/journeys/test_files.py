"""From five members' files to pathway counts by the commands alone, as its users go."""

import csv
import json
import re

import pytest

from tests.conftest import EXAMPLE, MEMBERS, ROOT, waylink

SCORE_FIGURES = {"precision", "recall", "f1", "people_true", "people_found", "set_pathway_error"}


def test_a_co_op_goes_from_files_to_counts(released_coop):
    run = json.loads((released_coop.run / "run.json").read_text())
    assert {entry.name for entry in released_coop.release.iterdir()} >= {
        "manifest.json",
        "tables",
        "charts",
        "report.html",
    }
    assert run["counts"]["records"] == 15_710
    assert run["threshold"]["how"] == "found"
    assert run["selfcheck"]["pairs_checked"] > 10_000
    assert run["selfcheck"]["candidates_checked"] > 100


def test_the_linkage_is_as_good_as_promised(released_coop):
    scored = waylink("score", EXAMPLE / "truth.csv", released_coop.run, *released_coop.folders, "--json")
    figures = json.loads(scored.stdout)
    assert figures.keys() == SCORE_FIGURES
    assert figures["f1"] >= 0.975
    assert figures["set_pathway_error"] <= 0.03


def test_every_member_gets_a_link_map_of_all_its_own_records(released_coop):
    for member in MEMBERS:
        with (released_coop.run / "link_map" / f"{member}.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        with (released_coop.member(member) / "private" / "tokens.csv").open(newline="") as file:
            own = {row["token"] for row in csv.DictReader(file)}
        assert {row["token"] for row in rows} == own
        assert rows[0].keys() == {"token", "link_id"}


def test_set_pathways_sum_to_the_people_and_no_small_count_is_shown(released_coop):
    with (released_coop.release / "tables" / "set_pathway.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    counts = [int(row["people"]) for row in rows if row["people_status"] == "ok"]
    assert min(counts) >= 11
    with (released_coop.release / "tables" / "unduplicated.csv").open(newline="") as file:
        people = {row["member"]: row["people"] for row in csv.DictReader(file)}
    if len(counts) == len(rows):
        assert str(sum(counts)) in people.values()


def test_linking_again_gives_the_same_people(released_coop, tmp_path):
    again = waylink(
        "link", released_coop.agreement, *reversed(released_coop.folders), "--out", tmp_path / "run", "--threads", 1
    )
    assert again.returncode == 0, again.stderr
    one, other = (json.loads((run / "run.json").read_text()) for run in (released_coop.run, tmp_path / "run"))
    for same in ("counts", "threshold", "parameters", "members"):
        assert one[same] == other[same]


def test_two_runs_share_no_link_id(released_coop, tmp_path):
    waylink("link", released_coop.agreement, *released_coop.folders, "--out", tmp_path / "run")
    ids = [
        re.findall(r",([0-9a-f]{32})", (run / "link_map" / "clinic.csv").read_text())
        for run in (released_coop.run, tmp_path / "run")
    ]
    assert ids[0]
    assert not set(ids[0]) & set(ids[1])


def test_every_command_speaks_json(coop_copy, tmp_path):
    secret = tmp_path / "secret.txt"
    commands = [
        ("secret", "new", secret),
        ("encode", EXAMPLE / "school_clients.csv", "--services", EXAMPLE / "school_services.csv", "--agreement",
         coop_copy.agreement, "--member", "school", "--secret", secret, "--out", tmp_path / "school"),
        ("link", coop_copy.agreement, *coop_copy.folders, "--out", tmp_path / "run"),
        ("pathways", coop_copy.agreement, tmp_path / "run", *coop_copy.folders, "--out", tmp_path / "release"),
        ("score", EXAMPLE / "truth.csv", tmp_path / "run", *coop_copy.folders),
    ]  # fmt: skip
    for words in commands:
        done = waylink(*words, "--json")
        assert done.returncode == 0, done.stderr
        assert isinstance(json.loads(done.stdout), dict)
        assert done.stderr == ""


def test_the_demo_shows_tables_figures_and_the_report(tmp_path):
    done = waylink("demo", "--out", tmp_path / "demo")
    assert done.returncode == 0, done.stderr
    for word in ("clinic+pantry", "shelter>clinic", "precision", "recall", "F1", "report.html"):
        assert word in done.stdout
    assert (tmp_path / "demo" / "release" / "report.html").stat().st_size > 10_000


def test_the_demo_replaces_its_own_folder_and_no_other(tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    refused = waylink("demo", "--out", mine)
    assert refused.returncode == 2
    assert (mine / "thesis.txt").read_text() == "years of work"


def commands_of_the_readme() -> list[str]:
    """The lines of the README's shell blocks that call waylink."""
    blocks = re.findall(r"```(?:sh|bash|console)?\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    lines = re.sub(r"\\\n\s*", " ", "\n".join(blocks)).splitlines()
    return [line.split("#")[0].strip() for line in lines if line.startswith("waylink ")]


def test_the_readmes_commands_work_as_they_stand(tmp_path):
    commands = commands_of_the_readme()
    assert len(commands) >= 5
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    for command in commands:
        done = waylink(*command.split()[1:], cwd=tmp_path)
        assert done.returncode == 0, f"{command}\n{done.stderr}"


def test_members_that_delivered_nothing_are_not_counted(encoded_coop, tmp_path):
    two = [encoded_coop.member("clinic"), encoded_coop.member("school")]
    linked = waylink("link", encoded_coop.agreement, *two, "--out", tmp_path / "run")
    assert "pantry is in the agreement but no encodings of it were given" in linked.stderr
    done = waylink("pathways", encoded_coop.agreement, tmp_path / "run", *two, "--out", tmp_path / "release", "--json")
    assert "pantry delivered nothing and is not counted" in json.loads(done.stdout)["warnings"]
    with (tmp_path / "release" / "tables" / "unduplicated.csv").open(newline="") as file:
        assert [row["member"] for row in csv.DictReader(file)] == ["clinic", "school", "all members"]


@pytest.mark.parametrize("words", [(), ("--help",), ("encode", "--help"), ("link", "--help"), ("--version",)])
def test_help_is_given(words):
    assert waylink(*words).returncode == 0
