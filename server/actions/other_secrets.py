"""Members that used different secrets: who has to do what, told to each with what it may know.

Who has delivered and who was refused, and why, every member reads in the audit log; that two refused uploads were made
with the same secret is all that is new here. The key checks themselves are shown to nobody.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.domain.upload_checks.key_checks import KeyChecks
from server.domain.upload_checks.refusals import OtherSecret
from server.domain.uploads import Part, UploadState
from server.store.projects import ProjectRow, participants
from server.store.uploads import UploadRow, accepted_uploads, uploads_of


def key_checks_of(session: Session, project: ProjectRow) -> KeyChecks:
    """The key checks of a project's members, as far as they sent under the agreement that is in force."""
    here = {one.seat for one in participants(session, project.id) if one.left_at is None}
    accepted = {member: row.key_check or "" for member, row in accepted_uploads(session, project.id).items()}
    refused: dict[str, str] = {}
    for row in uploads_of(session, project.id):  # oldest first: the last try counts
        if row.member in here - accepted.keys() and row.agreement_digest == project.agreement_digest:
            refused.pop(row.member, None)
            if row.state == UploadState.REJECTED and row.key_check is not None:
                refused[row.member] = row.key_check
    return KeyChecks(accepted, refused)


def doubting(session: Session, upload: UploadRow) -> list[str]:
    """The members on whose word an accepted upload was made with a wrong secret (see `KeyChecks.doubting`)."""
    if upload.state != UploadState.ACCEPTED:
        return []
    return key_checks_of(session, session.get_one(ProjectRow, upload.project_id)).doubting


def told_apart(session: Session, upload: UploadRow) -> OtherSecret:
    """The refusal of an upload because of its secret, to be told once its row says that it is refused."""
    checks = key_checks_of(session, session.get_one(ProjectRow, upload.project_id))
    first, alike = " and ".join(sorted(checks.accepted)), " and ".join(checks.alike(upload.member))
    same = f", but with the same as that of {alike}, refused too" if alike else ""
    what = f"was made with another secret than the encodings of {first}{same}"
    theirs = f"{first} to encode again with the right one and send, or to delete what was sent (waylink upload delete)"
    if upload.member in checks.doubting:
        fix = f"ask {theirs}; then send yours again"
    else:
        fix = f"compare your secret with {first}: if yours is wrong, encode again; if it is right, ask {theirs}"
    return OtherSecret(what, where=Part.ENCODINGS, fix=fix)
