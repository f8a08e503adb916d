"""The link map: which link id each record token got in a run. One file a member, its own records only."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from linkage.clustering.groups import Groups
from schemas.encodings import TOKEN_BYTES, Tokens, token_text
from schemas.errors import BrokenFile, FileMissing

LINK_ID_BYTES = 16  # 128 random bits: says nothing, and never meets another run's
COLUMNS = ("token", "link_id")


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


def write_link_map(link_map: LinkMap, path: Path) -> None:
    """Write `token,link_id` as CSV, by token."""
    lines = sorted(
        (token_text(token), token_text(link_id))
        for token, link_id in zip(link_map.tokens, link_map.link_ids, strict=True)
    )
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(lines)


def read_link_map(path: Path) -> LinkMap:
    """Read `token,link_id`.

    Raises:
        FileMissing: there is no such file.
        BrokenFile: it has other columns, or a cell that is no token or link id.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            header, *rows = csv.reader(file)
        if tuple(header) != COLUMNS:
            raise ValueError
        tokens, link_ids = (_bytes_of([row[column] for row in rows]) for column in (0, 1))
    except FileNotFoundError:
        raise FileMissing("no such link map", where=str(path)) from None
    except (ValueError, IndexError, csv.Error):
        raise BrokenFile("is not a link map (token,link_id)", where=str(path)) from None
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
