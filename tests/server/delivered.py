"""Members' deliveries as the server has them once they are accepted: random people, rows and sealed blobs."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from schemas import Agreement, Encodings, Origin, Services, write_encodings, write_services
from schemas.digest import sha256_of
from server.actions.desk import Desk
from server.actions.projects import ProjectView
from server.domain.uploads import Part, UploadState
from server.store.uploads import UploadRow, blob_of

FILL = 0.4
WRONG_BITS = 0.02  # two records of a person differ in this share of the bits: Dice about 0.95


def encodings_of(agreement: Agreement, members: tuple[str, ...], people: int, seed: int = 1) -> dict[str, Encodings]:
    """Each member has half of the people: the first the even ones, the second the odd ones, the others the first."""
    rng = np.random.default_rng(seed)
    filters = rng.random((people, agreement.linkage_schema.bits)) < FILL
    everyone = np.arange(people)
    whose = [everyone[m::2] if m < 2 else everyone[: people // 2] for m in range(len(members))]
    return {member: _encode(filters[who], agreement, member, rng) for member, who in zip(members, whose, strict=True)}


def _encode(filters: np.ndarray, agreement: Agreement, member: str, rng: np.random.Generator) -> Encodings:
    noisy = filters ^ (rng.random(filters.shape) < WRONG_BITS)
    tokens = np.frombuffer(rng.bytes(16 * len(noisy)), np.uint8).reshape(-1, 16)
    origin = Origin(member, agreement.digest, agreement.linkage_schema.digest, "c" * 64, "1", "0.1.0")
    return Encodings(np.packbits(noisy, axis=1), tokens, origin)


def services_of(agreement: Agreement, encodings: Encodings) -> Services:
    """One service for each record, in some quarter."""
    count = len(encodings)
    start = (np.arange(count) % 8 + 200).astype(np.int32)
    service = np.zeros(count, np.uint16)
    return Services(encodings.tokens, service, ("visit",), agreement.unit, start, start, encodings.origin)


def deliver(desk: Desk, project: ProjectView, encodings: Encodings) -> str:
    """An accepted upload; gives back its id."""
    member, upload = encodings.origin.member, desk.new_id()
    parts = {
        Part.ENCODINGS: file_bytes(write_encodings, encodings),
        Part.SERVICES: file_bytes(write_services, services_of(project.agreement, encodings)),
    }
    row = UploadRow(
        id=upload,
        project_id=project.project.id,
        member=member,
        agreement_digest=project.agreement.digest,
        state=UploadState.ACCEPTED,
        idempotency_key=upload,
        records=len(encodings),
        key_check=encodings.origin.key_check,
        cleaning_version=encodings.origin.cleaning_version,
        created_at=desk.now(),
        decided_at=desk.now(),
        keep_services=False,
        **{f"{part}_bytes": len(data) for part, data in parts.items()},
        **{f"{part}_sha256": sha256_of(data) for part, data in parts.items()},
    )
    with desk.database.writing() as session:
        session.add(row)
    for part, data in parts.items():
        name = blob_of(upload, part)
        desk.blobs.put_blob(name, desk.blobs.new_key(name), data)
    return upload


def file_bytes(write, content) -> bytes:
    """What a writer of border files writes, without leaving it on the disk."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        write(content, path)
        return path.read_bytes()
