"""A member's folder as linking and counting see it: encodings and service records, proven whole. Never `private/`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from linkage.errors import BadInput, WrongAgreement
from schemas import Agreement, Encodings, Services, read_encodings, read_services
from schemas import encodings as encodings_file
from schemas import services as services_file
from schemas.receipt import read_receipt


@dataclass(frozen=True, eq=False)
class MemberFolder:
    """What one member delivered.

    Attributes:
        path: the folder.
        encodings: the member's CLKs.
        encodings_sha256: the digest of their file, as the receipt has it.
    """

    path: Path
    encodings: Encodings
    encodings_sha256: str

    @property
    def member(self) -> str:
        """The member's name."""
        return self.encodings.origin.member


def read_member_folder(path: Path) -> MemberFolder:
    """Read the encodings of a folder, after its receipt has proven every file whole.

    Raises:
        FileMissing, BrokenFile: see `schemas.receipt` and `schemas.encodings`.
    """
    receipt = read_receipt(path, encodings_file.FILE_NAME, services_file.FILE_NAME)
    return MemberFolder(path, read_encodings(path), str(receipt["files"][encodings_file.FILE_NAME]["sha256"]))


def read_member_services(folder: MemberFolder, agreement: Agreement) -> Services:
    """Read the service records of a folder.

    Raises:
        WrongAgreement: they are of another agreement or member than the encodings beside them.
        BadInput: they are not at the agreement's level of time.
    """
    services = read_services(folder.path)
    if (services.origin.agreement_digest, services.origin.member) != (agreement.digest, folder.member):
        raise WrongAgreement("its services were made under another agreement or by another member", where=folder.member)
    if services.unit is not agreement.unit:
        fault = f"its services count in '{services.unit}', the agreement in '{agreement.unit}'"
        raise BadInput(fault, where=folder.member)
    return services
