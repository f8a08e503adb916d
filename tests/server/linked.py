"""A project that is linked already, made of rows and blobs: so many people in each set of members, and no encodings."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from linkage.link_detail import NO_DETAIL, LinkDetail
from linkage.link_map import LinkMap
from schemas import Agreement, Origin, Services, write_services
from schemas.periods import Unit
from server.actions.desk import Desk
from server.domain.links import RunLinks, pack_links
from server.domain.runs import RunKind, RunState
from server.domain.uploads import Part
from server.store.runs import RunRow, links_blob
from server.store.uploads import UploadRow, WithdrawnRow, blob_of
from server.worker.work import Pace, work
from tests.server.conftest import SetUp

SETS = {
    ("clinic",): 40,
    ("school",): 30,
    ("shelter",): 25,
    ("clinic", "school"): 20,
    ("clinic", "shelter"): 15,
    ("school", "shelter"): 14,
    ("clinic", "school", "shelter"): 12,
}
"""Who was served where: no set so small that disclosure control hides it."""

_QUARTER = 4 * (2026 - 1970)


def link_by_hand(coop: SetUp, agreement: Agreement, project_id: str) -> tuple[str, dict[str, np.ndarray]]:
    """A linking run that is done, of the people of SETS.

    Returns:
        Its id, and each member's record tokens: those of a set stand together, in the order of SETS.
    """
    rng = np.random.default_rng(6)
    maps = {member: _map_of(member, rng) for member in agreement.members}
    services = {member: _services_of(one, agreement, member) for member, one in maps.items()}
    return keep_linked(coop.desk, agreement, project_id, maps, services), {m: one.tokens for m, one in maps.items()}


def keep_linked(
    desk: Desk,
    agreement: Agreement,
    project_id: str,
    maps: Mapping[str, LinkMap],
    services: Mapping[str, bytes],
    round_: int = 1,
    detail: LinkDetail = NO_DETAIL,
    links: object = None,
) -> str:
    """Write a linking run that is done: its sealed maps, and its uploads as they are after one. Gives back its id."""
    uploads = {member: _keep_upload(desk, agreement, project_id, member, services[member]) for member in maps}
    run = RunRow(
        id=desk.new_id(),
        project_id=project_id,
        kind=RunKind.LINK,
        state=RunState.DONE,
        round=round_,
        agreement_digest=agreement.digest,
        requested_by=agreement.members[0],
        uploads=uploads,
        created_at=desk.now(),
        result={"threshold": 0.7} | ({} if links is None else {"links": links}),
    )
    with desk.database.writing() as session:
        session.add(run)
    answers = {member: np.zeros(len(one.tokens), bool) for member, one in maps.items()}
    links = RunLinks(bytes(32), maps, detail, answers)
    blob = links_blob(run.id)
    desk.blobs.put_blob(blob, desk.blobs.new_key(blob), pack_links(links))
    return run.id


def take_back(desk: Desk, project_id: str, member: str, tokens: Sequence[np.ndarray]) -> None:
    """Withdraw records, as rows."""
    with desk.database.writing() as session:
        session.add_all(
            WithdrawnRow(project_id=project_id, member=member, token=token.tobytes().hex(), at=desk.now())
            for token in tokens
        )


def count_all(coop: SetUp) -> None:
    """Let a worker do whatever is in the queue."""
    work(coop.desk, once=True, threads=1, pace=Pace(niceness=0))


def _map_of(member: str, rng: np.random.Generator) -> LinkMap:
    numbers, first = [], 0
    for members, people in SETS.items():
        numbers += range(first, first + people) if member in members else ()
        first += people
    link_ids = np.zeros((len(numbers), 16), np.uint8)
    link_ids[:, :2] = np.array(numbers, ">u2").view(np.uint8).reshape(-1, 2)
    return LinkMap(rng.integers(0, 256, (len(numbers), 16), np.uint8), link_ids)


def _services_of(link_map: LinkMap, agreement: Agreement, member: str) -> bytes:
    count = len(link_map.tokens)
    quarter = np.full(count, _QUARTER, np.int32)
    origin = replace(Origin(member=member), agreement_digest=agreement.digest)
    services = Services(
        link_map.tokens, np.zeros(count, np.uint16), ("served",), Unit.QUARTER, quarter, quarter, origin
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "services.safetensors"
        write_services(services, path)
        return path.read_bytes()


def _keep_upload(desk: Desk, agreement: Agreement, project_id: str, member: str, services: bytes) -> str:
    upload = UploadRow(
        id=desk.new_id(),
        project_id=project_id,
        member=member,
        agreement_digest=agreement.digest,
        state="deleted",
        idempotency_key=desk.new_id(),
        encodings_bytes=1,
        encodings_sha256="0" * 64,
        services_bytes=len(services),
        services_sha256="0" * 64,
        created_at=desk.now(),
        keep_services=True,
        encodings_deleted_at=desk.now(),
    )
    with desk.database.writing() as session:
        session.add(upload)
    blob = blob_of(upload.id, Part.SERVICES)
    desk.blobs.put_blob(blob, desk.blobs.new_key(blob), services)
    return upload.id
