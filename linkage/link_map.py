"""The link map: which link id each record token got in a run. One file a member, its own records only."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from linkage.clustering.groups import Groups
from linkage.errors import BadInput
from schemas.encodings import TOKEN_BYTES, Tokens
from schemas.errors import BrokenFile, FileMissing

LINK_ID_BYTES = 16  # 128 random bits: says nothing, and never meets another run's
COLUMNS = ("token", "link_id")
_DIGITS = np.frombuffer(bytes(range(256)).hex().encode(), np.uint8).reshape(256, 2)  # of each byte, hexadecimal
_LEAST_KEY = 16  # bytes: 128 bits cannot be tried out
_FOR_RECIPIENT = b"waylink-recipnt"  # BLAKE2b's personalisation, up to 16 bytes: no other use of a key gives these ids


@dataclass(frozen=True, eq=False)
class LinkMap:
    """A member's records and the link ids of one run.

    Attributes:
        tokens: uint8 (n, 16).
        link_ids: uint8 (n, 16); equal for records held to be one person, random per run.
    """

    tokens: Tokens
    link_ids: NDArray[np.uint8]


def draw_link_maps(
    groups: Groups, tokens: Sequence[Tokens], random_bytes: Callable[[int], bytes]
) -> tuple[LinkMap, ...]:
    """Give every person of a run a random link id, and each member the map of its own records."""
    drawn = np.frombuffer(random_bytes(groups.people * LINK_ID_BYTES), np.uint8).reshape(-1, LINK_ID_BYTES)
    return tuple(LinkMap(own, drawn[groups.of_member(m)]) for m, own in enumerate(tokens))


def for_recipient(link_map: LinkMap, key: bytes, member: str) -> LinkMap:
    """The map of one recipient: its link ids drawn again, so that two members' maps cannot be joined with each other.

    A new id is BLAKE2b of the member's name and the run's link id, keyed (RFC 7693): equal for equal inputs, so that
    a map can be made again, and random to whoever does not have the key.

    Args:
        link_map: the member's map of a run.
        key: 16 to 64 secret bytes, of this run alone.
        member: whose map it becomes.

    Raises:
        BadInput: a key of another length.
    """
    if not _LEAST_KEY <= len(key) <= hashlib.blake2b.MAX_KEY_SIZE:
        raise BadInput(f"the key must have {_LEAST_KEY} to {hashlib.blake2b.MAX_KEY_SIZE} bytes", where="link map")
    keyed = hashlib.blake2b(member.encode("utf-8"), digest_size=LINK_ID_BYTES, key=key, person=_FOR_RECIPIENT)
    ids, before = bytearray(), link_map.link_ids.tobytes()
    for start in range(0, len(before), LINK_ID_BYTES):
        one = keyed.copy()
        one.update(before[start : start + LINK_ID_BYTES])  # the last 16 bytes: where the name ends is never in doubt
        ids += one.digest()
    return LinkMap(link_map.tokens, np.frombuffer(bytes(ids), np.uint8).reshape(-1, LINK_ID_BYTES))


def link_map_bytes(link_map: LinkMap) -> bytes:
    """`token,link_id` as CSV, by token."""
    both = np.ascontiguousarray(np.concatenate([link_map.tokens, link_map.link_ids], axis=1))
    lines = np.empty((len(both), 2 * both.shape[1] + 2), np.uint8)
    digits = _DIGITS[both[order_in_file(both)]].reshape(len(both), 2 * both.shape[1])
    half = 2 * TOKEN_BYTES
    lines[:, :half], lines[:, half + 1 : -1] = digits[:, :half], digits[:, half:]
    lines[:, half], lines[:, -1] = ord(","), ord("\n")
    return f"{','.join(COLUMNS)}\n".encode() + lines.tobytes()


def order_in_file(tokens: NDArray[np.uint8]) -> NDArray[np.intp]:
    """intp (n,): in which order a link map's file has these tokens, uint8 (n, a multiple of 8)."""
    words = np.ascontiguousarray(tokens).view(">u8")  # as big-endian numbers, bytes and hexadecimal digits sort alike
    return np.lexsort(words.T[::-1])


def write_link_map(link_map: LinkMap, path: Path) -> None:
    """Write `link_map_bytes` to a file."""
    path.write_bytes(link_map_bytes(link_map))


def read_link_map(path: Path) -> LinkMap:
    """Read `token,link_id`.

    Raises:
        FileMissing: there is no such file.
        BrokenFile: it has other columns, or a cell that is no token or link id.
    """
    try:
        return parse_link_map(path.read_bytes(), str(path))
    except FileNotFoundError:
        raise FileMissing("no such link map", where=str(path)) from None


def parse_link_map(data: bytes, where: str) -> LinkMap:
    """The link map that these bytes are.

    Args:
        data: as `link_map_bytes` gives them.
        where: what to call them in an error.

    Raises:
        BrokenFile: other columns, or a cell that is no token or link id.
    """
    try:
        header, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        if tuple(header) != COLUMNS:
            raise ValueError
        tokens, link_ids = (_bytes_of([row[column] for row in rows]) for column in (0, 1))
    except (ValueError, IndexError, csv.Error):
        raise BrokenFile("is not a link map (token,link_id)", where=where) from None
    return LinkMap(tokens, link_ids)


def people_of(link_maps: Sequence[LinkMap]) -> list[NDArray[np.int64]]:
    """Number the people of a run: int64 (n,) for each map, equal numbers for equal link ids."""
    everyone = np.concatenate([link_map.link_ids for link_map in link_maps])
    _, number = np.unique(np.ascontiguousarray(everyone).view("V16").ravel(), return_inverse=True)
    return np.split(number.astype(np.int64), np.cumsum([len(link_map.tokens) for link_map in link_maps])[:-1])


def _bytes_of(texts: Sequence[str]) -> NDArray[np.uint8]:
    if any(len(text) != 2 * TOKEN_BYTES for text in texts):
        raise ValueError
    return np.frombuffer(bytes.fromhex("".join(texts)), np.uint8).reshape(-1, TOKEN_BYTES)
