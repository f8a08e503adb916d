"""Who is counted in the tables of a linking run, and whether they are the ones of the last time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from schemas.digest import Digest, canonical_json, sha256_of
from server.domain.policies import require_same_people
from server.domain.runs import RunKind, RunState
from server.domain.uploads import UploadState
from server.store.projects import participants
from server.store.runs import RunRow
from server.store.uploads import UploadRow, withdrawn_tokens

FACT = "counted"
"""The fact of a count run that says, as a digest, whom it counted."""


@dataclass(frozen=True)
class WhoIsCounted:
    """The members of a linking run that its tables count now.

    Attributes:
        uploads: the upload of each member that is counted.
        left: members that left the project.
        taken_back: members that deleted what they had sent.
        digest: SHA-256 of the counted members and of the records that were taken back.
    """

    uploads: Mapping[str, str]
    left: frozenset[str]
    taken_back: frozenset[str]
    digest: Digest


def who_is_counted(session: Session, link: RunRow) -> WhoIsCounted:
    """Whom a count of this linking run counts, by the rows as they are now."""
    left = frozenset(one.seat for one in participants(session, link.project_id) if one.left_at is not None)
    taken_back = frozenset(
        member for member, upload in link.uploads.items() if _is_taken_back(session.get_one(UploadRow, upload))
    )
    uploads = {member: upload for member, upload in link.uploads.items() if member not in left | taken_back}
    withdrawn = withdrawn_tokens(session, link.project_id)
    people = [[member, sorted(withdrawn.get(member, ()))] for member in sorted(uploads)]
    return WhoIsCounted(uploads, left, taken_back, sha256_of(canonical_json(people)))


def require_as_before(session: Session, link: RunRow, counted: WhoIsCounted) -> None:
    """Refuse to count a linking run once more for other people: the difference of the two would be few of them."""
    done = select(RunRow).where(RunRow.link_run == link.id, RunRow.kind == RunKind.COUNT, RunRow.state == RunState.DONE)
    earlier = {str(facts[FACT]) for facts in (run.facts for run in session.scalars(done)) if facts and FACT in facts}
    require_same_people(counted.digest, earlier)


def _is_taken_back(upload: UploadRow) -> bool:
    """Whether a member took its upload back; what was deleted as the agreement says keeps its services for counts."""
    return upload.state != UploadState.ACCEPTED and not upload.keep_services
