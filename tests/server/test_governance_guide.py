"""The guide for members says what the code does: every rule by its name, every verb with its roles."""

import re

import pytest

from server.domain.accounts import Role
from server.domain.permissions import PERMISSIONS, RULE_ROLE, RULE_SCOPE, Verb
from server.domain.policies import Rule
from server.domain.states import RULE as RULE_STATE
from tests.conftest import ROOT

GUIDE = (ROOT / "docs" / "guides" / "governance.md").read_text(encoding="utf-8")
LETTERS = {
    "S": Role.STEWARD,
    "C": Role.COMMUNITY,
    "O": Role.OPERATOR,
    "A": Role.ANALYST,
    "U": Role.AUDITOR,
}


def rows(columns: int) -> list[list[str]]:
    """The lines of the guide's table that has so many columns, without its head."""
    lines = [line.strip("|").split("|") for line in GUIDE.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line] for line in lines if len(line) == columns][2:]


def test_the_guide_has_every_rule_once_and_no_other():
    named = [cells[0].strip("`") for cells in rows(2)]
    assert sorted(named) == sorted([*Rule, RULE_ROLE, RULE_SCOPE, RULE_STATE])


def test_every_rule_is_said_in_a_sentence():
    assert [cells[0] for cells in rows(2) if not re.fullmatch(r"[A-Z].{20,}\.", cells[1])] == []


def test_the_guide_has_every_verb_once_and_no_other():
    assert [cells[0] for cells in rows(3)] == [str(verb) for verb in Verb]


@pytest.mark.parametrize("verb", Verb)
def test_the_guide_gives_a_verb_the_scope_and_roles_that_the_code_gives_it(verb):
    scope, who = next(cells[1:] for cells in rows(3) if cells[0] == verb)
    assert scope == PERMISSIONS[verb].scope
    assert {LETTERS[letter] for letter in who.split()} == PERMISSIONS[verb].roles
