"""A member's upload: both files proven, and what is worth remembering of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.agreement import Agreement, Member
from server.domain.upload_checks.encodings import check_encodings
from server.domain.upload_checks.limits import UploadLimits
from server.domain.upload_checks.services import check_services
from server.domain.upload_checks.shared_marks import SharedMarks


@dataclass(frozen=True)
class CheckedUpload:
    """An upload that passed every check; nothing in it is about a person.

    Attributes:
        records: how many records.
        services: how many service records.
        key_check, cleaning_version: what the other members' uploads have to share.
        encoder_version: the version of waylink that made it.
        service_names: in the file's order.
        fill: mean share of bits set in a CLK.
        encodings_sha256, services_sha256: the digests of the files' content.
    """

    records: int
    services: int
    key_check: str
    cleaning_version: str
    encoder_version: str
    service_names: tuple[str, ...]
    fill: float
    encodings_sha256: str
    services_sha256: str


def check_upload(
    encodings: Iterable[bytes],
    services: Iterable[bytes],
    agreement: Agreement,
    member: Member,
    *,
    shared: SharedMarks | None = None,
    limits: UploadLimits = UploadLimits(),  # noqa: B008 (frozen)
) -> CheckedUpload:
    """Prove that a member's two files may be accepted. Memory: 16 bytes a record, 8 a service record, and little more.

    Args:
        encodings, services: the files, in pieces of any size; `services` is not touched before `encodings` has passed.
        shared: the marks of the other members' uploads; None where there are none yet.

    Raises:
        UploadRefused: the class says why.
    """
    checked = check_encodings(encodings, agreement, member, shared, limits)
    served = check_services(services, agreement, member, checked, limits)
    return CheckedUpload(
        records=len(checked),
        services=served.count,
        key_check=checked.marks.key_check,
        cleaning_version=checked.marks.cleaning_version,
        encoder_version=checked.encoder_version,
        service_names=served.names,
        fill=checked.fill,
        encodings_sha256=checked.content_sha256,
        services_sha256=served.content_sha256,
    )
