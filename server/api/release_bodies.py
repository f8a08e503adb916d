"""Bodies of releases: closed and bounded, as all others."""

from __future__ import annotations

from pydantic import Field

from server.actions.releases import MOST_READERS, ReleaseView
from server.api.bodies import Body, Id, Name, Sha256
from server.domain.releases import ReleaseState
from server.domain.votes import Vote

MOST_TABLES = 100  # there are fewer


class ReleaseIn(Body):
    """A release to propose: of that linking run, for these analysts. `tables`: those of the agreement's; none: all."""

    run: Id
    readers: list[Name] = Field(default_factory=list, max_length=MOST_READERS)
    tables: list[Name] = Field(default_factory=list, max_length=MOST_TABLES)


class ReviewIn(Body):
    """A vote on the files whose manifest.json has that SHA-256."""

    manifest_sha256: Sha256
    vote: Vote


class ReleaseOut(Body):
    """A release as the caller may see it. `votes` is null until every reviewer has voted or their time is over, and for
    analysts; `review_until` is null where reviews may take any time."""

    id: str
    project_id: str
    title: str
    run: str
    count_run: str
    state: ReleaseState
    ready: bool
    proposer: str
    readers: list[str]
    tables: list[str]
    reviewers: int
    reviews_cast: int
    own_vote: Vote | None
    votes: dict[str, Vote] | None
    waiting_for: list[str]
    review_until: str | None
    manifest_sha256: str | None
    created_at: str
    decided_at: str | None
    published_at: str | None
    withdrawn_at: str | None

    @classmethod
    def of(cls, view: ReleaseView) -> ReleaseOut:
        """The body of a view."""
        row = view.release
        return cls(
            id=row.id,
            project_id=row.project_id,
            title=view.title,
            run=row.link_run,
            count_run=row.count_run,
            state=ReleaseState(row.state),
            ready=view.ready,
            proposer=row.proposer,
            readers=view.readers,
            tables=list(row.tables),
            reviewers=view.reviewers,
            reviews_cast=view.reviews_cast,
            own_vote=view.own_vote,
            votes=None if view.votes is None else dict(view.votes),
            waiting_for=view.waiting_for,
            review_until=view.review_until,
            manifest_sha256=row.manifest_sha256,
            created_at=row.created_at,
            decided_at=row.decided_at,
            published_at=row.published_at,
            withdrawn_at=row.withdrawn_at,
        )
