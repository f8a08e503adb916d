"""Every broken file: the code, row and column that are told, the exit status, nobody's values, and no output."""

import csv
import json
import re
import sys
from collections import Counter

import pytest

from encoder.problems import RULES
from tests.encoder.broken.case import arguments
from tests.encoder.broken.cases import ALL
from tests.encoder.conftest import PEOPLE
from waylink.cli import main

LEAST = 110
OTHERS = {"кузнецова", "соколов", "王小芳", "张伟明", "gwendolyn", "müller", "josé"}
VALUES = {cell.casefold() for line in PEOPLE for cell in line.split(",") if len(cell) > 3} - {"male", "female"} | OTHERS
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")


@pytest.fixture
def waylink(tmp_path, capfd, monkeypatch):
    """Run the command as a person would; give its status and what it said."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["waylink", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            main()
        said = capfd.readouterr()
        return end.value.code or 0, said.out, said.err

    assert run("secret", "new", tmp_path / "secret")[0] == 0
    return run


def values_in(text):
    """The people's values in a text. Digests aside: their random digits hold a house number by chance."""
    plain = DIGEST.sub("", text.casefold())
    return [value for value in VALUES if value in plain]


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_a_broken_file_is_told_exactly_and_writes_nothing_else(case, waylink, tmp_path):
    words = arguments(case, tmp_path)
    before = set(tmp_path.iterdir())
    status, said, told = waylink(*words, "--json")
    assert status == case.exit, told
    result = json.loads(said)
    if status:
        listed = tmp_path / "out-problems.csv"
        assert set(tmp_path.iterdir()) - before == {listed}
        assert result["list"] == str(listed)
        found = [(problem["code"], problem["row"], problem["column"]) for problem in result["problems"]]
        assert Counter(found) == Counter(case.finds)
    else:
        assert result["receipt"]["counts"]["records_encoded"] == case.records
        listed = tmp_path / "out" / "private" / "problems.csv"
    with listed.open(newline="", encoding="utf-8") as file:
        found = [(row["code"], int(row["row"]), row["column"]) for row in csv.DictReader(file)]
    assert Counter(found) == Counter(case.finds)
    assert values_in(said + told + listed.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("case", [case for case in ALL if case.exit], ids=lambda case: case.name)
def test_a_broken_file_is_told_in_words_without_anybody_s_value(case, waylink, tmp_path):
    status, said, told = waylink(*arguments(case, tmp_path))
    assert (status, said) == (case.exit, "")
    assert all(code in told for code, _, _ in case.finds)
    assert "out-problems.csv" in told
    assert "unexpected" not in told
    assert values_in(told) == []


def test_a_value_would_be_found():
    assert values_in("row 2: Quillfeather, 7001") != []
    assert values_in("7001" + "0" * 60) == []


def test_there_are_enough_and_each_has_a_name_of_its_own():
    assert len(ALL) >= LEAST
    assert len({case.name for case in ALL}) == len(ALL)


def test_every_expected_code_is_in_the_catalogue():
    assert {code for case in ALL for code, _, _ in case.finds} <= {rule.code for rule in RULES}
