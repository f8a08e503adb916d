"""Who may ask for what: every verb x role x scope against a table that was written by itself, to be read by people."""

from itertools import combinations

import pytest

from server.domain.accounts import Actor, Role, Scope
from server.domain.errors import Forbidden
from server.domain.permissions import PERMISSIONS, RULE_ROLE, RULE_SCOPE, Verb, require_may

# the scope that a token needs, and who has the verb: Steward, Community, Operator, Analyst, aUditor
TABLE = """
SEE_SELF          read        S C O A U
ROTATE            govern      S C O A U
ADMINISTER        administer  . . O . .
OPERATE           read        . . O . .
SEE_PROJECTS      read        S C O . .
PROPOSE_PROJECT   govern      S . . . .
VOTE              govern      S C . . .
LEAVE             govern      S C . . .
UPLOAD            send        S . . . .
SEE_UPLOADS       read        S . . . .
WITHDRAW_RECORDS  send        S . . . .
START_RUN         govern      S . . . .
SEE_RUNS          read        S C O . .
FETCH_LINK_MAP    read        S . . . .
PROPOSE_RELEASE   govern      S . . . .
SEE_RELEASES      read        S C . A .
REVIEW            govern      S C . . .
READ_LOG          read        S C O . U
"""
COLUMNS = (Role.STEWARD, Role.COMMUNITY, Role.OPERATOR, Role.ANALYST, Role.AUDITOR)
ROWS = {line.split()[0]: line.split()[1:] for line in TABLE.strip().splitlines()}


def allowed(verb: Verb, role: Role) -> bool:
    return ROWS[verb.name][1 + COLUMNS.index(role)] != "."


def actor(role: Role, *scopes: Scope) -> Actor:
    return Actor("an account", role, "a seat", frozenset(scopes))


def test_the_table_has_every_verb_and_every_role():
    assert set(ROWS) == {verb.name for verb in Verb}
    assert set(COLUMNS) == set(Role)
    assert {len(cells) for cells in ROWS.values()} == {1 + len(Role)}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("verb", Verb)
def test_a_verb_needs_its_role_and_its_scope_and_nothing_else(verb, role):
    needed = Scope(ROWS[verb.name][0])
    for size in range(len(Scope) + 1):
        for scopes in combinations(Scope, size):
            if allowed(verb, role) and needed in scopes:
                require_may(actor(role, *scopes), verb)
                continue
            with pytest.raises(Forbidden) as refused:
                require_may(actor(role, *scopes), verb)
            assert refused.value.rule == (RULE_SCOPE if allowed(verb, role) else RULE_ROLE)


def test_an_operator_decides_nothing_and_fetches_nothing_of_a_member():
    can = {verb for verb in Verb if Role.OPERATOR in PERMISSIONS[verb].roles}
    assert can == {
        Verb.SEE_SELF, Verb.ROTATE, Verb.ADMINISTER, Verb.OPERATE, Verb.SEE_PROJECTS, Verb.SEE_RUNS, Verb.READ_LOG
    }  # fmt: skip
