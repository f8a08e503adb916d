"""What a linking run found, as it is kept sealed: all link maps, the key that makes each one's own of them,
and what counting takes beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from linkage.elsewhere import Elsewhere
from linkage.link_detail import NO_DETAIL, LinkDetail, detail_from
from linkage.link_map import LinkMap, for_recipient
from schemas.errors import DataFault
from server.domain.errors import ServerError

RECIPIENT_KEY_BYTES = 32  # BLAKE2b's, of one run alone
_KEY = "recipient_key"  # no member's array: theirs have a dot
_TOKENS, _LINK_IDS, _ANSWERS = ".tokens", ".link_ids", ".elsewhere"


class LinksBroken(ServerError, DataFault):
    """What should be a run's link maps is something else."""


@dataclass(frozen=True, eq=False, repr=False)
class RunLinks:
    """The link maps of a run, with link ids that no member ever sees: who has two maps could join them.

    Attributes:
        recipient_key: 32 bytes from which each member's own link ids are drawn.
        maps: by member.
        detail: what counting takes beside them, in the maps' order; no member gets it. None of a run by an earlier
            server.
        answers: by member bool (n,): the randomised answers about its own records; empty where the agreement does not
            ask for them.
    """

    recipient_key: bytes
    maps: Mapping[str, LinkMap]
    detail: LinkDetail = NO_DETAIL
    answers: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)

    def of_member(self, member: str) -> LinkMap:
        """The map that a member gets: its own records, under link ids of its own (`linkage.link_map.for_recipient`)."""
        return for_recipient(self.maps[member], self.recipient_key, member)

    def elsewhere_of(self, member: str) -> Elsewhere | None:
        """The answers that a member gets, about its own records; None where the run drew none."""
        drawn = self.answers.get(member)
        return None if drawn is None else Elsewhere(self.maps[member].tokens, drawn)


def pack_links(links: RunLinks) -> bytes:
    """Link maps as bytes, equal for equal maps: one safetensors file with the key, each member's two arrays, and the
    detail's."""
    arrays: dict[str, NDArray[Any]] = {_KEY: np.frombuffer(links.recipient_key, np.uint8), **links.detail.arrays()}
    for member, link_map in links.maps.items():
        arrays[member + _TOKENS] = np.ascontiguousarray(link_map.tokens)
        arrays[member + _LINK_IDS] = np.ascontiguousarray(link_map.link_ids)
    arrays |= {member + _ANSWERS: drawn.astype(np.uint8) for member, drawn in links.answers.items()}
    return save(arrays)


def unpack_links(data: bytes) -> RunLinks:
    """The link maps that `pack_links` packed.

    Raises:
        LinksBroken: these bytes are nothing that it packs.
    """
    try:
        arrays = load(data)
        key = arrays.pop(_KEY).tobytes()
        members = [name.removesuffix(_TOKENS) for name in arrays if name.endswith(_TOKENS)]
        maps = {one: LinkMap(arrays[one + _TOKENS], arrays[one + _LINK_IDS]) for one in sorted(members)}
        detail = detail_from(arrays, {name: one.tokens for name, one in maps.items()})
        answers = {one: arrays[one + _ANSWERS].astype(bool) for one in maps if one + _ANSWERS in arrays}
    except (SafetensorError, KeyError, ValueError):
        raise LinksBroken("these are not the link maps of a run", fix="link again") from None
    return RunLinks(key, maps, detail, answers)
