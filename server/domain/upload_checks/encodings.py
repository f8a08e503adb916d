"""A member's encodings, proven step by step as they stream by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from schemas.agreement import Agreement, Member
from schemas.encodings import KIND, TOKEN_BYTES, Origin
from server.domain.upload_checks.border_header import (
    BorderHeader,
    Column,
    ContentDigest,
    read_header,
    require_format,
    require_layout,
)
from server.domain.upload_checks.byte_feed import ByteFeed
from server.domain.upload_checks.clk_facts import ClkFacts
from server.domain.upload_checks.fill_bounds import fill_bounds
from server.domain.upload_checks.limits import UploadLimits
from server.domain.upload_checks.record_tokens import RecordTokens
from server.domain.upload_checks.refusals import (
    ENCODE_AGAIN,
    BadHeader,
    ForeignAgreement,
    ForeignMember,
    OtherCleaning,
    OtherSecret,
    TooMany,
    WrongCount,
)
from server.domain.upload_checks.shared_marks import SharedMarks

WHERE = "encodings"
MOST_HEADER_BYTES = 1 << 16
ORIGIN_LABELS = set(Origin().as_metadata())
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,63}")
_KEY_CHECK = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, eq=False)
class CheckedEncodings:
    """Encodings that passed every check.

    Attributes:
        tokens: their record tokens, to hold the services against.
        marks: what the other members' uploads have to share.
        encoder_version: of waylink.
        fill: mean share of bits set.
        content_sha256: the content's digest.
    """

    tokens: RecordTokens
    marks: SharedMarks
    encoder_version: str
    fill: float
    content_sha256: str

    def __len__(self) -> int:
        return len(self.tokens)


def check_encodings(
    chunks: Iterable[bytes], agreement: Agreement, member: Member, shared: SharedMarks | None, limits: UploadLimits
) -> CheckedEncodings:
    """Prove that an encodings file may be accepted. Steps 1 to 4 need the header only and come before any content.

    Args:
        chunks: the file, in pieces of any size; nothing of it is kept but 16 bytes a record.
        shared: the marks of the other members' uploads; None where there are none yet.

    Raises:
        UploadRefused: the class says which step failed.
    """
    feed = ByteFeed(chunks, WHERE)
    bits = Column("bits", "U8", (agreement.linkage_schema.bits // 8,))
    tokens = Column("tokens", "U8", (TOKEN_BYTES,))
    # (1) a strict header: these tensors and labels, nothing else
    raw = read_header(feed, MOST_HEADER_BYTES)
    header = require_layout(raw, (bits, tokens), ORIGIN_LABELS | {"n", "l"}, WHERE)
    # (2) of this format, member, agreement and linkage schema
    require_format(header, KIND, WHERE)
    require_origin(header, agreement, member, WHERE)
    # (3) as many records as it says, at least one, not too many
    _require_count(header, agreement, limits)
    # (4) made with the secret and the cleaning of the other members
    marks = _require_marks(header, shared)
    digest = ContentDigest(header)
    facts = _stream_bits(feed, bits, header.rows, digest)
    named = _stream_tokens(feed, tokens, header.rows, digest)
    # (1, as only the end shows it) nothing after the tensors, and every byte as it was written
    feed.require_end()
    digest.require(WHERE)
    # (5) no record fuller than the linkage schema makes it
    facts.require_fill(fill_bounds(agreement.linkage_schema), WHERE)
    # (6) few records alike
    facts.require_few_copies(WHERE)
    # (7) a token of its own for each record
    named.require_distinct(WHERE)
    fill = facts.mean_bits / agreement.linkage_schema.bits
    return CheckedEncodings(named, marks, header.metadata["encoder_version"], fill, header.digest)


def require_origin(header: BorderHeader, agreement: Agreement, member: Member, where: str) -> None:
    """ForeignMember or ForeignAgreement unless it was made by that member under that agreement."""
    origin = Origin.of_metadata(header.metadata)
    if origin.member != member:
        raise ForeignMember("was made for another member", where=where, fix=f"encode with --member {member}")
    fix = "encode with the agreement file that the members approved"
    if origin.agreement_digest != agreement.digest:
        raise ForeignAgreement("was made under another agreement", where=where, fix=fix)
    if origin.schema_digest != agreement.linkage_schema.digest:
        raise ForeignAgreement("was made with another linkage schema", where=where, fix=fix)
    if not _VERSION.fullmatch(origin.encoder_version):
        raise BadHeader("does not say which version of waylink made it", where=where, fix=ENCODE_AGAIN)


def _require_count(header: BorderHeader, agreement: Agreement, limits: UploadLimits) -> None:
    if header.rows < 1:
        raise WrongCount("holds no record", where=WHERE, fix="encode a list of clients that has some")
    stated = header.metadata["n"], header.metadata["l"]
    if stated != (str(header.rows), str(agreement.linkage_schema.bits)):
        raise WrongCount("its sizes are not those that it states", where=WHERE, fix=ENCODE_AGAIN)
    if header.rows > limits.records:
        fix = "ask the operator for a higher limit"
        raise TooMany(f"holds more than the {limits.records:,} records allowed", where=WHERE, fix=fix)


def _require_marks(header: BorderHeader, shared: SharedMarks | None) -> SharedMarks:
    marks = SharedMarks(header.metadata["key_check"], header.metadata["cleaning_version"])
    if not _VERSION.fullmatch(marks.cleaning_version):
        raise OtherCleaning("does not say how its fields were cleaned", where=WHERE, fix=ENCODE_AGAIN)
    if shared is not None and marks.cleaning_version != shared.cleaning_version:
        fix = "use the version of waylink that the other members used, and encode again"
        raise OtherCleaning("was cleaned in another way than the other members' encodings", where=WHERE, fix=fix)
    if not _KEY_CHECK.fullmatch(marks.key_check):
        raise OtherSecret("has no key check", where=WHERE, fix=ENCODE_AGAIN)
    if shared is not None and marks.key_check != shared.key_check:
        fix = "encode with the secret that all members share; ask the one who made it which file that is"
        what = "was made with another secret than the other members' encodings"
        raise OtherSecret(what, where=WHERE, fix=fix, key_check=marks.key_check)
    return marks


def _stream_bits(feed: ByteFeed, column: Column, rows: int, digest: ContentDigest) -> ClkFacts:
    facts = ClkFacts(rows, column.row_bytes)
    digest.begin(column)
    for block in feed.blocks(rows, column.row_bytes):
        digest.update(block)
        facts.add(block)
    facts.settle()
    return facts


def _stream_tokens(feed: ByteFeed, column: Column, rows: int, digest: ContentDigest) -> RecordTokens:
    tokens = RecordTokens(rows)
    digest.begin(column)
    for block in feed.blocks(rows, column.row_bytes):
        digest.update(block)
        tokens.add(block)
    return tokens
