"""The safetensors header of a border file, read strictly, and the digest of the content that follows it.

Stricter than the format: the tensors are exactly those of the contract, in the order in which waylink writes them, so
that their content can be checked in one pass; every key and every byte has one meaning.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from schemas.digest import canonical_json
from schemas.tensors import FORMAT_VERSION
from server.domain.upload_checks.byte_feed import ByteFeed
from server.domain.upload_checks.refusals import (
    ENCODE_AGAIN,
    Altered,
    BadHeader,
    WrongFormat,
    WrongLayout,
)

_LENGTH_BYTES = 8  # the header's length, little-endian: safetensors' format
_METADATA = "__metadata__"
_DIGEST = "content_sha256"
_NAMES_OF_TYPES = {"U8": "uint8", "U16": "uint16", "I32": "int32"}
_BYTES_OF_TYPES = {"U8": 1, "U16": 2, "I32": 4}


@dataclass(frozen=True)
class Column:
    """A tensor of the contract: rows of one shape.

    Attributes:
        name: the tensor's.
        kind: its type as safetensors writes it.
        width: the shape of one row; () for plain numbers.
    """

    name: str
    kind: str
    width: tuple[int, ...] = ()

    @property
    def row_bytes(self) -> int:
        """Length of one row."""
        return _BYTES_OF_TYPES[self.kind] * math.prod(self.width)


@dataclass(frozen=True)
class BorderHeader:
    """A header that keeps the contract.

    Attributes:
        rows: how many rows each tensor has.
        metadata: the labels, without the digest.
        digest: what the content's SHA-256 has to be.
    """

    rows: int
    metadata: Mapping[str, str]
    digest: str


class ContentDigest:
    """The running SHA-256 of a border file's content, as `schemas.tensors` writes it: tensors in the names' order."""

    def __init__(self, header: BorderHeader) -> None:
        self._header = header
        self._running = hashlib.sha256(canonical_json(dict(header.metadata)))

    def begin(self, column: Column) -> None:
        """The next tensor starts."""
        shape = [self._header.rows, *column.width]
        self._running.update(canonical_json([column.name, _NAMES_OF_TYPES[column.kind], shape]))

    def update(self, data: bytes | memoryview) -> None:
        """More of the tensor."""
        self._running.update(data)

    def require(self, where: str) -> None:
        """Altered unless the content is what the header says."""
        if self._running.hexdigest() != self._header.digest:
            raise Altered("was altered since it was written", where=where, fix=ENCODE_AGAIN)


def read_header(feed: ByteFeed, most_bytes: int) -> dict[str, Any]:
    """The header as strict JSON: no key twice, no fractions, no NaN, no text that is not Unicode.

    Raises:
        BadHeader: it is longer than `most_bytes`, or not that.
        Truncated: the file ends in it.
    """
    size = int.from_bytes(feed.take(_LENGTH_BYTES), "little")
    if not 2 <= size <= most_bytes:
        raise BadHeader(f"has a header of more than {most_bytes:,} bytes, or none", where=feed.where, fix=ENCODE_AGAIN)
    raw = feed.take(size)
    try:
        if not raw.startswith(b"{"):
            raise ValueError
        header = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_no_key_twice, parse_constant=_refuse, parse_float=_refuse
        )
        canonical_json(header)  # fails on halves of surrogate pairs, which no UTF-8 can hold
    except (ValueError, RecursionError):
        raise BadHeader("has a header that is no strict JSON", where=feed.where, fix=ENCODE_AGAIN) from None
    return dict(header)


def require_layout(header: Mapping[str, Any], columns: Sequence[Column], labels: set[str], where: str) -> BorderHeader:
    """The header's facts, if its tensors are exactly these columns, one after the other without a gap.

    Args:
        labels: the keys that the metadata has, besides format, version and digest.

    Raises:
        BadHeader: the metadata has other keys, or values that are no text.
        WrongLayout: other tensors, types, shapes or places.
    """
    metadata = header.get(_METADATA)
    if not isinstance(metadata, dict) or set(metadata) != labels | {"format", "format_version", _DIGEST}:
        raise BadHeader("has not the labels of such a file", where=where, fix=ENCODE_AGAIN)
    if not all(isinstance(value, str) for value in metadata.values()):
        raise BadHeader("has labels that are no text", where=where, fix=ENCODE_AGAIN)
    rows = _rows(header.get(columns[0].name))
    if header.keys() - {_METADATA} != {column.name for column in columns} or rows < 0:
        raise WrongLayout("has not the tensors of such a file", where=where, fix=ENCODE_AGAIN)
    start = 0
    for column in columns:
        end = start + rows * column.row_bytes
        wanted = {"dtype": column.kind, "shape": [rows, *column.width], "data_offsets": [start, end]}
        if not _same(header[column.name], wanted):
            fault = "has a tensor of another type, shape or place"
            raise WrongLayout(fault, where=f"{where}, tensor {column.name}", fix=ENCODE_AGAIN)
        start = end
    rest = {key: value for key, value in metadata.items() if key != _DIGEST}
    return BorderHeader(rows, rest, metadata[_DIGEST])


def require_format(header: BorderHeader, kind: str, where: str) -> None:
    """WrongFormat unless it is a file of that kind, in the version that this server reads."""
    if header.metadata["format"] != kind:
        raise WrongFormat(f"is no {kind} file", where=where, fix=ENCODE_AGAIN)
    if header.metadata["format_version"] != FORMAT_VERSION:
        fix = "use the version of waylink that the co-op's server has"
        raise WrongFormat("is in a version of the format that this server does not read", where=where, fix=fix)


def _rows(entry: object) -> int:
    shape = entry.get("shape") if isinstance(entry, dict) else None
    first = shape[0] if isinstance(shape, list) and shape else None
    return first if type(first) is int else -1


def _same(found: object, wanted: object) -> bool:
    """Equal as JSON is: `true` is not 1."""
    if isinstance(wanted, dict):
        return (
            isinstance(found, dict)
            and found.keys() == wanted.keys()
            and all(_same(found[k], wanted[k]) for k in wanted)
        )
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(_same, found, wanted))
    return type(found) is type(wanted) and found == wanted


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError
    return dict(pairs)


def _refuse(_text: str) -> NoReturn:
    raise ValueError
