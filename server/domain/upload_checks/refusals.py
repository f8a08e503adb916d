"""Why an upload is refused: one class a reason. Each says which file and what to do, never a token, a bit or a name."""

from __future__ import annotations

from schemas.errors import DataFault
from server.domain.errors import ServerError

ENCODE_AGAIN = "encode again with waylink, and send both files as they are"


class UploadRefused(ServerError, DataFault):
    """Base of the reasons for which an upload is refused; `where` is `encodings` or `services`."""


class BadHeader(UploadRefused):
    """The safetensors header is too long, no strict JSON, or not that of such a file."""


class WrongLayout(UploadRefused):
    """The tensors are not those of such a file: names, types, shapes, or where they lie."""


class Truncated(UploadRefused):
    """The file ends before its tensors do."""


class TrailingBytes(UploadRefused):
    """The file goes on after its tensors."""


class Altered(UploadRefused):
    """The content is not what its digest says."""


class WrongFormat(UploadRefused):
    """It is another kind of file, or of a version that this server does not read."""


class ForeignMember(UploadRefused):
    """It was made for another member than the one that sends it."""


class ForeignAgreement(UploadRefused):
    """It was made under another agreement, or with another linkage schema."""


class WrongCount(UploadRefused):
    """It holds no records, or another number than it says."""


class TooMany(UploadRefused):
    """It holds more records or service records than this server takes."""


class OtherSecret(UploadRefused):
    """Its key check is missing or not that of the other members: another secret was used.

    Attributes:
        key_check: its own, to be held against those of other refused uploads; shown to nobody ("" where it has none).
    """

    def __init__(self, what: str, *, where: str = "", fix: str = "", key_check: str = "") -> None:
        super().__init__(what, where=where, fix=fix)
        self.key_check = key_check


class OtherCleaning(UploadRefused):
    """Its fields were cleaned in another way than the other members'."""


class BadFill(UploadRefused):
    """CLKs with more bits set than the linkage schema sets, or a file nearly without."""


class TooManyCopies(UploadRefused):
    """Too many records with the very same CLK."""


class BadTokens(UploadRefused):
    """Record tokens that are not all different, or that are empty."""


class WrongUnit(UploadRefused):
    """Its times are not in the agreement's unit."""


class BadServiceNames(UploadRefused):
    """The list of service names is missing, too long, or holds what is no name."""


class BadServices(UploadRefused):
    """Service records without a name, that end before they start, or of impossible times."""


class UnknownRecords(UploadRefused):
    """Service records of record tokens that the encodings do not have."""
