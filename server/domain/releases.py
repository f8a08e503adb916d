"""Releases: tables that passed disclosure control, that members reviewed, and that readers may fetch."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class ReleaseState(StrEnum):
    """Where a release stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class ReleaseMove(StrEnum):
    """What can happen to a release."""

    REVIEW = "be reviewed"
    APPROVE = "be approved"
    DECLINE = "be declined"
    PUBLISH = "be published"
    WITHDRAW = "be withdrawn"


_R, _M = ReleaseState, ReleaseMove

RELEASE_MOVES: Mapping[tuple[ReleaseState, ReleaseMove], ReleaseState] = {
    (_R.PROPOSED, _M.REVIEW): _R.PROPOSED,
    (_R.PROPOSED, _M.APPROVE): _R.APPROVED,
    (_R.PROPOSED, _M.DECLINE): _R.DECLINED,
    (_R.PROPOSED, _M.WITHDRAW): _R.WITHDRAWN,
    (_R.APPROVED, _M.PUBLISH): _R.PUBLISHED,
    (_R.APPROVED, _M.WITHDRAW): _R.WITHDRAWN,
    (_R.PUBLISHED, _M.WITHDRAW): _R.WITHDRAWN,
}
