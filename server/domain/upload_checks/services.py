"""A member's service records, proven step by step as they stream by, against its checked encodings."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from schemas.agreement import Agreement, Member
from schemas.encodings import TOKEN_BYTES
from schemas.periods import Unit, time_index
from schemas.services import KIND, OPEN_END
from server.domain.upload_checks.border_header import (
    BorderHeader,
    Column,
    ContentDigest,
    read_header,
    require_format,
    require_layout,
)
from server.domain.upload_checks.byte_feed import ByteFeed
from server.domain.upload_checks.encodings import ORIGIN_LABELS, CheckedEncodings, require_origin
from server.domain.upload_checks.limits import UploadLimits
from server.domain.upload_checks.refusals import (
    ENCODE_AGAIN,
    BadHeader,
    BadServiceNames,
    BadServices,
    OtherCleaning,
    TooMany,
    UnknownRecords,
    WrongUnit,
)

WHERE = "services"
MOST_HEADER_BYTES = 1 << 20  # the names stand in it: 1,000 of 200 characters, as UTF-8
MOST_NAMES = 1_000
MOST_NAME_CHARACTERS = 200
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 1, 1)
"""Nobody who is served was served before; what lies after is a date that was read wrongly."""

_END, _START = Column("end", "I32"), Column("start", "I32")
_SERVICE, _TOKENS = Column("service", "U16"), Column("tokens", "U8", (TOKEN_BYTES,))
_FORBIDDEN = ("Cc", "Cs")  # control characters and halves of surrogate pairs


@dataclass(frozen=True)
class CheckedServices:
    """Service records that passed every check.

    Attributes:
        count: how many.
        names: the services' names, as the file has them.
        content_sha256: the content's digest.
    """

    count: int
    names: tuple[str, ...]
    content_sha256: str


def check_services(
    chunks: Iterable[bytes], agreement: Agreement, member: Member, encodings: CheckedEncodings, limits: UploadLimits
) -> CheckedServices:
    """Prove that a services file may be accepted beside a member's encodings.

    Args:
        chunks: the file, in pieces of any size; 8 bytes a service record are kept while it is checked.

    Raises:
        UploadRefused: the class says which step failed.
    """
    feed = ByteFeed(chunks, WHERE)
    timed = agreement.unit is not Unit.NONE
    columns = (_END, _START, _SERVICE, _TOKENS) if timed else (_SERVICE, _TOKENS)
    # (1) a strict header: these tensors and labels, nothing else
    raw = read_header(feed, MOST_HEADER_BYTES)
    header = require_layout(raw, columns, ORIGIN_LABELS | {"unit", "names"}, WHERE)
    # (2) of this format, member, agreement and linkage schema, made together with the encodings
    require_format(header, KIND, WHERE)
    require_origin(header, agreement, member, WHERE)
    _require_same_making(header, encodings)
    # (3) not too many, in the agreement's unit of time, with names that are names
    if header.rows > limits.services:
        fault = f"holds more than the {limits.services:,} service records allowed"
        raise TooMany(fault, where=WHERE, fix="ask the operator for a higher limit")
    if header.metadata["unit"] != agreement.unit.value:
        raise WrongUnit(f"its times are not in the agreement's unit ({agreement.unit})", where=WHERE, fix=ENCODE_AGAIN)
    names = _names(header.metadata["names"])
    digest = ContentDigest(header)
    faults = _stream(feed, header.rows, digest, agreement.unit, len(names), encodings)
    # (1, as only the end shows it) nothing after the tensors, and every byte as it was written
    feed.require_end()
    digest.require(WHERE)
    # (4) each service has a name, a time that can be, and a record
    faults.require_none()
    return CheckedServices(header.rows, names, header.digest)


@dataclass
class _Faults:
    """How many service records have which fault; told only when the file is known to be whole."""

    out_of_range: int = 0
    backwards: int = 0
    nameless: int = 0
    unknown: int = 0

    def require_none(self) -> None:
        if self.nameless:
            raise BadServices(f"has {self.nameless:,} service records without a name", where=WHERE, fix=ENCODE_AGAIN)
        if self.out_of_range:
            fault = f"has {self.out_of_range:,} service records before {EARLIEST.year} or after {LATEST.year - 1}"
            raise BadServices(fault, where=WHERE, fix="correct the dates in the list of services, and encode again")
        if self.backwards:
            fault = f"has {self.backwards:,} service records that end before they start"
            raise BadServices(fault, where=WHERE, fix=ENCODE_AGAIN)
        if self.unknown:
            fault = f"has {self.unknown:,} service records of records that are not in the encodings"
            raise UnknownRecords(fault, where=WHERE, fix="send the two files that one `waylink encode` wrote")


def _require_same_making(header: BorderHeader, encodings: CheckedEncodings) -> None:
    if header.metadata["key_check"]:
        raise BadHeader("has a key check, which belongs in the encodings only", where=WHERE, fix=ENCODE_AGAIN)
    if header.metadata["cleaning_version"] != encodings.marks.cleaning_version:
        fix = "send the two files that one `waylink encode` wrote"
        raise OtherCleaning("was made with another version than the encodings", where=WHERE, fix=fix)


def _names(text: str) -> tuple[str, ...]:
    """The names of services, in order; BadServiceNames unless they are few, short, different and plain text."""
    fix = "name the right column as the services' one, and encode again"
    try:
        names = json.loads(text)
    except (ValueError, RecursionError):
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadServiceNames("has no list of service names", where=WHERE, fix=ENCODE_AGAIN)
    if len(names) > MOST_NAMES:
        raise BadServiceNames(f"has more than {MOST_NAMES:,} service names", where=WHERE, fix=fix)
    if not all(0 < len(name) <= MOST_NAME_CHARACTERS for name in names):
        fault = f"has a service name that is empty or longer than {MOST_NAME_CHARACTERS} characters"
        raise BadServiceNames(fault, where=WHERE, fix=fix)
    if any(unicodedata.category(character) in _FORBIDDEN for name in names for character in name):
        raise BadServiceNames("has a service name with control characters", where=WHERE, fix=fix)
    if len(set(names)) != len(names):
        raise BadServiceNames("has a service name twice", where=WHERE, fix=ENCODE_AGAIN)
    return tuple(names)


def _stream(
    feed: ByteFeed, rows: int, digest: ContentDigest, unit: Unit, names: int, encodings: CheckedEncodings
) -> _Faults:
    """Read the tensors in the file's order; the digest takes them by name, so `start` waits until `service` is done."""
    faults, start = _Faults(), np.empty(0, np.int32)
    if unit is not Unit.NONE:
        start = _stream_times(feed, rows, digest, unit, faults)
    digest.begin(_SERVICE)
    for block in feed.blocks(rows, _SERVICE.row_bytes):
        digest.update(block)
        faults.nameless += int((np.frombuffer(block, "<u2") >= names).sum())
    if unit is not Unit.NONE:
        digest.begin(_START)
        digest.update(start.data)
    digest.begin(_TOKENS)
    for block in feed.blocks(rows, _TOKENS.row_bytes):
        digest.update(block)
        faults.unknown += encodings.tokens.count_unknown(block)
    return faults


def _stream_times(feed: ByteFeed, rows: int, digest: ContentDigest, unit: Unit, faults: _Faults) -> NDArray[np.int32]:
    """Read `end` and `start`, look for faults, and give back `start` for the digest."""
    digest.begin(_END)
    end = _numbers(feed, rows)
    digest.update(end.data)
    start = _numbers(feed, rows)
    first, after = time_index(EARLIEST, unit), time_index(LATEST, unit)
    faults.out_of_range = int(((start < first) | (start >= after) | ((end >= after) & (end != OPEN_END))).sum())
    faults.backwards = int((end < start).sum())
    return start


def _numbers(feed: ByteFeed, rows: int) -> NDArray[np.int32]:
    numbers, filled = np.empty(rows, "<i4"), 0
    for block in feed.blocks(rows, numbers.itemsize):
        piece = np.frombuffer(block, "<i4")
        numbers[filled : filled + len(piece)] = piece
        filled += len(piece)
    return numbers
