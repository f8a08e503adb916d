"""States: which move leads where, said a second time as tables to be read, cell by cell."""

import pytest

from server.domain.errors import Refused
from server.domain.projects import PROJECT_MOVES, ProjectMove, ProjectState
from server.domain.releases import RELEASE_MOVES, ReleaseMove, ReleaseState
from server.domain.states import RULE, moved
from server.domain.uploads import UPLOAD_MOVES, UploadMove, UploadState

# a row for each state, a column for each move; "-": refused
PROJECTS = """
          VOTE      APPROVE   DECLINE   CHANGE    CLOSE
proposed  proposed  approved  declined  proposed  closed
approved  -         -         -         proposed  closed
declined  -         -         -         proposed  closed
closed    -         -         -         -         -
"""
UPLOADS = """
           RECEIVE    ACCEPT    REJECT    DELETE
receiving  receiving  accepted  rejected  deleted
accepted   -          -         -         deleted
rejected   -          -         -         -
deleted    -          -         -         -
"""
RELEASES = """
           REVIEW    APPROVE   DECLINE   PUBLISH    WITHDRAW
proposed   proposed  approved  declined  -          withdrawn
approved   -         -         -         published  withdrawn
declined   -         -         -         -          -
published  -         -         -         -          withdrawn
withdrawn  -         -         -         -          -
"""
TABLES = {
    "project": (PROJECTS, PROJECT_MOVES, ProjectState, ProjectMove),
    "upload": (UPLOADS, UPLOAD_MOVES, UploadState, UploadMove),
    "release": (RELEASES, RELEASE_MOVES, ReleaseState, ReleaseMove),
}


def cells(text: str) -> dict[tuple[str, str], str]:
    header, *rows = [line.split() for line in text.strip().splitlines()]
    return {(state, move): then for state, *cells in rows for move, then in zip(header, cells, strict=True)}


CASES = [(noun, state, move, then) for noun, table in TABLES.items() for (state, move), then in cells(table[0]).items()]


@pytest.mark.parametrize("noun", TABLES)
def test_the_table_to_be_read_has_every_state_and_every_move(noun):
    text, _, states, moves = TABLES[noun]
    assert cells(text).keys() == {(state.value, move.name) for state in states for move in moves}


@pytest.mark.parametrize(("noun", "state", "move", "then"), CASES)
def test_a_move_leads_where_the_table_says_or_is_refused(noun, state, move, then):
    _, table, states, moves = TABLES[noun]
    if then != "-":
        assert moved(table, states(state), moves[move], what=noun) is states(then)
        return
    with pytest.raises(Refused) as refused:
        moved(table, states(state), moves[move], what=noun)
    assert refused.value.rule == RULE


@pytest.mark.parametrize("noun", TABLES)
def test_a_refused_move_says_what_is_possible_instead(noun):
    _, table, states, moves = TABLES[noun]
    for state in states:
        possible = {move for move in moves if (state, move) in table}
        for move in set(moves) - possible:
            with pytest.raises(Refused) as refused:
                moved(table, state, move, what=noun)
            told = refused.value.fix.removeprefix("possible now: ").split(", ")
            assert set(told) == {str(one) for one in possible} or (not possible and told == ["nothing"])
