"""A member sees how often its own clients are found elsewhere, by an attribute that nobody else holds."""

from __future__ import annotations

import csv
import json
from math import sqrt
from pathlib import Path

import pytest

from linkage.elsewhere import read_elsewhere
from linkage.link_map import read_link_map
from schemas.encodings import token_text
from tests.conftest import EXAMPLE, waylink

OK, USAGE, DATA, NOT_ALLOWED, POLICY = 0, 2, 3, 4, 6
MEMBERS = ("clinic", "school")
CLIENTS = EXAMPLE / "school_clients.csv"


@pytest.fixture(scope="module")
def linked(tmp_path_factory) -> Path:
    """Two members of the example, under an agreement that asks for equity, linked; and one without."""
    root = tmp_path_factory.mktemp("equity")
    text = (EXAMPLE / "agreement.toml").read_text()
    (root / "without.toml").write_text(text)
    (root / "A.toml").write_text('equity = "randomised"\n' + text)
    assert waylink("secret", "new", root / "secret.txt").returncode == 0
    for name in MEMBERS:
        files = (EXAMPLE / f"{name}_clients.csv", "--services", EXAMPLE / f"{name}_services.csv")
        who = ("--agreement", root / "A.toml", "--member", name, "--secret", root / "secret.txt")
        done = waylink("encode", *files, *who, "--out", root / name)
        assert done.returncode == 0, done.stderr
    done = waylink("link", root / "A.toml", *(root / name for name in MEMBERS), "--out", root / "run")
    assert done.returncode == 0, done.stderr
    return root


def equity(root: Path, *more: object, agreement: str = "A.toml", clients: object = CLIENTS, by: str = "sex"):
    answers = root / "run" / "elsewhere" / "school.csv"
    return waylink("equity", root / agreement, root / "school", answers, "--clients", clients, "--by", by, *more)


def read(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as text:
        return list(csv.DictReader(text))


def true_rates(root: Path) -> dict[str, float]:
    """From both members' link maps, which no member has."""
    maps = {name: read_link_map(root / "run" / "link_map" / f"{name}.csv") for name in MEMBERS}
    clinic = {link_id.tobytes() for link_id in maps["clinic"].link_ids}
    school = maps["school"]
    there = {token_text(t): i.tobytes() in clinic for t, i in zip(school.tokens, school.link_ids, strict=True)}
    with (root / "school" / "private" / "tokens.csv").open(newline="") as file:
        token = {row["client_id"]: row["token"] for row in csv.DictReader(file)}
    found: dict[str, list[bool]] = {"all": []}
    with CLIENTS.open(newline="") as file:
        for row in csv.DictReader(file):
            fields = {name.casefold(): value for name, value in row.items()}
            for kind in ("all", next(value for name, value in fields.items() if name in ("sex", "gender"))):
                found.setdefault(kind.strip() or "(empty)", []).append(there[token[fields["client_id"]]])
    return {kind: sum(one) / len(one) for kind, one in found.items()}


def test_rates_hold_the_truth_in_their_intervals_and_what_is_shared_is_written(linked, tmp_path):
    out = tmp_path / "equity.csv"
    done = equity(linked, "--out", out)
    assert done.returncode == OK, done.stderr
    assert "turned at random" in done.stdout
    rows = {row["value"]: row for row in read(out)}
    truth = true_rates(linked)
    shown = {value: row for value, row in rows.items() if row["status"] == "ok"}
    assert "all" in shown
    assert len(shown) >= 3
    for value, row in shown.items():
        assert float(row["rate_low"]) <= float(row["rate"]) <= float(row["rate_high"])
        error = 1 / sqrt(int(row["records"]))  # standard, at most: that of a share of answers, 1 / (2 sqrt n), doubled
        assert abs(float(row["rate"]) - truth[value]) < 4 * error
    assert json.loads(equity(linked, "--json").stdout)["attribute"].casefold() in ("sex", "gender")


def test_each_member_gets_answers_about_its_own_records_only(linked):
    for name in MEMBERS:
        own = read_elsewhere(linked / "run" / "elsewhere" / f"{name}.csv")
        assert {token.tobytes() for token in own.tokens} == {
            token.tobytes() for token in read_link_map(linked / "run" / "link_map" / f"{name}.csv").tokens
        }


def test_what_two_members_share_is_put_together(linked, tmp_path):
    for name in MEMBERS:
        answers = linked / "run" / "elsewhere" / f"{name}.csv"
        own = ("--clients", EXAMPLE / f"{name}_clients.csv", "--by", "sex", "--out", tmp_path / f"{name}.csv")
        assert waylink("equity", linked / "A.toml", linked / name, answers, *own).returncode == OK
    files = [tmp_path / f"{name}.csv" for name in MEMBERS]
    done = waylink("pool-equity", *files, "--out", tmp_path / "together.csv", "--json")
    assert done.returncode == OK, done.stderr
    written = read(tmp_path / "together.csv")
    told = json.loads(done.stdout)
    assert [row["value"] for row in written] == [row["value"] for row in told["rows"]]
    every = {file: next(row for row in read(file) if row["value"] == "all") for file in files}
    assert written[-1]["value"] == "all"
    assert int(written[-1]["records"]) == sum(int(row["records"]) for row in every.values())
    rates = [float(row["rate"]) for row in every.values()]
    assert min(rates) <= float(written[-1]["rate"]) <= max(rates)
    assert "of 2 members" in waylink("pool-equity", *files).stdout


HEADER = "attribute,value,records,rate,rate_low,rate_high,status"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("token,elsewhere", "not what a member may share"),
        (f"{HEADER}\nsex,Jane Doe,many,0.5,0.4,0.6,ok", "row 2"),
        (f"{HEADER}\nsex,Jane Doe,50,1.5,0.4,0.6,ok", "row 2"),
        (f"{HEADER}\nsex,Jane Doe,50,0.5,0.4,0.6,fine", "row 2"),
        (f"{HEADER}\nsex,Jane Doe,50", "row 2"),
        ("\xff", "not what a member may share"),
    ],
)
def test_another_file_in_the_pool_is_refused_without_saying_what_is_in_it(tmp_path, text, fault):
    (tmp_path / "sound.csv").write_text(f"{HEADER}\nsex,all,50,0.5,0.4,0.6,ok\n")
    (tmp_path / "other.csv").write_text(text)
    done = waylink("pool-equity", tmp_path / "sound.csv", tmp_path / "other.csv")
    assert done.returncode == DATA, done.stderr
    assert fault in done.stderr
    assert "other.csv" in done.stderr
    assert "Doe" not in done.stderr


