"""Linking as a run: members' encodings out of the vault, link maps into it."""

from __future__ import annotations

import numpy as np

from linkage import kernel
from linkage.linking import Linked, link
from linkage.run_folder import facts_of_run
from linkage.withdrawal import encodings_without
from schemas import Encodings, parse_encodings
from schemas.bands import band
from schemas.digest import sha256_of
from schemas.encodings import TOKEN_BYTES, Tokens
from server.domain.links import RECIPIENT_KEY_BYTES, RunLinks, pack_links
from server.store.runs import links_blob
from server.store.uploads import UploadRow
from server.worker.job import Job, Outcome
from server.worker.scratch import Scratch, key_made_once


def execute_link(job: Job) -> Outcome:
    """Find which records are one person; the link maps are sealed when the run ends well.

    A call after one that was killed goes on from its finished tiles, and makes the same link maps, byte for byte.

    Raises:
        Halted: it is to stop.
        LinkageError, SchemasError, DeliveryGone: it cannot be done.
        NoRoom, DiskFault: the disk's.
    """
    agreement, started = job.agreement(), job.seconds()
    encodings = read_delivered(job)
    scratch = Scratch(job.desk.blobs, job.run.id, job.got_on)
    linked = link(
        encodings,
        agreement,
        random_bytes=scratch.draw("link ids"),
        clock=job.seconds,
        threads=job.threads,
        progress=job.progress,
        kept=scratch,
        block_records=job.block_records,
    )
    maps = {str(member): one for member, one in zip(linked.members, linked.link_maps, strict=True)}
    answers = dict(zip(maps, linked.answers, strict=True)) if linked.answers else {}
    key = scratch.draw("recipients")(RECIPIENT_KEY_BYTES)
    packed = pack_links(RunLinks(key, maps, linked.detail, answers))
    spent = job.progress.spent | {"total": job.seconds() - started}
    facts = facts_of_run(
        linked,
        agreement,
        encodings_sha256=_digests_of(job),
        link_maps_sha256={"links": sha256_of(packed)},
        seconds=spent,
    )
    return Outcome(result_of(linked, spent["total"]), facts, lambda _: _seal(job, packed))


def read_delivered(job: Job) -> list[Encodings]:
    """The encodings of the run's members, in name order, without the records that were taken back."""
    withdrawn, found = job.withdrawn(), []
    for member in sorted(job.run.uploads):
        job.progress.check()
        encodings = parse_encodings(job.read_encodings(member), member)
        tokens = withdrawn.get(member)
        found.append(encodings_without(encodings, as_tokens(tokens)) if tokens else encodings)
    return found


def result_of(linked: Linked, seconds: float) -> dict[str, object]:
    """What members may see of a linking run: nothing from which other members' counts follow."""
    threshold, compared = linked.threshold, linked.compared
    found: dict[str, object] = {
        "people_at_two_members_or_more": band(linked.groups.linked),
        "threshold": round(threshold.value, 4),
        "recuts": [one.cut for one in linked.recuts],
        "standard_error": None if threshold.standard_error is None else round(threshold.standard_error, 4),
        "links": linked.rates.as_dict() if linked.rates else None,
        "how": compared.how.value,
        "why": compared.why,
        "selfcheck": {"against": "anonlink", "agreed": True},
        "kernel": kernel.active(),
        "seconds": round(seconds, 1),
    }
    return found | _recall_of(linked)


def _recall_of(linked: Linked) -> dict[str, object]:
    """The share of the pairs that a search found, as shares only; nothing where all were compared."""
    report = linked.compared.lsh
    if report is None or report.estimate is None:
        return {}
    found = report.estimate
    return {"recall": {"share": round(found.recall, 3), "low": round(found.low, 3), "high": round(found.high, 3)}}


def _seal(job: Job, packed: bytes) -> None:
    blob = links_blob(job.run.id)
    job.desk.blobs.put_blob(blob, key_made_once(job.desk.blobs, blob), packed)


def _digests_of(job: Job) -> dict[str, str]:
    with job.desk.reading() as session:
        return {
            member: session.get_one(UploadRow, upload).encodings_sha256
            for member, upload in sorted(job.run.uploads.items())
        }


def as_tokens(texts: set[str]) -> Tokens:
    """Record tokens from hexadecimal text: uint8 (n, 16)."""
    return np.frombuffer(bytes.fromhex("".join(sorted(texts))), np.uint8).reshape(-1, TOKEN_BYTES)
