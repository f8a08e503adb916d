"""Projects: a purpose that members share, under an agreement that they approve."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class ProjectState(StrEnum):
    """Where a project stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"
    CLOSED = "closed"


class ProjectMove(StrEnum):
    """What can happen to a project."""

    APPROVE = "be approved"
    DECLINE = "be declined"
    VOTE = "be voted on"
    CHANGE = "change its agreement"
    CLOSE = "be closed"


_P, _M = ProjectState, ProjectMove

PROJECT_MOVES: Mapping[tuple[ProjectState, ProjectMove], ProjectState] = {
    (_P.PROPOSED, _M.VOTE): _P.PROPOSED,
    (_P.PROPOSED, _M.APPROVE): _P.APPROVED,
    (_P.PROPOSED, _M.DECLINE): _P.DECLINED,
    # a changed agreement is another agreement: everybody approves again
    (_P.PROPOSED, _M.CHANGE): _P.PROPOSED,
    (_P.APPROVED, _M.CHANGE): _P.PROPOSED,
    (_P.DECLINED, _M.CHANGE): _P.PROPOSED,
    (_P.PROPOSED, _M.CLOSE): _P.CLOSED,
    (_P.APPROVED, _M.CLOSE): _P.CLOSED,
    (_P.DECLINED, _M.CLOSE): _P.CLOSED,
}
