"""Count a release: link maps and service records in, a sealed archive of tables out. Raw counts are in memory only."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version

from sqlalchemy.orm import Session

from linkage.counting import checks_of, count_release, names_of, rounding_key, tables_chosen
from linkage.link_map import LinkMap
from linkage.linkage_error.link_rates import rates_from
from linkage.release.release_files import MANIFEST, release_files
from linkage.withdrawal import services_without
from schemas import Agreement, Services, parse_services
from schemas.bands import band
from schemas.digest import Digest, sha256_of
from schemas.errors import DataFault
from server.actions.counted import FACT, require_as_before, who_is_counted
from server.actions.desk import Change, Desk
from server.domain.accounts import SERVER
from server.domain.archives import pack
from server.domain.audit.events import Subject
from server.domain.errors import Refused, ServerError
from server.domain.links import RunLinks, unpack_links
from server.domain.policies import require_two_members
from server.domain.releases import ReleaseState
from server.domain.states import RULE
from server.domain.uploads import Part
from server.store.blobs.errors import BlobMissing, KeyGone
from server.store.projects import votes_in_round
from server.store.releases import ReleaseRow, release_blob, release_of_count, told_blob
from server.store.runs import RunRow, links_blob
from server.store.uploads import UploadRow, blob_of, withdrawn_tokens
from server.worker.earlier import Earlier, read_earlier, told_part
from server.worker.execute_link import as_tokens
from server.worker.job import Job, Outcome
from server.worker.scratch import key_made_once

_DAY = len("2026-11-24")  # of an instant's text


class LinkMapsGone(ServerError, DataFault):
    """A run whose link maps were deleted: nothing can be counted from it any more."""


@dataclass(frozen=True, eq=False)
class Counted:
    """What there is to count, by the rows as they are now.

    Attributes:
        tables: those of the release.
        link_run: the run that found who is one person.
        threshold: what that run linked by; None where it does not say.
        links: how good its links are expected to be; None where it does not say.
        software: versions of what linked; None where it does not say.
        recuts: the other cuts at which counts are tried; None where it does not say.
        uploads: the upload of each member that is counted.
        warnings: who is not counted, and why.
        people: as a digest, whom this counts.
        as_of: the day of which anything is known last, of each member: the agreement's, else when its list came.
        approvals: who voted what on the agreement.
    """

    tables: Sequence[str]
    link_run: str
    threshold: object
    links: object
    software: object
    recuts: object
    uploads: Mapping[str, str]
    warnings: list[str]
    people: Digest
    as_of: Mapping[str, str]
    approvals: list[dict[str, str]]


def execute_count(job: Job) -> Outcome:
    """Count the tables of a release; its archive is sealed when the run ends well, and then the release says which.

    (1) what is counted: members that still take part and did not take their upload back, at least two; (2) their
    service records without withdrawn ones; (3) what earlier releases of the project told; (4) counts and disclosure
    control; (5) the files, packed.

    Raises:
        Halted: it is to stop.
        Refused: fewer than two members are left, or the release was withdrawn.
        LinkMapsGone: the linking run's maps were deleted.
        UnlinkedServices, WrongAgreement, ReleaseRefused: see `count_release`.
    """
    desk, agreed = job.desk, job.agreement()
    with desk.reading() as session:
        counted = what_to_count(session, job.run, agreed)  # (1)
        withdrawn = withdrawn_tokens(session, job.run.project_id)
    links = read_links(desk, counted.link_run)
    members = sorted(counted.uploads)
    services = [_read_services(job, counted, member, withdrawn.get(member, set())) for member in members]  # (2)
    maps, earlier = {one: links.maps[one] for one in members}, read_earlier(desk, job.run.project_id)  # (3)
    detail = links.detail.without_scores() if any(withdrawn.get(one) for one in members) else links.detail
    agreement, facts = tables_chosen(agreed, counted.tables), _facts(counted, maps, earlier)
    run, people = str(facts["run_digest"]), str(facts["people_digest"])
    given = (agreement, members, services, list(maps.values()), job.progress)
    rates = rates_from(counted.links)
    released = count_release(*given, detail=detail, rates=rates, run=run, people=people, earlier=earlier.told)  # (4)
    checks = checks_of(released, agreement)
    checks = replace(checks, not_checked=(*checks.not_checked, *earlier.not_checked()))
    files = release_files(released.tables, agreement, facts, checks=checks)  # (5)
    keep = _keeping(job, files)
    return Outcome({"tables": list(released.tables)}, {FACT: counted.people}, keep=keep)


def what_to_count(session: Session, run: RunRow, agreement: Agreement) -> Counted:
    """What a count run counts, by the rows as they are now. Raises Refused for fewer than two members, or others
    than the last count of the same linking run had, or where the release was withdrawn."""
    release, link = _under_review(session, run), session.get_one(RunRow, run.link_run)
    who = who_is_counted(session, link)
    require_two_members(who.uploads)
    require_as_before(session, link, who)
    found = link.result or {}
    why = _why_not_counted(agreement, set(link.uploads), who.left, who.taken_back)
    agreed_day = agreement.as_of and agreement.as_of.isoformat()
    came = {
        member: agreed_day or session.get_one(UploadRow, upload).created_at[:_DAY]
        for member, upload in who.uploads.items()
    }
    votes = votes_in_round(session, run.project_id, run.round)
    return Counted(
        tables=release.tables,
        link_run=link.id,
        threshold=found.get("threshold"),
        links=found.get("links"),
        software=(link.facts or {}).get("software"),
        recuts=found.get("recuts"),
        uploads=who.uploads,
        warnings=why,
        people=who.digest,
        as_of=came,
        approvals=[{"seat": seat, "of": "agreement", "vote": str(vote)} for seat, vote in sorted(votes.items())],
    )


def read_links(desk: Desk, link_run: str) -> RunLinks:
    """Every member's link map of a run, with link ids by which their people can be brought together.

    Raises:
        LinkMapsGone: they were deleted, as when the project was closed.
        BlobBroken, LinksBroken: what is there is not what was sealed.
    """
    blob = links_blob(link_run)
    try:
        return unpack_links(desk.blobs.read_blob(blob, desk.blobs.key(blob)))
    except (KeyGone, BlobMissing):
        raise LinkMapsGone(
            "the link maps of that run are deleted", where="link run", fix="link again, then propose the release anew"
        ) from None


def _read_services(job: Job, counted: Counted, member: str, withdrawn: set[str]) -> Services:
    job.progress.check()
    blob = blob_of(counted.uploads[member], Part.SERVICES)
    services = parse_services(job.desk.blobs.read_blob(blob, job.desk.blobs.key(blob)), f"services of {member}")
    return services_without(services, as_tokens(withdrawn))


def _facts(counted: Counted, maps: Mapping[str, LinkMap], earlier: Earlier) -> dict[str, object]:
    """What the manifest says of the run behind it. The run's id is the server's own: it is told by its digest.

    So is whom of it this counts: by a digest with a key that nobody knows, or it would tell that nobody was withdrawn.
    """
    members = [
        {"name": name, "records": band(len(one.tokens)), "as_of": counted.as_of[name]} for name, one in maps.items()
    ]
    key = rounding_key(list(maps.values()))
    return {
        "waylink_version": version("waylink"),
        "run_digest": sha256_of(counted.link_run.encode()),
        "people_digest": hmac.new(key, counted.people.encode(), hashlib.sha256).hexdigest(),
        "threshold": counted.threshold,
        "links": counted.links,
        **({"recuts": {"cuts": counted.recuts}} if counted.recuts is not None else {}),
        **({"software": counted.software} if counted.software is not None else {}),
        "members_counted": list(maps),
        "members": members,
        "approvals": counted.approvals,
        "warnings": counted.warnings,
        "earlier_releases": names_of(earlier.told),
    }


def _keeping(job: Job, files: Mapping[str, bytes]) -> Callable[[Change], None]:
    """Seal the archive, and have the release say by digest what its reviewers are to read."""
    archive, told = pack(files), told_part(files)

    def keep(change: Change) -> None:
        release = _under_review(change.session, job.run)
        for blob, data in ((release_blob(release.id), archive), (told_blob(release.id), told)):
            job.desk.blobs.put_blob(blob, key_made_once(job.desk.blobs, blob), data)
        manifest, digest = sha256_of(files[MANIFEST]), sha256_of(archive)
        release.manifest_sha256, release.archive_sha256 = manifest, digest
        change.record(SERVER, "release.counted", Subject("release", release.id), manifest=manifest, archive=digest)

    return keep


def _under_review(session: Session, run: RunRow) -> ReleaseRow:
    release = release_of_count(session, run.id)
    if release is None or release.state != ReleaseState.PROPOSED:
        raise Refused("the release was withdrawn while it was counted", rule=RULE, where="release")
    return release


def _why_not_counted(
    agreement: Agreement, linked: set[str], left: frozenset[str], taken_back: frozenset[str]
) -> list[str]:
    def reason(member: str) -> str:
        if member in left:
            return "has left the project"
        return "took its data back" if member in taken_back else "delivered nothing"

    absent = [member for member in agreement.members if member in left | taken_back or member not in linked]
    return [f"{member} {reason(member)} and is not counted" for member in absent]
