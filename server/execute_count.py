"""Count a release: link maps and service records in, a sealed archive of tables out. Raw counts are in memory only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import NamedTuple

import numpy as np
from sqlalchemy.orm import Session

from linkage.counting import count_release
from linkage.link_map import LinkMap
from linkage.release import MANIFEST, release_files
from linkage.withdrawal import services_without
from schemas import Agreement, Services, parse_services
from schemas.console import SILENT, Progress
from schemas.digest import sha256_of
from schemas.encodings import TOKEN_BYTES, Tokens
from schemas.errors import DataFault
from server.actions.desk import Change, Desk, agreement_in
from server.domain.accounts import SERVER
from server.domain.archives import pack
from server.domain.audit.events import Subject
from server.domain.errors import Refused, ServerError
from server.domain.links import unpack_links
from server.domain.policies import require_two_members
from server.domain.releases import ReleaseState
from server.domain.states import RULE
from server.domain.uploads import Part, UploadState
from server.store.blobs.errors import BlobMissing, KeyGone
from server.store.projects import AgreementRow, participants
from server.store.releases import ReleaseRow, release_blob, release_of_count
from server.store.runs import RunRow, links_blob
from server.store.uploads import UploadRow, blob_of, withdrawn_tokens


class LinkMapsGone(ServerError, DataFault):
    """A run whose link maps were deleted: nothing can be counted from it any more."""


@dataclass(frozen=True, eq=False)
class Counted:
    """What there is to count, by the rows as they are now.

    Attributes:
        agreement: under which it is counted.
        link_run: the run that found who is one person.
        threshold: what that run linked by; None where it does not say.
        uploads: the upload of each member that is counted.
        withdrawn: the record tokens that each member took back, as hexadecimal text.
        warnings: who is not counted, and why.
    """

    agreement: Agreement
    link_run: str
    threshold: object
    uploads: Mapping[str, str]
    withdrawn: Mapping[str, set[str]]
    warnings: list[str]


class Sealed(NamedTuple):
    """A count that is done and sealed, but not yet said to be.

    Attributes:
        result: what members may see of the run: the names of the tables.
        keep: has the release say, in the transaction that ends the run, by digest what its reviewers are to read.
    """

    result: dict[str, object]
    keep: Callable[[Change], None]


def execute_count(desk: Desk, run: RunRow, progress: Progress = SILENT) -> Sealed:
    """Count the tables of a release and seal its archive; done again after a stop, it seals it again.

    (1) what is counted: members that still take part and did not take their upload back, at least two; (2) their
    service records without withdrawn ones; (3) counts and disclosure control; (4) the files, packed and sealed.

    Args:
        desk: the server's memory.
        run: a run of the kind count that this worker holds.
        progress: told of the steps; what it raises ends the work.

    Raises:
        Refused: fewer than two members are left, or the release was withdrawn.
        LinkMapsGone: the linking run's maps were deleted.
        UnlinkedServices, WrongAgreement, ReleaseRefused: see `count_release`.
    """
    with desk.reading() as session:
        release = _under_review(session, run)
        counted = what_to_count(session, run)  # (1)
    maps = read_link_maps(desk, counted.link_run)
    members = sorted(counted.uploads)
    services = [_read_services(desk, counted, member) for member in members]  # (2)
    tables = count_release(counted.agreement, members, services, [maps[one] for one in members], progress)  # (3)
    files = release_files(tables, counted.agreement, _facts(counted, members))
    archive = pack(files)
    _seal(desk, release, archive)  # (4)
    keep = _telling(run, sha256_of(files[MANIFEST]), sha256_of(archive))
    return Sealed({"tables": list(tables)}, keep)


def what_to_count(session: Session, run: RunRow) -> Counted:
    """What a count run counts, by the rows as they are now. Raises Refused for fewer than two members."""
    agreement = agreement_in(session.get_one(AgreementRow, (run.project_id, run.round)))
    link = session.get_one(RunRow, run.link_run)
    left = {one.seat for one in participants(session, run.project_id) if one.left_at is not None}
    taken_back = {seat for seat, upload in link.uploads.items() if _taken_back(session.get_one(UploadRow, upload))}
    uploads = {seat: upload for seat, upload in link.uploads.items() if seat not in left | taken_back}
    require_two_members(uploads)
    threshold = (link.result or {}).get("threshold")
    why = _why_not_counted(agreement, set(link.uploads), left, taken_back)
    return Counted(agreement, link.id, threshold, uploads, withdrawn_tokens(session, run.project_id), why)


def read_link_maps(desk: Desk, link_run: str) -> Mapping[str, LinkMap]:
    """Every member's link map of a run, with link ids by which their people can be brought together.

    Raises:
        LinkMapsGone: they were deleted, as when the project was closed.
        BlobBroken, LinksBroken: what is there is not what was sealed.
    """
    blob = links_blob(link_run)
    try:
        return unpack_links(desk.blobs.read_blob(blob, desk.blobs.key(blob))).maps
    except (KeyGone, BlobMissing):
        raise LinkMapsGone(
            "the link maps of that run are deleted", where="link run", fix="link again, then propose the release anew"
        ) from None


def _read_services(desk: Desk, counted: Counted, member: str) -> Services:
    blob = blob_of(counted.uploads[member], Part.SERVICES)
    services = parse_services(desk.blobs.read_blob(blob, desk.blobs.key(blob)), f"services of {member}")
    return services_without(services, _rows_of(counted.withdrawn.get(member, ())))


def _rows_of(texts: Iterable[str]) -> Tokens:
    """Record tokens as rows: uint8 (n, 16)."""
    return np.frombuffer(bytes.fromhex("".join(sorted(texts))), np.uint8).reshape(-1, TOKEN_BYTES)


def _facts(counted: Counted, members: list[str]) -> dict[str, object]:
    """What the manifest says of the run behind it. The run's id is the server's own: it is told by its digest."""
    return {
        "waylink_version": version("waylink"),
        "run_digest": sha256_of(counted.link_run.encode()),
        "threshold": counted.threshold,
        "members_counted": members,
        "warnings": counted.warnings,
    }


def _seal(desk: Desk, release: ReleaseRow, archive: bytes) -> None:
    blob = release_blob(release.id)
    key = desk.blobs.key(blob) if desk.blobs.has_key(blob) else desk.blobs.new_key(blob)
    desk.blobs.put_blob(blob, key, archive)


def _telling(run: RunRow, manifest: str, archive: str) -> Callable[[Change], None]:
    def keep(change: Change) -> None:
        release = _under_review(change.session, run)
        release.manifest_sha256, release.archive_sha256 = manifest, archive
        change.record(SERVER, "release.counted", Subject("release", release.id), manifest=manifest, archive=archive)

    return keep


def _under_review(session: Session, run: RunRow) -> ReleaseRow:
    release = release_of_count(session, run.id)
    if release is None or release.state != ReleaseState.PROPOSED:
        raise Refused("the release was withdrawn while it was counted", rule=RULE, where="release")
    return release


def _taken_back(upload: UploadRow) -> bool:
    """Whether a member took its upload back; what was deleted as the agreement says keeps its services for counts."""
    return upload.state != UploadState.ACCEPTED and not upload.keep_services


def _why_not_counted(agreement: Agreement, linked: set[str], left: set[str], taken_back: set[str]) -> list[str]:
    def reason(member: str) -> str:
        if member in left:
            return "has left the project"
        return "took its data back" if member in taken_back else "delivered nothing"

    absent = [member for member in agreement.members if member in left | taken_back or member not in linked]
    return [f"{member} {reason(member)} and is not counted" for member in absent]
