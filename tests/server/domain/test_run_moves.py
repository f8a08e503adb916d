"""What can happen to a run, in each state: the whole table."""

import pytest

from server.domain.errors import Refused
from server.domain.runs import ACTIVE, RUN_MOVES, RunMove, RunState
from server.domain.states import moved

TABLE = """
            start     go on     finish    fail      be cancelled
queued      running   -         -         -         cancelled
running     -         running   done      failed    cancelled
done        -         -         -         -         -
failed      -         -         -         -         -
cancelled   -         -         -         -         -
"""
MOVES = ("start", "go on", "finish", "fail", "be cancelled")
ROWS = [line.split() for line in TABLE.splitlines()[2:]]
CELLS = [(row[0], move, end) for row in ROWS for move, end in zip(MOVES, row[1:], strict=True)]


def test_the_table_has_every_state_and_every_move():
    assert {row[0] for row in ROWS} == set(RunState)
    assert set(MOVES) == set(RunMove)


@pytest.mark.parametrize(("start", "move", "end"), CELLS)
def test_a_move_leads_where_the_table_says_or_is_refused(start, move, end):
    if end == "-":
        with pytest.raises(Refused, match=f"a run that is {start} cannot {move}"):
            moved(RUN_MOVES, RunState(start), RunMove(move), what="run")
    else:
        assert moved(RUN_MOVES, RunState(start), RunMove(move), what="run") == end


def test_a_run_is_active_exactly_while_something_can_happen_to_it():
    assert {start for start, _ in RUN_MOVES} == ACTIVE