def test_a_pool_is_of_two_members_or_more_and_of_files_that_are_there(tmp_path):
    (tmp_path / "one.csv").write_text(f"{HEADER}\n")
    for files in (["one.csv"], ["one.csv", "one.csv"], ["one.csv", "none.csv"]):
        assert waylink("pool-equity", *(tmp_path / file for file in files)).returncode == USAGE


def test_an_agreement_that_does_not_ask_for_it_is_refused(linked):
    done = equity(linked, agreement="without.toml")
    assert done.returncode == NOT_ALLOWED
    assert 'equity = "randomised"' in done.stderr


def test_so_few_clients_that_nothing_can_be_shown_are_refused_by_the_policy(linked, tmp_path):
    few = tmp_path / "few.csv"
    header, *rows = CLIENTS.read_text().splitlines()
    few.write_text("\n".join([header, *[row for row in rows if "Female" in row][:3]]) + "\n")
    done = equity(linked, "--out", tmp_path / "equity.csv", clients=few)
    assert done.returncode == POLICY, done.stdout
    assert "error:" in done.stderr
    assert not (tmp_path / "equity.csv").exists()


def test_a_column_that_is_not_there_or_names_people_is_refused(linked):
    for by in ("shoe_size", "last_name"):
        done = equity(linked, by=by)
        assert done.returncode == USAGE, by
        assert "--by" in done.stderr


def test_another_members_answers_are_refused(linked):
    answers = linked / "run" / "elsewhere" / "clinic.csv"
    done = waylink("equity", linked / "A.toml", linked / "school", answers, "--clients", CLIENTS, "--by", "sex")
    assert done.returncode == USAGE
    assert "not in the folder" in done.stderr


def test_a_list_that_cannot_be_read_is_named(linked, tmp_path):
    (tmp_path / "broken.csv").write_bytes(b"client_id,sex\n1,F\n2\n")
    done = equity(linked, clients=tmp_path / "broken.csv")
    assert done.returncode == DATA
    assert "broken.csv" in done.stderr
